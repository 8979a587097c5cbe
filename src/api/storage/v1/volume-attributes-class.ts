import { defineResource, schemaIn } from '#apimachinery/resource'
import { validateDriverName } from '#api/core/v1/volume-validation'
import { ageColumn, column, nameColumn } from '../../printing'
import { immutable } from '../../strategies'
import { validateParameters } from './storage-class'
import type { VolumeAttributesClass } from './types'

export const volumeattributesclasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', namespaced: false,
  shortNames: ['vac'],
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttributesClass') } },

  validate({ driverName, parameters }, errors) {
    validateDriverName(driverName, errors, 'driverName')
    validateParameters(parameters, errors, true)
  },
  validateUpdate(object, old, errors) {
    immutable(errors, 'driverName', object.driverName, old.driverName)
    immutable(errors, 'parameters', object.parameters, old.parameters)
  },
  columns: [nameColumn, column('DriverName', ({ driverName }) => driverName), ageColumn],
})
