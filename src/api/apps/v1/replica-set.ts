import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { nonNegative } from '../../field-checks'
import { ageColumn, containerColumns, formatSelector, integer, nameColumn, wide } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { immutableSelector, nameWarnings, validateReplicated } from './running-template'
import type { ReplicaSet, ReplicaSetStatus } from './types'

export const replicasets = defineResource<ReplicaSet>({
  group: 'apps', version: 'v1', kind: 'ReplicaSet', resource: 'replicasets', namespaced: true,
  shortNames: ['rs'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'ReplicaSet') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly({ validateUpdate: ({ status }, _old, errors) => validateReplicaStatus(status, errors.at('status')) }),
  },

  ...withGatedTemplate<ReplicaSet>(({ spec }) => spec.template.spec, generationAndStatus(() => ({ replicas: 0 }))),
  defaults: ({ spec }) => defaultPodSpec(spec.template.spec),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    nonNegative(at, 'replicas', spec.replicas)
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    validateReplicated(spec, at)
  },
  validateUpdate: (set, old, errors) => immutableSelector(set.spec, old.spec, errors.at('spec')),
  warnings({ metadata, spec }, old) {
    if (old?.metadata.generation === metadata.generation) return []
    return [...(old ? [] : nameWarnings(metadata.name)), ...podTemplateWarnings(spec.template, old?.spec.template, 'spec.template')]
  },

  columns: [
    nameColumn,
    integer('Desired', ({ spec }) => spec.replicas),
    integer('Current', ({ status }) => status.replicas),
    integer('Ready', ({ status }) => status.readyReplicas),
    ageColumn,
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template.spec.containers),
    wide('Selector', ({ spec }) => formatSelector(spec.selector)),
  ],
})

/** Also of replication controllers. */
export function validateReplicaStatus(status: ReplicaSetStatus, errors: FieldErrors): void {
  const { replicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  for (const field of ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas', 'observedGeneration'] as const) {
    nonNegative(errors, field, status[field])
  }
  if (fullyLabeledReplicas > replicas) errors.at('fullyLabeledReplicas').invalid(fullyLabeledReplicas, 'cannot be greater than status.replicas')
  if (readyReplicas > replicas) errors.at('readyReplicas').invalid(readyReplicas, 'cannot be greater than status.replicas')
  if (availableReplicas > replicas) errors.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than status.replicas')
  if (availableReplicas > readyReplicas) errors.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than readyReplicas')
}
