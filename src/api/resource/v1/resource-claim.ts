import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { statusApart } from '../../strategies'
import { defaultDevices, validateDevices } from './device-claims'
import type { ResourceClaim } from './types'

export const resourceclaims = defineResource<ResourceClaim>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', resource: 'resourceclaims', namespaced: true,
  answersWithDeleted: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaim') } },
  subresources: {
    status: statusOnly({
      validateUpdate({ status }, _old, errors) {
        const consumers = status.reservedFor ?? []
        const at = errors.at('status', 'reservedFor')
        if (consumers.length > 256) at.tooMany(consumers.length, 256)
        for (const [i, { uid }] of consumers.entries()) if (consumers.findIndex((other) => other.uid === uid) < i) at.at(i, 'uid').duplicate(uid)
        if (consumers.length > 0 && !status.allocation) at.forbidden('may not be specified when `allocated` is not set')
      },
    }),
  },

  ...statusApart<ResourceClaim>(() => ({})),
  defaults: ({ spec }) => defaultDevices(spec.devices),
  validate: ({ spec }, errors) => validateDevices(spec.devices, errors.at('spec', 'devices')),
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(spec, 'field is immutable')
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
