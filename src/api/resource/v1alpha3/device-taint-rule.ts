import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { validateConditions } from '../../conditions'
import { ageColumn, column, nameColumn, since } from '../../printing'
import { deprecation, sameShape } from '../../same-shape'
import { bumpGenerationWhenSpecChanges, carryStatus, startGeneration } from '../../strategies'
import { validateTaint } from '../v1/device-tolerations'
import { driverName, label, poolName } from '../v1/names'
import type { DeviceTaintRule, DeviceTaintRuleSpec } from './types'

const mostConditions = 8

export const devicetaintrules = defineResource<DeviceTaintRule>({
  group: 'resource.k8s.io', version: 'v1alpha3', kind: 'DeviceTaintRule', resource: 'devicetaintrules', namespaced: false,
  versions: {
    'resource.k8s.io/v1alpha3': { schema: schemaIn(() => import('./types.gen'), 'DeviceTaintRule'), deprecated: deprecation('resource.k8s.io/v1alpha3', 'DeviceTaintRule', 36) },
    ...sameShape('resource.k8s.io/v1alpha3', 'DeviceTaintRule', {
      v1beta2: { deprecatedIn: 39, schema: schemaIn(() => import('#api/resource/v1beta2/types.gen'), 'DeviceTaintRule') },
    }),
  },
  metadataChecks: { whole: 0, update: 1 },
  answersWithDeleted: true,
  subresources: {
    status: statusWithoutMetadata({
      validateUpdate({ status: { conditions } }, _old, errors) {
        const at = errors.at('status', 'conditions')
        validateConditions(at, conditions)
        if ((conditions?.length ?? 0) > mostConditions) at.tooMany(conditions!.length, mostConditions)
      },
    }),
  },

  prepareForCreate(rule, { now }) {
    rule.status = {}
    rule.spec.taint.timeAdded ??= now
    startGeneration(rule)
  },
  prepareForUpdate(rule, old, { now }) {
    carryStatus(rule, old)
    const { taint } = rule.spec
    const before = old.spec.taint
    // Another effect begins now, unless the client says when.
    if (!taint.timeAdded || (taint.effect !== before.effect && taint.timeAdded === before.timeAdded)) taint.timeAdded = now
    bumpGenerationWhenSpecChanges(rule, old)
  },
  resetFields: [['status']],
  validate: ({ spec }, errors) => validateSelector(spec, errors.at('spec', 'deviceSelector')),
  validateCreate: ({ spec }, errors) => validateTaint(spec.taint, errors.at('spec', 'taint')),
  // An effect that stands there already is not judged anew.
  validateUpdate: ({ spec: { taint } }, old, errors) => validateTaint(taint.effect === old.spec.taint.effect ? { ...taint, effect: 'None' } : taint, errors.at('spec', 'taint')),

  columns: [
    nameColumn,
    column('Key', ({ spec }) => spec.taint.key),
    column('Value', ({ spec }) => spec.taint.value ?? ''),
    column('Effect', ({ spec }) => spec.taint.effect),
    column('TimeAdded', ({ spec: { taint } }, now) => (taint.timeAdded ? since(taint.timeAdded, now) : '')),
    ageColumn,
  ],
})

function validateSelector({ deviceSelector }: DeviceTaintRuleSpec, errors: FieldErrors): void {
  const { driver, pool, device } = deviceSelector ?? {}
  if (driver !== undefined) driverName(driver, errors)
  if (pool !== undefined) poolName(errors, 'pool', pool)
  if (device !== undefined) label(errors.at('device'), device)
}
