import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength, isDns1123Subdomain, isDns1123SubdomainCaseless } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { eachOf } from '../../bounded-lists'
import { validateConditions } from '../../conditions'
import { dnsSubdomain, report, required } from '../../field-checks'
import { column, integer, nameColumn, since } from '../../printing'
import { deprecation } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { carryStatus } from '../../strategies'
import type { PoolStatus, ResourcePoolStatusRequest, ResourcePoolStatusRequestStatus } from './types'

const [mostPools, mostConditions, longestError, longestPoolName] = [1000, 10, 256, 253]
const counts = ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices'] as const

export const resourcepoolstatusrequests = defineResource<ResourcePoolStatusRequest>({
  group: 'resource.k8s.io', version: 'v1alpha3', kind: 'ResourcePoolStatusRequest', resource: 'resourcepoolstatusrequests', namespaced: false,
  versions: {
    'resource.k8s.io/v1alpha3': { schema: schemaIn(() => import('./types.gen'), 'ResourcePoolStatusRequest'), deprecated: deprecation('resource.k8s.io/v1alpha3', 'ResourcePoolStatusRequest', 39) },
  },
  answersWithDeleted: true,
  metadataChecks: { whole: 0, update: 1 },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusWithoutMetadata({
      validateUpdate({ status }, { status: before }, errors) {
        const at = errors.at('status')
        // An answer is given once.
        if (before) {
          if (!semanticallyEqual(status, before)) at.invalid(status ?? null, 'field is immutable')
        } else if (status) validateStatus(status, at)
      },
    }),
  },

  prepareForCreate(request) {
    delete request.status
  },
  prepareForUpdate: carryStatus,
  resetFields: [['status']],
  validateCreate({ spec: { driver, poolName, limit } }, errors) {
    const at = errors.at('spec')
    if (required(at, 'driver', driver)) report(at, 'driver', driver, isDns1123SubdomainCaseless(driver))
    if (poolName !== undefined) validatePoolName(poolName, at.at('poolName'))
    if (limit > 1000) at.at('limit').invalid(limit, 'must be less than or equal to 1000')
    else if (limit < 1) at.at('limit').invalid(limit, 'must be greater than or equal to 1')
  },
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(null, 'field is immutable')
  },

  columns: [
    nameColumn,
    column('Driver', ({ spec }) => spec.driver),
    ...(['Total', 'Available', 'Allocated', 'Unavailable'] as const).map((name) => column<ResourcePoolStatusRequest>(name, (request) => summed(request, (pool) => pool[`${name.toLowerCase()}Devices` as 'totalDevices'] ?? 0))),
    column('Errors', (request) => summed(request, ({ validationError }) => (validationError === undefined ? 0 : 1))),
    integer('Pools', ({ status }) => status?.poolCount),
    column('Status', stateOf),
    column('Completed', (request, now) => {
      const [completed] = endOf(request, 'Complete')
      return completed && stateOf(request) !== 'Failed' ? since(completed.lastTransitionTime, now) : '<none>'
    }),
  ],
})

const endOf = ({ status }: ResourcePoolStatusRequest, type: 'Complete' | 'Failed') => (status?.conditions ?? []).filter((condition) => condition.type === type && condition.status === 'True')

/** Whichever end is told first counts. */
function stateOf({ status }: ResourcePoolStatusRequest): string {
  const end = (status?.conditions ?? []).find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'))
  if (end?.type !== 'Complete') return end?.type ?? 'Pending'
  const shown = status?.pools?.length ?? 0
  return status!.poolCount > shown ? `Complete (${shown}/${status!.poolCount} pools)` : 'Complete'
}

const summed = (request: ResourcePoolStatusRequest, count: (pool: PoolStatus) => number): string =>
  !request.status || stateOf(request) === 'Failed' ? '-' : String((request.status.pools ?? []).reduce((sum, pool) => sum + count(pool), 0))

function validateStatus({ poolCount, pools, conditions }: ResourcePoolStatusRequestStatus, errors: FieldErrors): void {
  validateConditions(errors.at('conditions'), conditions)
  if (poolCount === undefined) errors.at('poolCount').required()
  else if (poolCount < 0) errors.at('poolCount').invalid(poolCount, 'must be greater than or equal to 0')
  eachOf(errors.at('pools'), pools, mostPools, validatePool)
  if ((conditions?.length ?? 0) > mostConditions) errors.at('conditions').tooMany(conditions!.length, mostConditions)
}

/** Parts with slashes between them, each told by its place. */
function validatePoolName(name: string, errors: FieldErrors): void {
  if (byteLength(name) > longestPoolName) errors.tooLong(longestPoolName)
  for (const [i, part] of name.split('/').entries()) {
    if (part === '') errors.invalid(name, `segment ${i}: must not be empty`)
    else for (const message of isDns1123Subdomain(part)) errors.invalid(name, `segment ${i}: ${message}`)
  }
}

function validatePool(pool: PoolStatus, errors: FieldErrors): void {
  const { driver, poolName: name, generation, resourceSliceCount, nodeName, validationError } = pool
  if (required(errors, 'driver', driver)) report(errors, 'driver', driver, isDns1123SubdomainCaseless(driver))
  if (required(errors, 'poolName', name)) validatePoolName(name, errors.at('poolName'))
  if (!generation) errors.at('generation').required()
  else if (generation < 0) errors.at('generation').invalid(generation, 'must be greater than or equal to 0')
  if (resourceSliceCount !== undefined && resourceSliceCount < 1) errors.at('resourceSliceCount').invalid(resourceSliceCount, 'must be greater than or equal to 1')
  for (const field of counts) {
    const count = pool[field]
    if (count !== undefined && count < 0) errors.at(field).invalid(count, 'must be greater than or equal to 0')
  }
  if (nodeName !== undefined) dnsSubdomain(errors, 'nodeName', nodeName)
  if (validationError !== undefined && byteLength(validationError) > longestError) errors.at('validationError').tooLong(longestError)
}
