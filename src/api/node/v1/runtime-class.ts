import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, labels } from '../../field-checks'
import { validateTolerations } from '#api/core/v1/scheduling-validation'
import { ageColumn, column, nameColumn } from '../../printing'
import { immutable } from '../../strategies'
import type { RuntimeClass } from './types'

export const runtimeclasses = defineResource<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', resource: 'runtimeclasses', namespaced: false,
  versions: { 'node.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'RuntimeClass') } },
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,

  validate({ handler, overhead, scheduling }, errors) {
    dnsLabel(errors, 'handler', handler)
    for (const name in overhead?.podFixed) {
      const amount = overhead.podFixed[name]!
      if (amount.startsWith('-')) errors.at('overhead', 'podFixed', 'limits').key(name).invalid(amount, 'must be greater than or equal to 0')
    }
    if (!scheduling) return
    labels(errors.at('scheduling'), 'nodeSelector', scheduling.nodeSelector)
    validateTolerations(scheduling.tolerations ?? [], errors.at('scheduling', 'tolerations'))
  },
  validateUpdate: (object, old, errors) => immutable(errors, 'handler', object.handler, old.handler),
  columns: [nameColumn, column('Handler', ({ handler }) => handler), ageColumn],
})
