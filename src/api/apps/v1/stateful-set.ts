import type { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsLabel } from '#apimachinery/names'
import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { validateClaimSpec } from '#api/core/v1/persistent-volume-claim-validation'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import type { PersistentVolumeClaimSpec } from '#api/core/v1/types'
import { dnsLabel, nonNegative } from '../../field-checks'
import { ageColumn, column, containerColumns, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { notDecremented } from './deployment'
import { validateStatefulSetSpec, validateStatefulSetUpdate } from './stateful-set-validation'
import type { StatefulSet, StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetStatus } from './types'

const lifecycle = withGatedTemplate<StatefulSet>(({ spec }) => spec.template.spec, generationAndStatus(() => ({ replicas: 0, availableReplicas: 0 })))

/** Dropped where it was not in use before. */
function gateMaxUnavailable({ spec }: StatefulSet, old: StatefulSet | undefined, { enabled }: WriteContext): void {
  const { type, rollingUpdate: rolling } = spec.updateStrategy
  if (!rolling) return
  if (enabled('MaxUnavailableStatefulSet')) {
    if (type === 'RollingUpdate') rolling.maxUnavailable ??= 1
  } else if (old?.spec.updateStrategy.rollingUpdate?.maxUnavailable === undefined) delete rolling.maxUnavailable
}

export const statefulsets = defineResource<StatefulSet>({
  group: 'apps', version: 'v1', kind: 'StatefulSet', resource: 'statefulsets', namespaced: true,
  shortNames: ['sts'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'StatefulSet') } },
  // Names become names of pods.
  validateName: nameIsDnsLabel,
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly({ validateUpdate: ({ status }, old, errors) => validateStatus(status, old.status, errors.at('status')) }),
  },

  ...lifecycle,
  prepareForCreate(set, context) {
    gateMaxUnavailable(set, undefined, context)
    lifecycle.prepareForCreate(set, context)
  },
  prepareForUpdate(set, old, context) {
    gateMaxUnavailable(set, old, context)
    lifecycle.prepareForUpdate(set, old, context)
  },
  defaults({ spec }) {
    const strategy = spec.updateStrategy
    // A set that names no strategy at all starts at partition 0; one that says RollingUpdate without more is left as it is.
    if (!strategy.type) {
      strategy.type = 'RollingUpdate'
      strategy.rollingUpdate ??= { partition: 0 }
    }
    for (const claim of spec.volumeClaimTemplates ?? []) {
      if (claim.kind !== 'PersistentVolumeClaim' || claim.apiVersion !== 'v1') Object.assign(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
    }
    const policy = (spec.persistentVolumeClaimRetentionPolicy ??= {} as StatefulSetPersistentVolumeClaimRetentionPolicy)
    policy.whenDeleted ??= 'Retain'
    policy.whenScaled ??= 'Retain'
    defaultPodSpec(spec.template.spec)
  },
  validateCreate({ spec }, errors) {
    const at = errors.at('spec')
    validateStatefulSetSpec(spec, at)
    for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries()) validateClaimSpec(claim.spec, at.at('volumeClaimTemplates', i, 'spec'))
    if (spec.serviceName) dnsLabel(at, 'serviceName', spec.serviceName)
  },
  validateUpdate: validateStatefulSetUpdate,
  warnings({ metadata, spec }, old) {
    const same = old?.metadata.generation === metadata.generation
    const found = same ? [] : podTemplateWarnings(spec.template, old?.spec.template, 'spec.template')
    for (const [i, claim] of (spec.volumeClaimTemplates ?? []).entries()) found.push(...claimWarnings(claim.spec, `spec.volumeClaimTemplates[${i}]${old ? '.Spec' : ''}`))
    if ((spec.revisionHistoryLimit ?? 0) < 0) found.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
    return found
  },

  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`),
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
})

function claimWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const storage = resources?.[part]?.['storage']
    return storage?.endsWith('m') ? [`${path}.resources.${part}[storage]: fractional byte value ${JSON.stringify(storage)} is invalid, must be an integer`] : []
  })
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
