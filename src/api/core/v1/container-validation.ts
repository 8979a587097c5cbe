// Containers, init containers and ephemeral containers: what they share, and what each sort may not say.
import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsLabel, oneOf, optionalOneOf, portNumber, report } from '../../field-checks'
import { isPortName } from '#apimachinery/names'
import { validateEnv, validateEnvFrom } from './env-validation'
import { isRestartable } from './pod-containers'
import { validateLifecycle, validateLivenessOrStartupProbe, validateReadinessProbe } from './probe-validation'
import { validateResizePolicy, validateResources } from './resource-requirements-validation'
import { validateSecurityContext } from './security-context-validation'
import { validateVolumeDevices, validateVolumeMounts } from './volume-mount-validation'
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from './types'

type Volumes = ReadonlyMap<string, Volume>
const terminationMessagePolicies = ['File', 'FallbackToLogsOnError']
const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const protocols = ['SCTP', 'TCP', 'UDP']

export function validateContainers(spec: PodSpec, volumes: Volumes, errors: FieldErrors): void {
  const { containers } = spec
  if (!containers?.length) return errors.required()
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!
    const at = errors.at(i)
    validateCommon(container, spec, volumes, at)
    if (isRepeated(containers, i)) at.at('name').duplicate(container.name)
    validateHooksAndProbes(container, spec, at)
    validateRestartPolicy(container, at)
  }
  validateHostPorts(containers, errors)
}

export function validateInitContainers(spec: PodSpec, volumes: Volumes, errors: FieldErrors): void {
  const containers = spec.initContainers!
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!
    const at = errors.at(i)
    validateCommon(container, spec, volumes, at)
    if (container.restartPolicy !== undefined) validateRestartPolicy(container, at)
    else if (container.restartPolicyRules?.length) at.at('restartPolicy').required(rulesNeedPolicy)
    if (isRepeated(containers, i) || hasName(spec.containers, container.name)) at.at('name').duplicate(container.name)
    validateHostPorts([container], errors)
    if (isRestartable(container)) {
      validateHooksAndProbes(container, spec, at)
      continue
    }
    for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[field]) at.at(field).forbidden('may not be set for init containers without restartPolicy=Always')
    }
    for (const [j, policy] of (container.resizePolicy ?? []).entries()) {
      if (policy.restartPolicy !== 'RestartContainer') continue
      at.at('resizePolicy', j, 'restartPolicy').invalid(policy.restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")
    }
  }
}

/** What an ephemeral container may say; everything else would be a promise that nobody keeps for it. */
const ephemeralFields = new Set([
  'name', 'image', 'command', 'args', 'workingDir', 'envFrom', 'env', 'volumeMounts', 'volumeDevices', 'terminationMessagePath',
  'terminationMessagePolicy', 'imagePullPolicy', 'securityContext', 'stdin', 'stdinOnce', 'tty', 'targetContainerName',
])

export function validateEphemeralContainers(spec: PodSpec, volumes: Volumes, errors: FieldErrors): void {
  const containers = spec.ephemeralContainers!
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i]!
    const at = errors.at(i)
    validateCommon(container, spec, volumes, at)
    validateImageOfPod(container, at)
    const { name, targetContainerName } = container
    if (isRepeated(containers, i) || hasName(spec.containers, name) || hasName(spec.initContainers, name)) at.at('name').duplicate(name)
    if (targetContainerName && !hasName(spec.containers, targetContainerName) && !hasName(spec.initContainers, targetContainerName)) {
      at.at('targetContainerName').notFound(targetContainerName)
    }
    for (const field in container) {
      const value = container[field as keyof EphemeralContainer]
      // Resources are there always; lists that hold nothing say nothing.
      const empty = value === undefined || value === null || ((field === 'resources' || Array.isArray(value)) && Object.keys(value).length === 0)
      if (!ephemeralFields.has(field) && !empty) at.at(field).forbidden('cannot be set for an Ephemeral Container')
    }
    for (const [j, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) at.at('volumeMounts', j, 'subPath').forbidden('cannot be set for an Ephemeral Container')
      if (mount.subPathExpr) at.at('volumeMounts', j, 'subPathExpr').forbidden('cannot be set for an Ephemeral Container')
    }
  }
}

/** Templates may carry an image that a later step trims; pods may not. */
export function validateImageOfPod({ image }: { image?: string }, errors: FieldErrors): void {
  if (image && image.trim().length !== image.length) errors.at('image').invalid(image, 'must not have leading or trailing whitespace')
}

function validateCommon(container: Container, spec: PodSpec, volumes: Volumes, errors: FieldErrors): void {
  if (!container.name) errors.at('name').required()
  else dnsLabel(errors, 'name', container.name)
  if (!container.image) errors.at('image').required()
  oneOf(errors, 'terminationMessagePolicy', container.terminationMessagePolicy, terminationMessagePolicies)
  if (container.ports) validatePorts(container.ports, errors.at('ports'))
  if (container.env) validateEnv(container.env, errors.at('env'))
  if (container.envFrom) validateEnvFrom(container.envFrom, errors.at('envFrom'))
  if (container.volumeMounts) validateVolumeMounts(container, volumes, errors.at('volumeMounts'))
  if (container.volumeDevices) validateVolumeDevices(container.volumeDevices, container.volumeMounts, volumes, errors.at('volumeDevices'))
  oneOf(errors, 'imagePullPolicy', container.imagePullPolicy, pullPolicies)
  const { limits, requests, claims } = container.resources
  if (limits || requests || claims) validateResources(container.resources, spec.resourceClaims, errors.at('resources'))
  if (container.resizePolicy) validateResizePolicy(container.resizePolicy, spec.restartPolicy, errors.at('resizePolicy'))
  if (container.securityContext) validateSecurityContext(container.securityContext, spec.hostUsers !== false, errors.at('securityContext'))
}

function validateHooksAndProbes(container: Container, spec: PodSpec, errors: FieldErrors): void {
  if (container.lifecycle) validateLifecycle(container.lifecycle, spec, errors.at('lifecycle'))
  if (container.livenessProbe) validateLivenessOrStartupProbe(container.livenessProbe, errors.at('livenessProbe'))
  if (container.readinessProbe) validateReadinessProbe(container.readinessProbe, errors.at('readinessProbe'))
  if (container.startupProbe) validateLivenessOrStartupProbe(container.startupProbe, errors.at('startupProbe'))
}

function validatePorts(ports: readonly ContainerPort[], errors: FieldErrors): void {
  for (let i = 0; i < ports.length; i++) {
    const { name, containerPort, hostPort, protocol } = ports[i]!
    if (name) {
      const messages = isPortName(name)
      if (messages.length > 0) report(errors.at(i), 'name', name, messages)
      else if (isRepeated(ports, i)) errors.at(i, 'name').duplicate(name)
    }
    if (!containerPort) errors.at(i, 'containerPort').required()
    else if (containerPort < 1 || containerPort > 65535) portNumber(errors.at(i), 'containerPort', containerPort)
    if (hostPort && (hostPort < 1 || hostPort > 65535)) portNumber(errors.at(i), 'hostPort', hostPort)
    if (!protocol || !protocols.includes(protocol)) oneOf(errors.at(i), 'protocol', protocol, protocols)
  }
}

function validateHostPorts(containers: readonly Container[], errors: FieldErrors): void {
  let seen: Set<string> | undefined
  for (const [i, { ports }] of containers.entries()) {
    for (const [j, { protocol, hostIP, hostPort }] of (ports ?? []).entries()) {
      if (!hostPort) continue
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`
      seen ??= new Set()
      if (seen.has(key)) errors.at(i, 'ports', j, 'hostPort').duplicate(key)
      seen.add(key)
    }
  }
}

const rulesNeedPolicy = 'must specify restartPolicy when restart rules are used'

function validateRestartPolicy({ restartPolicy, restartPolicyRules = [] }: Container, errors: FieldErrors): void {
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return
    errors.at('restartPolicy').required(rulesNeedPolicy)
  }
  optionalOneOf(errors, 'restartPolicy', restartPolicy, ['Always', 'Never', 'OnFailure'])
  if (restartPolicyRules.length > 20) errors.at('restartPolicyRules').tooMany(restartPolicyRules.length, 20)
  for (const [i, { action, exitCodes }] of restartPolicyRules.entries()) {
    const at = errors.at('restartPolicyRules', i)
    optionalOneOf(at, 'action', action ?? '', ['Restart', 'RestartAllContainers'])
    if (!exitCodes) {
      at.at('exitCodes').required('must be specified')
      continue
    }
    optionalOneOf(at.at('exitCodes'), 'operator', exitCodes.operator ?? '', ['In', 'NotIn'])
    const count = exitCodes.values?.length ?? 0
    if (count > 255) at.at('exitCodes', 'values').tooMany(count, 255)
  }
}

type Named = { readonly name?: string }

function isRepeated(list: readonly Named[], index: number): boolean {
  const name = list[index]!.name
  for (let i = 0; i < index; i++) if (list[i]!.name === name) return true
  return false
}
const hasName = (list: readonly Named[] | undefined, name: string): boolean => list?.some((item) => item.name === name) ?? false
