import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsSubdomain, labelSelector } from '../../field-checks'
import { nodeSelectorWarnings } from '../../node-label-warnings'
import { plainColumns } from '../../printing'
import { immutable } from '../../strategies'
import type { CSIStorageCapacity } from './types'

export const csistoragecapacities = defineResource<CSIStorageCapacity>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', resource: 'csistoragecapacities', namespaced: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSIStorageCapacity') } },
  allowUnconditionalUpdate: false,

  validate({ nodeTopology, storageClassName, capacity }, errors) {
    labelSelector(errors, 'nodeTopology', nodeTopology)
    dnsSubdomain(errors, 'storageClassName', storageClassName)
    if (capacity?.startsWith('-')) errors.at('capacity').invalid(capacity, 'must be greater than or equal to 0')
  },
  validateUpdate(object, old, errors) {
    immutable(errors, 'nodeTopology', object.nodeTopology, old.nodeTopology)
    immutable(errors, 'storageClassName', object.storageClassName, old.storageClassName)
  },
  warnings: ({ nodeTopology }) => nodeSelectorWarnings('nodeTopology', nodeTopology),
  columns: plainColumns,
})
