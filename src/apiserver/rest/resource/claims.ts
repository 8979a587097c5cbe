import type { Namespace } from '#api/core/v1/types'
import { semanticallyEqual } from '#api/semantic-equality'
import type { AllocatedDeviceStatus, AllocationResult, DeviceClaim, ResourceClaim, ResourceClaimStatus, ResourceClaimTemplate } from '#api/resource/v1/types'
import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Subdomain } from '#apimachinery/names'
import type { Attributes, Authorizer } from '../../authorization/authorizer'
import { forbiddenError } from '../../authorization/forbidden'
import { objectOf } from '../../cache/entry'
import { cacheOf, type Registry } from '../../registry/registry'
import type { WriteRequest } from '../../registry/write'
import type { Rest } from '../rest'
import { checkRequested } from './selectors'

const adminLabel = 'resource.kubernetes.io/admin-access'
const needsLabel = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`
const nodeNameKey = 'authentication.kubernetes.io/node-name'

/**
 * Devices that others use already are given to namespaces with a label alone. Who writes down an allocation, or what a driver says of
 * a device, needs permissions of their own beside that for the status.
 */
export function resourceClaimRests(registry: () => Registry, authorizer: Authorizer | undefined): Rest<any>[] {
  return [
    {
      group: 'resource.k8s.io', resource: 'resourceclaims',
      async check(claim: ResourceClaim, old: ResourceClaim | undefined, request, errors) {
        if (!old) {
          await checkRequested(claim.spec.devices.requests, request, errors.at('spec', 'devices', 'requests'))
          return checkRequests(registry(), claim.spec.devices, request.namespace, errors)
        }
        if (request.subresource !== 'status') return
        await checkResults(registry(), claim.status, old.status, request.namespace, errors)
        if (!authorizer || !request.enabled('DRAResourceClaimGranularStatusAuthorization')) return
        await checkBinding(authorizer, request, claim.status, old.status, errors)
        if (claim.status.allocation) await checkDevices(authorizer, request, claim.status, old.status, errors)
      },
    },
    {
      group: 'resource.k8s.io', resource: 'resourceclaimtemplates',
      async check(template: ResourceClaimTemplate, old, request, errors) {
        if (old) return
        const { devices } = template.spec.spec
        await checkRequested(devices.requests, request, errors.at('spec', 'spec', 'devices', 'requests'))
        await checkRequests(registry(), devices, request.namespace, errors)
      },
    },
  ]
}

function checkRequests(registry: Registry, { requests }: DeviceClaim, namespace: string, errors: FieldErrors): void | Promise<void> {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess)
  if (index >= 0) return checkNamespace(registry, namespace, errors.at('spec', 'devices', 'requests', index, 'adminAccess'))
}

function checkResults(registry: Registry, status: ResourceClaimStatus, old: ResourceClaimStatus, namespace: string, errors: FieldErrors): void | Promise<void> {
  const granted = ({ allocation }: ResourceClaimStatus): number => (allocation?.devices.results ?? []).findIndex(({ adminAccess }) => adminAccess)
  const index = granted(old) >= 0 ? -1 : granted(status)
  if (index >= 0) return checkNamespace(registry, namespace, errors.at('status', 'allocation', 'devices', 'results', index, 'adminAccess'))
}

async function checkNamespace(registry: Registry, name: string, errors: FieldErrors): Promise<void> {
  const kind = registry.kinds.find('', 'v1', 'namespaces')!
  const entry = (await cacheOf(registry, kind)).get('', name)
  if (!entry) return errors.internal(`could not retrieve namespace to verify admin access: namespaces ${JSON.stringify(name)} not found`)
  if ((objectOf(kind.resource, entry) as Namespace).metadata.labels?.[adminLabel] !== 'true') errors.forbidden(needsLabel)
}

/** Undefined: allowed. */
async function refusal(authorizer: Authorizer, request: WriteRequest, asked: Pick<Attributes, 'verb' | 'subresource' | 'namespace' | 'name'>): Promise<string | undefined> {
  const { kind, user } = request
  const attributes: Attributes = { isResource: true, path: '', group: kind.group, version: kind.version, resource: kind.resource.resource, user, ...asked }
  const { verdict, reason } = await authorizer.authorize(attributes)
  return verdict === 'allow' ? undefined : forbiddenError(attributes, reason).message
}

const verbOf = ({ options }: WriteRequest): string => ((options as { kind?: string }).kind === 'PatchOptions' ? 'patch' : 'update')

async function checkBinding(authorizer: Authorizer, request: WriteRequest, status: ResourceClaimStatus, old: ResourceClaimStatus, errors: FieldErrors): Promise<void> {
  if (semanticallyEqual(status.allocation, old.allocation) && semanticallyEqual(status.reservedFor, old.reservedFor)) return
  const verb = verbOf(request)
  const refused = await refusal(authorizer, request, { verb, subresource: 'binding', namespace: '', name: '' })
  if (refused === undefined) return
  errors.at('status', 'allocation').forbidden(`changing status.allocation or status.reservedFor requires resource="resourceclaims/binding", verb="${verb}" permission: ${refused}`)
}

/** Once a driver whose devices are said something new about. */
async function checkDevices(authorizer: Authorizer, request: WriteRequest, status: ResourceClaimStatus, old: ResourceClaimStatus, errors: FieldErrors): Promise<void> {
  const verb = verbOf(request)
  const local = isOnNode(request.user, nodeOf(status.allocation!))
  const verbs = [...(local ? [`associated-node:${verb}`] : []), `arbitrary-node:${verb}`]
  for (const driver of changedDrivers(status.devices ?? [], old.devices ?? [])) {
    let first: string | undefined
    let allowed = false
    for (const one of verbs) {
      const refused = await refusal(authorizer, request, { verb: one, subresource: 'driver', namespace: request.namespace, name: driver })
      if (refused === undefined) allowed = true
      else first ??= refused
      if (allowed) break
    }
    if (!allowed) errors.at('status', 'devices').forbidden(`changing status.devices requires resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission: ${first}`)
  }
}

function changedDrivers(devices: readonly AllocatedDeviceStatus[], old: readonly AllocatedDeviceStatus[]): string[] {
  const keyOf = ({ driver, pool, device, shareID = '' }: AllocatedDeviceStatus): string => JSON.stringify([driver, pool, device, shareID])
  const before = new Map(old.map((device) => [keyOf(device), device]))
  const drivers = new Set<string>()
  for (const device of devices) {
    const known = before.get(keyOf(device))
    before.delete(keyOf(device))
    if (!known || !semanticallyEqual(known, device)) drivers.add(device.driver)
  }
  for (const { driver } of before.values()) drivers.add(driver)
  return [...drivers].sort()
}

/** The one node that an allocation is good for. */
function nodeOf({ nodeSelector }: AllocationResult): string | undefined {
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  if (terms.length !== 1 || terms[0]!.matchExpressions?.length || terms[0]!.matchFields?.length !== 1) return undefined
  const { key, operator, values } = terms[0]!.matchFields[0]!
  return key === 'metadata.name' && operator === 'In' && values?.length === 1 ? values[0] : undefined
}

function isOnNode({ name, extra }: WriteRequest['user'], node: string | undefined): boolean {
  if (!node || !name.startsWith('system:serviceaccount:')) return false
  const nodes = extra?.[nodeNameKey] ?? []
  return nodes.length === 1 && nodes[0] === node && isDns1123Subdomain(node).length === 0
}
