import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, labels } from '../../field-checks'
import { deprecatedNodeLabel } from '../../node-label-warnings'
import { validateResources } from '#api/core/v1/resource-requirements-validation'
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
    if (!handler) errors.at('handler').required()
    else dnsLabel(errors, 'handler', handler)
    // Judged as the limits of a container, and told so.
    if (overhead?.podFixed) validateResources({ limits: overhead.podFixed }, undefined, errors.at('overhead'))
    if (!scheduling) return
    labels(errors.at('scheduling'), 'nodeSelector', scheduling.nodeSelector)
    const tolerations = scheduling.tolerations ?? []
    const at = errors.at('scheduling', 'tolerations')
    validateTolerations(tolerations, at)
    const seen = new Set<string>()
    for (const [i, { tolerationSeconds, ...toleration }] of tolerations.entries()) {
      const { key = '', operator = '', value = '', effect = '' } = toleration
      const known = JSON.stringify([key, operator, value, effect])
      if (seen.has(known)) at.at(i).duplicate({ Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds ?? null })
      seen.add(known)
    }
  },
  validateUpdate: (object, old, errors) => immutable(errors, 'handler', object.handler, old.handler),
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const text = deprecatedNodeLabel(key)
      return text === undefined ? [] : [`scheduling.nodeSelector: ${text}`]
    }),
  columns: [nameColumn, column('Handler', ({ handler }) => handler), ageColumn],
})
