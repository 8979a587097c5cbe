import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import { defaultPodSpec } from '#api/core/v1/pod-defaults'
import { withGatedTemplate } from '#api/core/v1/pod-gates'
import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import { nonNegative } from '../../field-checks'
import { isZero, notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { ageColumn, column, containerColumns, nameColumn, selectorText, wide } from '../../printing'
import { generationAndStatus, nextGeneration } from '../../strategies'
import { semanticallyEqual } from '../../semantic-equality'
import { immutableSelector, nameWarnings, validateReplicated } from './running-template'
import type { Deployment, DeploymentStatus, DeploymentStrategy } from './types'

export const deployments = defineResource<Deployment>({
  group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', namespaced: true,
  shortNames: ['deploy'],
  categories: ['all'],
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'Deployment') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly({
      resetFields: [['spec'], ['metadata', 'labels']],
      prepareForUpdate(deployment, old) {
        if (old.metadata.labels) deployment.metadata.labels = old.metadata.labels
        else delete deployment.metadata.labels
      },
      validateUpdate: (deployment, old, errors) => validateStatus(deployment.status, old.status, errors.at('status')),
    }),
  },

  ...withGatedTemplate<Deployment>(({ spec }) => spec.template.spec, {
    ...generationAndStatus<Deployment>(() => ({})),
    prepareForUpdate(deployment, old) {
      deployment.status = old.status
      // Annotations count too: a rollback's or a rollout's reason is written there, and controllers wait for the generation.
      const sameAnnotations = semanticallyEqual(deployment.metadata.annotations ?? {}, old.metadata.annotations ?? {})
      nextGeneration(deployment, old, !sameAnnotations || !semanticallyEqual(deployment.spec, old.spec))
    },
  }),
  defaults({ spec }) {
    if (spec.strategy.type === 'RollingUpdate') {
      const rolling = (spec.strategy.rollingUpdate ??= {} as NonNullable<DeploymentStrategy['rollingUpdate']>)
      rolling.maxUnavailable ??= '25%'
      rolling.maxSurge ??= '25%'
    }
    defaultPodSpec(spec.template.spec)
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    nonNegative(at, 'replicas', spec.replicas)
    validateReplicated(spec, at)
    validateStrategy(spec.strategy, at.at('strategy'))
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    nonNegative(at, 'revisionHistoryLimit', spec.revisionHistoryLimit)
    nonNegative(at, 'progressDeadlineSeconds', spec.progressDeadlineSeconds)
    if ((spec.progressDeadlineSeconds ?? 0) <= (spec.minReadySeconds ?? 0) && spec.progressDeadlineSeconds !== undefined) {
      at.at('progressDeadlineSeconds').invalid(spec.progressDeadlineSeconds, 'must be greater than minReadySeconds')
    }
  },
  validateUpdate: (deployment, old, errors) => immutableSelector(deployment.spec, old.spec, errors.at('spec')),
  warnings({ metadata, spec }, old) {
    if (old?.metadata.generation === metadata.generation) return []
    return [...(old ? [] : nameWarnings(metadata.name)), ...podTemplateWarnings(spec.template, old?.spec.template, 'spec.template')]
  },

  columns: [
    nameColumn,
    column('Ready', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`),
    column('Up-to-date', ({ status }) => status.updatedReplicas ?? 0),
    column('Available', ({ status }) => status.availableReplicas ?? 0),
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template.spec.containers),
    wide('Selector', ({ spec }) => selectorText(spec.selector)),
  ],
})

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, errors: FieldErrors): void {
  if (type === 'Recreate') {
    if (rollingUpdate) errors.at('rollingUpdate').forbidden("may not be specified when strategy `type` is 'Recreate'")
    return
  }
  if (type !== 'RollingUpdate') return errors.notSupported(internalStrategy(type, rollingUpdate), ['Recreate', 'RollingUpdate'])
  if (!rollingUpdate) return errors.at('rollingUpdate').required('this should be defaulted and never be nil')
  const at = errors.at('rollingUpdate')
  positiveIntOrPercent(at, 'maxUnavailable', rollingUpdate.maxUnavailable)
  positiveIntOrPercent(at, 'maxSurge', rollingUpdate.maxSurge)
  if (isZero(rollingUpdate.maxUnavailable) && isZero(rollingUpdate.maxSurge)) {
    at.at('maxUnavailable').invalid(rollingUpdate.maxUnavailable, 'may not be 0 when `maxSurge` is 0')
  }
  notAbove100Percent(at, 'maxUnavailable', rollingUpdate.maxUnavailable)
}

function validateStatus(status: DeploymentStatus, old: DeploymentStatus, errors: FieldErrors): void {
  const counts = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'] as const
  for (const field of counts) nonNegative(errors, field, status[field])
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  if (updatedReplicas > replicas) errors.at('updatedReplicas').invalid(updatedReplicas, 'cannot be greater than status.replicas')
  if (readyReplicas > replicas) errors.at('readyReplicas').invalid(readyReplicas, 'cannot be greater than status.replicas')
  if (availableReplicas > replicas) errors.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than status.replicas')
  if (availableReplicas > readyReplicas) errors.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than readyReplicas')
  notDecremented(errors, status.collisionCount, old.collisionCount)
}

/** As the original's internal structure prints, of daemon sets too. */
export function internalStrategy(type: string, rollingUpdate: DeploymentStrategy['rollingUpdate']): object {
  return { Type: type, RollingUpdate: rollingUpdate ? { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 } : null }
}

/** A collision that was counted stays counted: names were made of it. */
export function notDecremented(errors: FieldErrors, count: number | undefined, old: number | undefined): void {
  if (old !== undefined && (count === undefined || count < old)) errors.at('collisionCount').invalid(count ?? 0, 'cannot be decremented')
}
