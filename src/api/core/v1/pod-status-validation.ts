import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsSubdomain, qualifiedName } from '../../field-checks'
import { ipAddress, isIP, repeatsFamily } from '../../ip-checks'
import { immutable } from '../../strategies'
import { validateContainerStatuses, validateExtendedClaim } from './container-status-validation'
import type { Container, ContainerStatus, Pod, PodSpec } from './types'

const systemConditions = new Set(['PodScheduled', 'Ready', 'Initialized'])

export function validatePodStatusUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const at = errors.at('status')
  const { status, spec } = pod
  const conditions = status.conditions
  if (conditions) {
    for (let i = 0; i < conditions.length; i++) {
      const { type, observedGeneration = 0 } = conditions[i]!
      if (observedGeneration < 0) at.at('conditions', i, 'observedGeneration').invalid(observedGeneration, 'must be a non-negative integer')
      if (!systemConditions.has(type)) qualifiedName(at.at('conditions', i), 'Type', type)
    }
  }
  const nominated = status.nominatedNodeName
  if (nominated && nominated !== old.status.nominatedNodeName) {
    dnsSubdomain(at, 'nominatedNodeName', nominated)
    if (old.spec.nodeName) at.at('nominatedNodeName').forbidden('may not be set on pods that are already bound to a node')
  }
  if ((status.observedGeneration ?? 0) < 0) at.at('observedGeneration').invalid(status.observedGeneration, 'must be a non-negative integer')
  immutable(at, 'qosClass', status.qosClass ?? '', old.status.qosClass ?? '')
  validateTransitions(status.containerStatuses, old.status.containerStatuses, old.spec, old.spec.containers, at.at('containerStatuses'))
  validateTransitions(status.initContainerStatuses, old.status.initContainerStatuses, old.spec, old.spec.initContainers, at.at('initContainerStatuses'))
  validateTransitions(status.ephemeralContainerStatuses, old.status.ephemeralContainerStatuses, { ...old.spec, restartPolicy: 'Never' }, [], at.at('ephemeralContainerStatuses'))
  const claims = new Set<string>()
  for (const [i, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const here = at.at('resourceClaimStatuses', i)
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) here.at('name').invalid(name, 'must match the name of an entry in `spec.resourceClaims`')
    if (claims.has(name)) here.at('name').duplicate(name)
    claims.add(name)
    if (resourceClaimName !== undefined) dnsSubdomain(here, 'resourceClaimName', resourceClaimName)
  }
  if (status.extendedResourceClaimStatus) validateExtendedClaim(status.extendedResourceClaimStatus, spec, at.at('extendedResourceClaimStatus'))
  validateAddresses('podIPs', status.podIPs, old.status.podIPs, at)
  if (status.hostIPs?.length && (status.hostIP ?? '') !== status.hostIPs[0]!.ip) at.at('hostIPs', 0, 'ip').invalid(status.hostIPs[0]!.ip, 'must be equal to `hostIP`')
  validateAddresses('hostIPs', status.hostIPs, old.status.hostIPs, at)
  validateContainerStatuses(status.containerStatuses, spec, spec.containers ?? [], at.at('containerStatuses'))
  validateContainerStatuses(status.initContainerStatuses, spec, spec.initContainers ?? [], at.at('initContainerStatuses'))
  validateContainerStatuses(status.ephemeralContainerStatuses, spec, undefined, at.at('ephemeralContainerStatuses'))
}

/** What has ended stays ended, unless the restart policy brings it back. */
function validateTransitions(
  now: readonly ContainerStatus[] | undefined, old: readonly ContainerStatus[] | undefined, spec: PodSpec, containers: readonly Container[] | undefined, errors: FieldErrors,
): void {
  if (!old || spec.restartPolicy === 'Always') return
  for (const [i, before] of old.entries()) {
    const terminated = before.state.terminated
    if (!terminated) continue
    const container = containers?.find((candidate) => candidate.name === before.name)
    const policy = container?.restartPolicy ?? spec.restartPolicy
    if (policy === 'Always' || (policy === 'OnFailure' && terminated.exitCode !== 0) || container?.restartPolicyRules?.length) continue
    const after = now?.find((status) => status.name === before.name)
    if (after && !after.state.terminated) errors.at(i, 'state').forbidden('may not be transitioned to non-terminated state')
  }
}

/** What stands there already may stay, however it is written. */
function validateAddresses(field: 'podIPs' | 'hostIPs', addresses: readonly { ip: string }[] | undefined, old: readonly { ip: string }[] | undefined, errors: FieldErrors): void {
  if (!addresses?.length) return
  const ips = addresses.map(({ ip = '' }) => ip)
  const known = (old ?? []).map(({ ip = '' }) => ip)
  for (const [i, ip] of ips.entries()) ipAddress(errors.at(field), i, ip, known)
  if (ips.length < 2) return
  const bad = ips.findIndex((ip) => !isIP(ip))
  if (bad >= 0) errors.at(field).internal(`failed to check for dual stack with error:invalid IP[${bad}]: ${ips[bad]}`)
  if (bad >= 0 || repeatsFamily(ips)) errors.at(field).invalid(ips.map((IP) => ({ IP })), 'may specify no more than one IP for each IP family')
}
