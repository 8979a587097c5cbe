import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsSubdomain, labelSelector } from '../../field-checks'
import { plainColumns } from '../../printing'
import { immutable } from '../../strategies'
import type { CSIStorageCapacity } from './types'

export const csistoragecapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', resource: 'csistoragecapacities', namespaced: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSIStorageCapacity') } },
  allowUnconditionalUpdate: false,

  validate({ nodeTopology, storageClassName, capacity, maximumVolumeSize }, errors) {
    labelSelector(errors, 'nodeTopology', nodeTopology)
    dnsSubdomain(errors, 'storageClassName', storageClassName)
    for (const [field, amount] of [['capacity', capacity], ['maximumVolumeSize', maximumVolumeSize]] as const) {
      if (amount?.startsWith('-')) errors.at(field).invalid(amount, 'must be greater than or equal to 0')
    }
  },
  validateUpdate(object, old, errors) {
    immutable(errors, 'nodeTopology', object.nodeTopology, old.nodeTopology)
    immutable(errors, 'storageClassName', object.storageClassName, old.storageClassName)
  },
  columns: plainColumns,
})
