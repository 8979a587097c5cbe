import type { FieldErrors } from '#apimachinery/field-errors'
import { inRange, optionalOneOf } from '../../field-checks'
import { descending } from './path-checks'
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, Sysctl } from './types'
import { validateWindowsOptions } from './windows-validation'

const maxId = 2147483647
function id(errors: FieldErrors, field: string | number, value: number | undefined): void {
  if (value !== undefined) inRange(errors, field, value, 0, maxId)
}

export function validateSecurityContext(context: SecurityContext, hostUsers: boolean, errors: FieldErrors): void {
  const { capabilities, privileged, procMount, allowPrivilegeEscalation } = context
  id(errors, 'runAsUser', context.runAsUser)
  id(errors, 'runAsGroup', context.runAsGroup)
  if (procMount !== undefined) {
    optionalOneOf(errors, 'procMount', procMount, ['Default', 'Unmasked'])
    if (hostUsers && procMount === 'Unmasked') errors.at('procMount').invalid(procMount, '`hostUsers` must be false to use `Unmasked`')
  }
  if (context.seccompProfile) validateSeccomp(context.seccompProfile, errors.at('seccompProfile'))
  if (allowPrivilegeEscalation === false) {
    if (privileged) errors.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true')
    for (const capability of capabilities?.add ?? []) {
      if (capability === 'CAP_SYS_ADMIN') errors.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')
    }
  }
  if (context.windowsOptions) validateWindowsOptions(context.windowsOptions, errors.at('windowsOptions'))
  if (context.appArmorProfile) validateAppArmor(context.appArmorProfile, errors.at('appArmorProfile'))
}

export function validatePodSecurityContext(spec: PodSpec, errors: FieldErrors): void {
  const context = spec.securityContext
  id(errors, 'fsGroup', context.fsGroup)
  id(errors, 'runAsUser', context.runAsUser)
  id(errors, 'runAsGroup', context.runAsGroup)
  const groups = context.supplementalGroups
  if (groups) for (let i = 0; i < groups.length; i++) if (groups[i]! < 0 || groups[i]! > maxId) id(errors.at('supplementalGroups'), i, groups[i])
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.at('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled')
  }
  if (context.sysctls) validateSysctls(context.sysctls, spec, errors.at('sysctls'))
  optionalOneOf(errors, 'fsGroupChangePolicy', context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'])
  if (context.seccompProfile) validateSeccomp(context.seccompProfile, errors.at('seccompProfile'))
  if (context.windowsOptions) validateWindowsOptions(context.windowsOptions, errors.at('windowsOptions'))
  if (context.appArmorProfile) validateAppArmor(context.appArmorProfile, errors.at('appArmorProfile'))
  optionalOneOf(errors, 'supplementalGroupsPolicy', context.supplementalGroupsPolicy, ['Merge', 'Strict'])
  optionalOneOf(errors, 'seLinuxChangePolicy', context.seLinuxChangePolicy, ['Recursive'])
}

function validateSeccomp(profile: SeccompProfile, errors: FieldErrors): void {
  const { type, localhostProfile } = profile
  if (!type) errors.at('type').required('type is required when seccompProfile is set')
  else optionalOneOf(errors, 'type', type, ['Localhost', 'RuntimeDefault', 'Unconfined'])
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.at('localhostProfile').required('must be set when seccomp type is Localhost')
    else descending(errors, 'localhostProfile', localhostProfile)
  } else if (localhostProfile !== undefined) {
    errors.at('localhostProfile').invalid({ Type: type, LocalhostProfile: localhostProfile }, 'can only be set when seccomp type is Localhost')
  }
}

function validateAppArmor({ type, localhostProfile }: AppArmorProfile, errors: FieldErrors): void {
  if (!type) return errors.at('type').required('type is required when appArmorProfile is set')
  optionalOneOf(errors, 'type', type, ['Localhost', 'RuntimeDefault', 'Unconfined'])
  const at = errors.at('localhostProfile')
  if (type === 'Localhost') {
    const trimmed = localhostProfile?.trim()
    if (!localhostProfile) return at.required('must be set when AppArmor type is Localhost')
    if (trimmed !== localhostProfile) at.invalid(localhostProfile, 'must not be padded with whitespace')
    if (localhostProfile.length > 4095) at.tooLong(4095)
  } else if ((type === 'RuntimeDefault' || type === 'Unconfined') && localhostProfile !== undefined) {
    at.invalid(localhostProfile, 'can only be set when AppArmor type is Localhost')
  }
}

const segment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlPattern = `^(${segment}[\\./])*${segment}$`
const sysctlName = new RegExp(sysctlPattern)

function validateSysctls(sysctls: readonly Sysctl[], spec: PodSpec, errors: FieldErrors): void {
  const seen = new Set<string>()
  for (let i = 0; i < sysctls.length; i++) {
    const { name } = sysctls[i]!
    const at = errors.at(i, 'name')
    if (!name) at.required()
    else if (name.length > 253 || !sysctlName.test(name)) at.invalid(name, `must have at most 253 characters and match regex ${sysctlPattern}`)
    else if (seen.has(name)) at.duplicate(name)
    const dotted = name.replaceAll('/', '.')
    if (spec.hostNetwork && dotted.startsWith('net.')) at.invalid(name, "may not be specified when 'hostNetwork' is true")
    if (spec.hostIPC && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) at.invalid(name, "may not be specified when 'hostIPC' is true")
    seen.add(name)
  }
}
