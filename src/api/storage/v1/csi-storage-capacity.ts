import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsSubdomain, labelSelector } from '../../field-checks'
import { nodeSelectorWarnings } from '../../node-label-warnings'
import { plainColumns } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
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
    if (!semanticallyEqual(object.nodeTopology, old.nodeTopology)) errors.at('nodeTopology').invalid(object.nodeTopology ? asWritten(object.nodeTopology) : null, 'field is immutable')
    immutable(errors, 'storageClassName', object.storageClassName, old.storageClassName)
  },
  warnings: ({ nodeTopology }) => nodeSelectorWarnings('nodeTopology', nodeTopology),
  columns: plainColumns,
})

/** With its fields and keys in the order in which the original writes them. */
function asWritten({ matchLabels, matchExpressions }: LabelSelector): LabelSelector {
  const labels = matchLabels && Object.fromEntries(Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1)))
  const expressions = matchExpressions?.map(({ key, operator, values }) => ({ key, operator, ...(values?.length ? { values } : {}) }))
  return { ...(labels ? { matchLabels: labels } : {}), ...(expressions?.length ? { matchExpressions: expressions } : {}) } as LabelSelector
}
