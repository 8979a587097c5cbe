import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { validateTemplateMeta } from '../../core/v1/template-meta-validation'
import { defaultDevices, validateDevices } from './device-claims'
import { internalTemplate } from './internal-form'
import { claimTemplatesV1beta1 } from './resource-v1beta1'
import type { ResourceClaimTemplate } from './types'

export const resourceclaimtemplates = defineResource<ResourceClaimTemplate>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', resource: 'resourceclaimtemplates', namespaced: true,
  answersWithDeleted: true,
  versions: {
    'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceClaimTemplate') },
    ...sameShape('resource.k8s.io/v1', 'ResourceClaimTemplate', {
      v1beta2: { deprecatedIn: 36, schema: schemaIn(() => import('#api/resource/v1beta2/types.gen'), 'ResourceClaimTemplate') },
    }),
    ...claimTemplatesV1beta1,
  },

  defaults: ({ spec }) => defaultDevices(spec.spec.devices),
  validate({ spec }, errors) {
    validateTemplateMeta(spec.metadata, errors.at('spec', 'metadata'))
    validateDevices(spec.spec.devices, errors.at('spec', 'spec', 'devices'))
  },
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(internalTemplate(spec), 'field is immutable')
  },
  columns: [nameColumn, ageColumn],
})
