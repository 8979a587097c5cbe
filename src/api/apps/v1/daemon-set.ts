import type { FieldErrors } from '#apimachinery/field-errors'
import { badRequest } from '#apimachinery/api-error'
import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { validatePodTemplateSpec } from '#api/core/v1/pod-template-spec'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { labelSelector, nonNegative } from '../../field-checks'
import { isZero, notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { isReadable, shownSelector } from '../../label-matching'
import { ageColumn, column, containerColumns, formatLabels, formatSelector, integer, nameColumn, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { generationAndStatus } from '../../strategies'
import { internalStrategy, notDecremented } from './deployment'
import { immutableSelector, isEmptySelector, validateMatch, validateRunsForever } from './running-template'
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

const generationOf = ({ annotations }: ObjectMeta): number => {
  const text = annotations?.[templateGeneration] ?? '0'
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw badRequest(`DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
}

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
      prepareForUpdate: (set, old) => annotate(set, generationOf(old.metadata)),
      validateUpdate({ status }, old, errors) {
        for (const field of counts) nonNegative(errors.at('status'), field, status[field])
        notDecremented(errors.at('status'), status.collisionCount, old.status.collisionCount)
      },
    }),
  },

  resetFields: generation.resetFields!,
  prepareForCreate(set, context) {
    generation.prepareForCreate(set, context)
    annotate(set, Math.max(1, generationOf(set.metadata)))
  },
  prepareForUpdate(set, old, context) {
    generation.prepareForUpdate(set, old, context)
    generationOf(set.metadata)
    annotate(set, generationOf(old.metadata) + (semanticallyEqual(set.spec.template, old.spec.template) ? 0 : 1))
  },
  defaults({ spec }) {
    const strategy = spec.updateStrategy
    const rolls = strategy.type === 'RollingUpdate'
    if (rolls) strategy.rollingUpdate ??= {} as NonNullable<DaemonSetUpdateStrategy['rollingUpdate']>
    if (strategy.rollingUpdate) {
      strategy.rollingUpdate.maxUnavailable ??= rolls ? 1 : 0
      strategy.rollingUpdate.maxSurge ??= 0
    }
    defaultPodSpec(spec.template.spec)
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const { selector, template } = spec
    labelSelector(at, 'selector', selector)
    if (isReadable(selector)) validateMatch(spec, at)
    if (selector && isEmptySelector(selector)) at.at('selector').invalid(shownSelector(selector), 'empty selector is invalid for daemonset')
    validatePodTemplateSpec(template, at.at('template'))
    validateRunsForever(template, 'DaemonSet', at.at('template'))
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    validateStrategy(spec.updateStrategy, at.at('updateStrategy'))
    nonNegative(at, 'revisionHistoryLimit', spec.revisionHistoryLimit)
  },
  validateUpdate: (set, old, errors) => immutableSelector(set.spec, old.spec, errors.at('spec')),
  warnings: ({ metadata, spec }, old) =>
    old && generationOf(metadata) === generationOf(old.metadata) ? [] : podTemplateWarnings(spec.template, old?.spec.template, 'spec.template'),

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
  if (type === 'OnDelete') return
  if (type !== 'RollingUpdate') return errors.notSupported(internalStrategy(type, rollingUpdate), ['RollingUpdate', 'OnDelete'])
  if (!rollingUpdate) return errors.at('rollingUpdate').required('')
  const at = errors.at('rollingUpdate')
  const { maxUnavailable, maxSurge } = rollingUpdate
  positiveIntOrPercent(at, 'maxUnavailable', maxUnavailable)
  positiveIntOrPercent(at, 'maxSurge', maxSurge)
  notAbove100Percent(at, 'maxUnavailable', maxUnavailable)
  notAbove100Percent(at, 'maxSurge', maxSurge)
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) at.at('maxSurge').invalid(maxSurge, 'may not be set when maxUnavailable is non-zero')
  if (isZero(maxUnavailable) && isZero(maxSurge)) at.at('maxUnavailable').required('cannot be 0 when maxSurge is 0')
}
