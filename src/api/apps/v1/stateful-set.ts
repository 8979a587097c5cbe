import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { validateRunningTemplate, validateSelectorOfTemplate } from '#api/core/v1/pod-template-spec'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { nonNegative, oneOf } from '../../field-checks'
import { isZero, notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { ageColumn, column, containerColumns, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { generationAndStatus } from '../../strategies'
import { notDecremented } from './deployment'
import type { StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetSpec, StatefulSetStatus, StatefulSetUpdateStrategy } from './types'

/** What an update may change; pods that run already could not follow any other change. */
const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const

const lifecycle = withGatedTemplate<StatefulSet>(({ spec }) => spec.template.spec, generationAndStatus(() => ({ replicas: 0, availableReplicas: 0 })))

/** Dropped where it was not in use before. */
function dropMaxUnavailable({ spec }: StatefulSet, { enabled }: WriteContext): void {
  if (!enabled('MaxUnavailableStatefulSet')) delete spec.updateStrategy.rollingUpdate?.maxUnavailable
}

export const statefulsets = defineResource<StatefulSet>({
  group: 'apps', version: 'v1', kind: 'StatefulSet', resource: 'statefulsets', namespaced: true,
  shortNames: ['sts'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'StatefulSet') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly({ validateUpdate: ({ status }, old, errors) => validateStatus(status, old.status, errors.at('status')) }),
  },

  ...lifecycle,
  prepareForCreate(set, context) {
    dropMaxUnavailable(set, context)
    lifecycle.prepareForCreate(set, context)
  },
  prepareForUpdate(set, old, context) {
    if (old.spec.updateStrategy.rollingUpdate?.maxUnavailable === undefined) dropMaxUnavailable(set, context)
    lifecycle.prepareForUpdate(set, old, context)
  },
  defaults({ spec }) {
    const strategy = spec.updateStrategy
    // A set that names no strategy at all starts at partition 0; one that says RollingUpdate without more is left as it is.
    if (strategy.type === 'RollingUpdate') (strategy.rollingUpdate ??= {} as NonNullable<typeof strategy.rollingUpdate>).partition ??= 0
    const policy = (spec.persistentVolumeClaimRetentionPolicy ??= {} as StatefulSetPersistentVolumeClaimRetentionPolicy)
    policy.whenDeleted ??= 'Retain'
    policy.whenScaled ??= 'Retain'
    defaultPodSpec(spec.template.spec)
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    oneOf(at, 'podManagementPolicy', spec.podManagementPolicy, ['OrderedReady', 'Parallel'])
    validateStrategy(spec.updateStrategy, at.at('updateStrategy'))
    const policy = spec.persistentVolumeClaimRetentionPolicy
    if (policy) {
      oneOf(at.at('persistentVolumeClaimRetentionPolicy'), 'whenDeleted', policy.whenDeleted, ['Retain', 'Delete'])
      oneOf(at.at('persistentVolumeClaimRetentionPolicy'), 'whenScaled', policy.whenScaled, ['Retain', 'Delete'])
    }
    nonNegative(at, 'replicas', spec.replicas)
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    nonNegative(at, 'revisionHistoryLimit', spec.revisionHistoryLimit)
    if (spec.ordinals) nonNegative(at.at('ordinals'), 'start', spec.ordinals.start)
    validateSelectorOfTemplate(spec.selector, spec.template.metadata, 'statefulset', at)
    validateRunningTemplate(spec.template, 'StatefulSet', at.at('template'))
  },
  validateUpdate(set, old, errors) {
    const fixed = (spec: StatefulSetSpec): object => ({ ...spec, ...Object.fromEntries(changeable.map((field) => [field, undefined])) })
    if (!semanticallyEqual(fixed(set.spec), fixed(old.spec))) {
      errors.at('spec').forbidden(
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      )
    }
  },
  warnings(set, old) {
    const found = podTemplateWarnings(set.spec.template, old?.spec.template, 'spec.template')
    if ((set.spec.revisionHistoryLimit ?? 0) < 0) found.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
    return found
  },

  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`),
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
})

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, errors: FieldErrors): void {
  if (!type) return errors.required('')
  if (type === 'OnDelete') {
    if (rollingUpdate) errors.at('rollingUpdate').invalid(rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")
  } else if (type !== 'RollingUpdate') {
    errors.invalid({ Type: type, RollingUpdate: rollingUpdate ?? null }, "must be 'RollingUpdate' or 'OnDelete'")
  } else if (rollingUpdate) {
    const at = errors.at('rollingUpdate')
    nonNegative(at, 'partition', rollingUpdate.partition)
    const most = rollingUpdate.maxUnavailable
    if (most === undefined) return
    positiveIntOrPercent(at, 'maxUnavailable', most)
    if (isZero(most)) at.at('maxUnavailable').invalid(most, 'cannot be 0')
    notAbove100Percent(at, 'maxUnavailable', most)
  }
}

function validateStatus(status: StatefulSetStatus, old: StatefulSetStatus, errors: FieldErrors): void {
  const { replicas = 0, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount'] as const
  for (const field of counts) nonNegative(errors, field, status[field])
  const parts = { readyReplicas, currentReplicas, updatedReplicas, availableReplicas }
  for (const [field, count] of Object.entries(parts)) if (count > replicas) errors.at(field).invalid(count, 'cannot be greater than status.replicas')
  if (availableReplicas > readyReplicas) errors.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than status.readyReplicas')
  notDecremented(errors, status.collisionCount, old.collisionCount)
}
