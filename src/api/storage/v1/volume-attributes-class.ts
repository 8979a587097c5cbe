import { defineResource, schemaIn } from '#apimachinery/resource'
import { isQualifiedName } from '#apimachinery/names'
import { report } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { validateParameters } from './storage-class'
import type { VolumeAttributesClass } from './types'

export const volumeattributesclasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', namespaced: false,
  shortNames: ['vac'],
  answersWithDeleted: true,
  versions: {
    'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttributesClass') },
    ...sameShape('storage.k8s.io/v1', 'VolumeAttributesClass', {
      v1beta1: { deprecatedIn: 34, replaced: true, schema: schemaIn(() => import('#api/storage/v1beta1/types.gen'), 'VolumeAttributesClass') },
    }),
  },

  validate({ driverName, parameters }, errors) {
    if (!driverName) errors.at('driverName').required()
    else report(errors, 'driverName', driverName.toLowerCase(), isQualifiedName(driverName.toLowerCase()))
    validateParameters(parameters, errors, true)
  },
  validateUpdate(object, old, errors) {
    if (object.driverName !== old.driverName) errors.at('driverName').forbidden('updates to driverName are forbidden.')
    if (!semanticallyEqual(object.parameters ?? {}, old.parameters ?? {})) errors.at('parameters').forbidden('updates to parameters are forbidden.')
  },
  columns: [nameColumn, column('DriverName', ({ driverName }) => driverName), ageColumn],
})
