import { nameIsPathSegment } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { validateConditions } from '../../conditions'
import { labelSelector, nonNegative, optionalOneOf } from '../../field-checks'
import { notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { ageColumn, column, integer, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import type { PodDisruptionBudget } from './types'

export const poddisruptionbudgets = defineResource<PodDisruptionBudget>({
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', namespaced: true,
  shortNames: ['pdb'],
  versions: { 'policy/v1': { schema: schemaIn(() => import('./types.gen'), 'PodDisruptionBudget') } },
  validateName: nameIsPathSegment,
  metadataChecks: { whole: 0, update: 0 },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly({
      metadataChecks: { whole: 0, update: 0 },
      validateUpdate({ status }, _old, errors) {
        validateConditions(errors.at('status', 'conditions'), status.conditions)
        for (const field of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const) nonNegative(errors.at('status'), field, status[field])
      },
    }),
  },

  ...generationAndStatus<PodDisruptionBudget>(() => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const { minAvailable, maxUnavailable } = spec
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      // The original prints its own structure here.
      at.invalid(
        { MinAvailable: minAvailable, Selector: spec.selector ?? null, MaxUnavailable: maxUnavailable, UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null },
        'minAvailable and maxUnavailable cannot be both set',
      )
    }
    for (const field of ['minAvailable', 'maxUnavailable'] as const) {
      if (spec[field] === undefined) continue
      positiveIntOrPercent(at, field, spec[field])
      notAbove100Percent(at, field, spec[field])
    }
    labelSelector(at, 'selector', spec.selector)
    optionalOneOf(at, 'unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])
  },

  columns: [
    nameColumn,
    column('Min Available', ({ spec }) => String(spec.minAvailable ?? 'N/A')),
    column('Max Unavailable', ({ spec }) => String(spec.maxUnavailable ?? 'N/A')),
    integer('Allowed Disruptions', ({ status }) => status.disruptionsAllowed),
    ageColumn,
  ],
})
