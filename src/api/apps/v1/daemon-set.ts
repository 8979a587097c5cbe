import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { isEmptySelector, validateRunningTemplate } from '#api/core/v1/pod-template-spec'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { labelSelector, nonNegative, oneOf } from '../../field-checks'
import { isZero, notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { selectorMatches } from '../../label-matching'
import { ageColumn, column, containerColumns, formatLabels, formatSelector, integer, nameColumn, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { generationAndStatus, immutable } from '../../strategies'
import { notDecremented } from './deployment'
import type { DaemonSet, DaemonSetUpdateStrategy } from './types'

const counts = [
  'currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled',
  'numberAvailable', 'numberUnavailable', 'collisionCount',
] as const

const generation = withGatedTemplate<DaemonSet>(
  ({ spec }) => spec.template.spec, generationAndStatus(() => ({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 })),
)

/** Was a field once. The server counts it, whatever clients write. */
const templateGeneration = 'deprecated.daemonset.template.generation'

function annotate({ metadata }: DaemonSet, value: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(value) }
}

export const daemonsets = defineResource<DaemonSet>({
  group: 'apps', version: 'v1', kind: 'DaemonSet', resource: 'daemonsets', namespaced: true,
  shortNames: ['ds'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'DaemonSet') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    status: statusOnly({
      validateUpdate({ status }, old, errors) {
        for (const field of counts) nonNegative(errors.at('status'), field, status[field])
        notDecremented(errors.at('status'), status.collisionCount, old.status.collisionCount)
      },
    }),
  },

  resetFields: generation.resetFields!,
  prepareForCreate(set, context) {
    generation.prepareForCreate(set, context)
    const given = Number(set.metadata.annotations?.[templateGeneration] ?? 0) || 0
    annotate(set, Math.max(1, given))
  },
  prepareForUpdate(set, old, context) {
    generation.prepareForUpdate(set, old, context)
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0) || 0
    annotate(set, before + (semanticallyEqual(set.spec.template, old.spec.template) ? 0 : 1))
  },
  defaults({ spec }) {
    if (spec.updateStrategy.type === 'RollingUpdate') {
      const rolling = (spec.updateStrategy.rollingUpdate ??= {} as NonNullable<DaemonSetUpdateStrategy['rollingUpdate']>)
      rolling.maxUnavailable ??= 1
      rolling.maxSurge ??= 0
    }
    defaultPodSpec(spec.template.spec)
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const { selector, template } = spec
    labelSelector(at, 'selector', selector)
    if (!selector || !selectorMatches(selector, template.metadata?.labels)) {
      at.at('template', 'metadata', 'labels').invalid(template.metadata?.labels ?? null, '`selector` does not match template `labels`')
    }
    if (selector && isEmptySelector(selector)) at.at('selector').invalid(selector, 'empty selector is invalid for daemonset')
    validateRunningTemplate(template, 'DaemonSet', at.at('template'))
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    validateStrategy(spec.updateStrategy, at.at('updateStrategy'))
    nonNegative(at, 'revisionHistoryLimit', spec.revisionHistoryLimit)
  },
  validateUpdate: (set, old, errors) => immutable(errors.at('spec'), 'selector', set.spec.selector, old.spec.selector),
  warnings: (set, old) => podTemplateWarnings(set.spec.template, old?.spec.template, 'spec.template'),

  columns: [
    nameColumn,
    integer('Desired', ({ status }) => status.desiredNumberScheduled),
    integer('Current', ({ status }) => status.currentNumberScheduled),
    integer('Ready', ({ status }) => status.numberReady),
    integer('Up-to-date', ({ status }) => status.updatedNumberScheduled),
    integer('Available', ({ status }) => status.numberAvailable),
    column('Node Selector', ({ spec }) => formatLabels(spec.template.spec.nodeSelector)),
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template.spec.containers),
    wide('Selector', ({ spec }) => formatSelector(spec.selector)),
  ],
})

function validateStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, errors: FieldErrors): void {
  oneOf(errors, 'type', type, ['RollingUpdate', 'OnDelete'])
  if (type !== 'RollingUpdate') return
  if (!rollingUpdate) return errors.at('rollingUpdate').required('')
  const at = errors.at('rollingUpdate')
  const { maxUnavailable, maxSurge } = rollingUpdate
  positiveIntOrPercent(at, 'maxUnavailable', maxUnavailable)
  positiveIntOrPercent(at, 'maxSurge', maxSurge)
  notAbove100Percent(at, 'maxUnavailable', maxUnavailable)
  notAbove100Percent(at, 'maxSurge', maxSurge)
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) at.at('maxSurge').invalid(maxSurge, 'may not be set when maxUnavailable is non-zero')
  if (isZero(maxUnavailable) && isZero(maxSurge)) at.at('maxUnavailable').invalid(maxUnavailable, 'cannot be 0 when maxSurge is 0')
}
