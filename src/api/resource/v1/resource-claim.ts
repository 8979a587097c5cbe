import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { statusApart } from '../../strategies'
import { dropDeallocated, validateClaimStatus } from './claim-status'
import { defaultDevices, validateDevices } from './device-claims'
import { internalClaim } from './internal-form'
import { claimsV1beta1 } from './resource-v1beta1'
import type { ResourceClaim } from './types'

export const resourceclaims = defineResource<ResourceClaim>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', resource: 'resourceclaims', namespaced: true,
  answersWithDeleted: true,
  versions: {
    'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaim') },
    ...sameShape('resource.k8s.io/v1', 'ResourceClaim', {
      v1beta2: { deprecatedIn: 36, schema: schemaIn(() => import('#api/resource/v1beta2/types.gen'), 'ResourceClaim') },
    }),
    ...claimsV1beta1,
  },
  subresources: {
    status: statusWithoutMetadata({
      prepareForUpdate: dropDeallocated,
      validateUpdate: (claim, old, errors) => validateClaimStatus(claim, old, errors.at('status')),
    }),
  },

  ...statusApart<ResourceClaim>(() => ({})),
  defaults: ({ spec }) => defaultDevices(spec.devices),
  // An update may not change the spec: nothing else is to be said of it then.
  validateCreate: ({ spec }, errors) => validateDevices(spec.devices, errors.at('spec', 'devices')),
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(internalClaim(spec), 'field is immutable')
  },
  columns: [
    nameColumn,
    column('State', ({ metadata, status }) => {
      if (!status.allocation) return metadata.deletionTimestamp ? 'deleted' : 'pending'
      return [...(metadata.deletionTimestamp ? ['deleted'] : []), 'allocated', ...(status.reservedFor?.length ? ['reserved'] : [])].join(',')
    }),
    ageColumn,
  ],
})
