import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { defaultDevices, validateDevices } from './device-claims'
import type { ResourceClaimTemplate } from './types'

export const resourceclaimtemplates = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates', namespaced: true,
  answersWithDeleted: true,
  versions: { 'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaimTemplate') } },

  defaults: ({ spec }) => defaultDevices(spec.spec.devices),
  validate: ({ spec }, errors) => validateDevices(spec.spec.devices, errors.at('spec', 'spec', 'devices')),
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(spec, 'field is immutable')
  },
  columns: [nameColumn, ageColumn],
})
