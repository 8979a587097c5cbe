// What kubelets report of containers: who they run as, and how the devices are that they were given.
import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, inRange } from '../../field-checks'
import type { Container, ContainerExtendedResourceRequest, ContainerStatus, PodExtendedResourceClaimStatus, PodSpec, ResourceStatus } from './types'

const highest = 2147483647
const healths = ['Healthy', 'Unhealthy', 'Unknown']
const longestMessage = 1024

/** `containers`: of the sort that the statuses are of; nothing for ephemeral ones, which are given nothing. */
export function validateContainerStatuses(statuses: readonly ContainerStatus[] | undefined, spec: PodSpec, containers: readonly Container[] | undefined, errors: FieldErrors): void {
  if (!statuses) return
  for (let i = 0; i < statuses.length; i++) {
    const { user, name, allocatedResourcesStatus: given } = statuses[i]!
    const linux = user?.linux
    if (linux) {
      const at = errors.at(i, 'user', 'linux')
      if (spec.os?.name === 'windows') at.forbidden('cannot be set for a windows pod')
      else {
        inRange(at, 'uid', linux.uid, 0, highest)
        inRange(at, 'gid', linux.gid, 0, highest)
        for (const [j, group] of (linux.supplementalGroups ?? []).entries()) inRange(at.at('supplementalGroups'), j, group, 0, highest)
      }
    }
    if (!given?.length) continue
    const at = errors.at(i, 'allocatedResourcesStatus')
    if (!containers) at.forbidden('must not be specified in container status')
    else for (const [j, resource] of given.entries()) validateGiven(resource, containers.find((container) => container.name === name), at.at(j))
  }
}

function validateGiven({ name, resources = [] }: ResourceStatus, container: Container | undefined, errors: FieldErrors): void {
  if (container) {
    if (!name.startsWith('claim:')) {
      if (container.resources.requests?.[name] === undefined) errors.at('name').invalid(name, "must match one of the container's resource requests")
    } else if (!container.resources.claims?.some((claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`)) {
      errors.at('name').invalid(name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty")
    }
  }
  const seen = new Set<string>()
  for (const [i, { resourceID, health = '', message }] of resources.entries()) {
    const at = errors.at('resources', i)
    if (!healths.includes(health)) at.at('health').notSupported(health, healths)
    if (message === '') at.at('message').required('must be non-empty if specified')
    else if (message !== undefined && byteLength(message) > longestMessage) at.at('message').tooLong(longestMessage)
    if (seen.has(resourceID)) at.at('resourceID').duplicate(resourceID)
    seen.add(resourceID)
  }
}

/** The claim that stands for devices which containers asked for as extended resources. */
export function validateExtendedClaim({ requestMappings, resourceClaimName }: PodExtendedResourceClaimStatus, { containers, initContainers }: PodSpec, errors: FieldErrors): void {
  const mappings: readonly ContainerExtendedResourceRequest[] = requestMappings ?? []
  if (mappings.length === 0) errors.at('requestMappings').required('at least one request mapping is required')
  const seen = new Set<string>()
  for (const [i, { containerName, resourceName, requestName }] of mappings.entries()) {
    const at = errors.at('requestMappings', i)
    const container = [...(containers ?? []), ...(initContainers ?? [])].find(({ name }) => name === containerName)
    if (!container) at.at('containerName').invalid(containerName, 'must match the name of an entry in spec.initContainers.name or spec.containers.name')
    else if (container.resources.requests?.[resourceName] === undefined) {
      at.at('resourceName').invalid(resourceName, 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests')
    }
    // The path is the original's.
    dnsLabel(errors, 'requestName', requestName)
    const key = JSON.stringify([containerName, resourceName, requestName])
    if (seen.has(key)) {
      at.at('containerName').duplicate(containerName)
      at.at('resourceName').duplicate(resourceName)
      at.at('requestName').duplicate(requestName)
    }
    seen.add(key)
  }
  if (!resourceClaimName) errors.at('resourceClaimName').required()
  else dnsSubdomain(errors, 'resourceClaimName', resourceClaimName)
}
