import { wholeNameIsDnsSubdomain } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import type { FieldErrors } from '#apimachinery/field-errors'
import { eachOf } from '../../bounded-lists'
import { isExtended } from '../../core/v1/resource-names'
import { ageColumn, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { generationOnly } from '../../strategies'
import { validateConfiguration } from './device-configuration'
import { validateSelectors } from './device-selectors'
import type { DeviceClass, DeviceClassSpec } from './types'

export const deviceclasses = defineResource<DeviceClass>({
  group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', resource: 'deviceclasses', namespaced: false,
  answersWithDeleted: true,
  validateName: wholeNameIsDnsSubdomain,
  versions: {
    'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'DeviceClass') },
    ...sameShape('resource.k8s.io/v1', 'DeviceClass', {
      v1beta2: { deprecatedIn: 36, schema: schemaIn(() => import('#api/resource/v1beta2/types.gen'), 'DeviceClass') },
      v1beta1: { deprecatedIn: 35, schema: schemaIn(() => import('#api/resource/v1beta1/types.gen'), 'DeviceClass') },
    }),
  },

  ...generationOnly<DeviceClass>(),
  // Expressions and parameters that stand there already are not judged anew.
  validateCreate: ({ spec }, errors) => validateClass(spec, undefined, errors.at('spec')),
  validateUpdate: ({ spec }, old, errors) => validateClass(spec, old.spec, errors.at('spec')),
  columns: [nameColumn, ageColumn],
})

function validateClass({ selectors, config, extendedResourceName }: DeviceClassSpec, old: DeviceClassSpec | undefined, errors: FieldErrors): void {
  validateSelectors(errors.at('selectors'), selectors, old !== undefined && semanticallyEqual(selectors, old.selectors))
  const stored = old !== undefined && semanticallyEqual(config, old.config)
  eachOf(errors.at('config'), config, 32, (one, at) => validateConfiguration(one, at, stored))
  if (extendedResourceName !== undefined && !isExtended(extendedResourceName)) errors.at('extendedResourceName').invalid(extendedResourceName, 'must be a valid extended resource name')
}
