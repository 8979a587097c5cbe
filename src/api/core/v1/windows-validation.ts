// What only Windows pods may say, and what they may not.
import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsSubdomain } from '../../field-checks'
import { eachContainer } from './pod-containers'
import type { PodSpec, WindowsSecurityContextOptions } from './types'

const control = /\p{Cc}/u
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const domainName = new RegExp(`^${label}(?:\\.${label})*$`)

export function validateWindowsOptions(options: WindowsSecurityContextOptions, errors: FieldErrors): void {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options
  if (gmsaCredentialSpecName !== undefined) dnsSubdomain(errors, 'gmsaCredentialSpecName', gmsaCredentialSpecName)
  if (gmsaCredentialSpec === '') errors.at('gmsaCredentialSpec').invalid('', 'gmsaCredentialSpec cannot be an empty string')
  else if (gmsaCredentialSpec && gmsaCredentialSpec.length > 65536) {
    errors.at('gmsaCredentialSpec').invalid(gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB')
  }
  if (runAsUserName !== undefined) validateUserName(runAsUserName, errors.at('runAsUserName'))
}

function validateUserName(name: string, errors: FieldErrors): void {
  const wrong = (detail: string): void => errors.invalid(name, `runAsUserName${detail}`)
  if (name === '') return wrong(' cannot be an empty string')
  if (control.test(name)) return wrong(' cannot contain control characters')
  const parts = name.split('\\')
  if (parts.length > 2) return wrong(' cannot contain more than one backslash')
  const user = parts.at(-1)!
  const domain = parts.length === 2 ? parts[0]! : undefined
  if (domain && domain.length >= 256) wrong("'s Domain length must be under 256 characters")
  if (domain !== undefined && !netBios.test(domain) && !domainName.test(domain)) wrong("'s Domain doesn't match the NetBios nor the DNS format")
  if (user === '') wrong("'s User cannot be empty")
  else if (user.length > 104) wrong("'s User length must not be longer than 104 characters")
  if (/^[. ]+$/.test(user)) wrong("'s User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) wrong(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
}

export function validateHostProcess(spec: PodSpec, errors: FieldErrors): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let all = 0
  let hostProcesses = 0
  eachContainer(spec, (container, list, i) => {
    all++
    const own = container.securityContext?.windowsOptions?.hostProcess
    if (ofPod !== undefined && own !== undefined && own !== ofPod) {
      errors.at(list, i, 'securityContext', 'windowsOptions', 'hostProcess').invalid(own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`)
    }
    if (own ?? ofPod) hostProcesses++
  })
  if (hostProcesses === 0) return
  if (hostProcesses !== all) errors.invalid('', 'If pod contains any hostProcess containers then all containers must be HostProcess containers')
  if (!spec.hostNetwork) errors.at('hostNetwork').invalid(false, 'hostNetwork must be true if pod contains any hostProcess containers')
}

const podFields = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const
const podContextFields = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup',
  'supplementalGroups', 'supplementalGroupsPolicy', 'seLinuxChangePolicy',
] as const
const containerFields = [
  'appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation',
  'procMount', 'runAsUser', 'runAsGroup',
] as const

export function validateOs(spec: PodSpec, errors: FieldErrors): void {
  const name = spec.os?.name
  if (!name) return errors.at('os', 'name').required()
  if (name === 'linux') return validateLinux(spec, errors)
  if (name !== 'windows') return errors.at('os').notSupported(name, ['linux', 'windows'])
  const no = 'cannot be set for a windows pod'
  for (const field of podFields) if (spec[field] !== undefined && spec[field] !== (field === 'hostPID' || field === 'hostIPC' ? false : undefined)) errors.at(field).forbidden(no)
  for (const field of podContextFields) if (spec.securityContext?.[field] !== undefined) errors.at('securityContext', field).forbidden(no)
  eachContainer(spec, (container, list, i) => {
    for (const field of containerFields) {
      if (container.securityContext?.[field] !== undefined) errors.at(list, i, 'securityContext', field).forbidden(no)
    }
  })
}

function validateLinux(spec: PodSpec, errors: FieldErrors): void {
  const no = 'windows options cannot be set for a linux pod'
  if (spec.securityContext?.windowsOptions) errors.at('securityContext', 'windowsOptions').forbidden(no)
  eachContainer(spec, (container, list, i) => {
    if (container.securityContext?.windowsOptions) errors.at(list, i, 'securityContext', 'windowsOptions').forbidden(no)
  })
}
