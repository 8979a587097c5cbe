import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#api/apps/v1/types'
import { formatTime } from '#apimachinery/time'
import { findCondition, withWorkloadCondition, withoutCondition } from '#component-helpers/conditions'
import { allSets, available, hasProgressDeadline, maxUnavailable, progressing, sum, wanted } from './rollout'
import type { Rollout } from './rollout'

/** All pods are of the present template and available, and there are as many as asked for. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas && (status.replicas ?? 0) === spec.replicas && (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  )
}

/** The numbers, and whether enough pods are available. */
export function countedStatus(rollout: Rollout): DeploymentStatus {
  const { deployment, newSet, now } = rollout
  const all = allSets(rollout)
  const availableReplicas = available(all)
  const enough = availableReplicas >= deployment.spec.replicas - maxUnavailable(deployment)
  const availability: DeploymentCondition = {
    type: 'Available', status: enough ? 'True' : 'False', lastUpdateTime: formatTime(now), lastTransitionTime: formatTime(now),
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  }
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(all, ({ status }) => status.replicas) || undefined,
    updatedReplicas: newSet?.status.replicas || undefined,
    readyReplicas: sum(all, ({ status }) => status.readyReplicas) || undefined,
    availableReplicas: availableReplicas || undefined,
    unavailableReplicas: Math.max(0, wanted(all) - availableReplicas) || undefined,
    terminatingReplicas: terminating(all),
    collisionCount: rollout.collisionCount,
    conditions: withWorkloadCondition(rollout.conditions, availability),
  }
}

/** The numbers, and how the rollout gets on: `kubectl rollout status` reads these conditions. */
export function rolloutStatus(rollout: Rollout): DeploymentStatus {
  const { deployment, newSet, now } = rollout
  const status = countedStatus(rollout)
  const current = findCondition(rollout.conditions, 'Progressing')
  const what = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  let conditions = status.conditions ?? []

  if (!hasProgressDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing')
  else if (!((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable')) {
    if (isComplete(deployment, status))
      conditions = withWorkloadCondition(conditions, progressing(now, 'True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`))
    else if (hasProgressed(deployment.status, status)) {
      const fresh = progressing(now, 'True', 'ReplicaSetUpdated', `${what} is progressing.`)
      // Each step starts the deadline anew; the transition stays where it was.
      if (current?.status === 'True') fresh.lastTransitionTime = current.lastTransitionTime
      conditions = withWorkloadCondition(withoutCondition(conditions, 'Progressing'), fresh)
    } else if (hasTimedOut(deployment, current, now))
      conditions = withWorkloadCondition(conditions, progressing(now, 'False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`))
  }

  const failure = failureOf(newSet ? [newSet, ...allSets(rollout)] : allSets(rollout))
  conditions = failure ? withWorkloadCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure')
  return { ...status, conditions }
}

/** Milliseconds until the progress deadline is worth a look; undefined where there is nothing to wait for. */
export function nextDeadlineCheck(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const current = findCondition(status.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || !current?.lastUpdateTime) return undefined
  if (isComplete(deployment, status) || current.reason === 'ProgressDeadlineExceeded' || current.reason === 'DeploymentPaused') return undefined
  return Math.max(0, Date.parse(current.lastUpdateTime) + deployment.spec.progressDeadlineSeconds * 1000 - now) + 1000
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) || old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) || (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function hasTimedOut({ spec }: Deployment, current: DeploymentCondition | undefined, now: number): boolean {
  if (!current || current.reason === 'NewReplicaSetAvailable') return false
  if (current.reason === 'ProgressDeadlineExceeded') return true
  return Date.parse(current.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000 < now
}

/** Why a set could not create or delete pods: the new one's reason first. */
function failureOf(sets: readonly ReplicaSet[]): DeploymentCondition | undefined {
  for (const { status } of sets) {
    const failure = findCondition(status.conditions, 'ReplicaFailure')
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime }
  }
  return undefined
}

/** Unknown as long as one set has not said. */
function terminating(sets: readonly ReplicaSet[]): number | undefined {
  let total = 0
  for (const { status } of sets) {
    if (status.terminatingReplicas === undefined && (status.observedGeneration ?? 0) > 0) return undefined
    total += status.terminatingReplicas ?? 0
  }
  return total
}
