import { replicasets } from '#api/apps/v1/replica-set'
import type { Deployment, DeploymentCondition, ReplicaSet } from '#api/apps/v1/types'
import { formatTime } from '#apimachinery/time'
import { clone } from '#base/clone'
import type { Client } from '#client/client'
import type { Tell } from '#controller-runtime/controller'
import { deployments } from '#api/apps/v1/deployment'
import { scaledValue } from '#apimachinery/int-or-string'

/** One turn over a Deployment: what is there, and what the turn has found out that the status will tell. */
export interface Rollout {
  readonly deployment: Deployment
  /** Of the template that the Deployment has now. */
  newSet: ReplicaSet | undefined
  /** Of the templates it had before, oldest first. */
  oldSets: ReplicaSet[]
  conditions: DeploymentCondition[]
  /** The annotation `deployment.kubernetes.io/revision`. */
  revision: string | undefined
  collisionCount: number | undefined
  readonly client: Client
  readonly tell: Tell
  readonly now: number
}

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const

export const isRolling = ({ spec }: Deployment): boolean => spec.strategy.type === 'RollingUpdate'

/** How many pods more, and how many less, than asked for may be there while a rollout goes on. Not both are 0, or it would stand still. */
function slack({ spec }: Deployment): { surge: number; unavailable: number } {
  const surge = scaledValue(spec.strategy.rollingUpdate?.maxSurge ?? 0, spec.replicas, 'up')
  const unavailable = scaledValue(spec.strategy.rollingUpdate?.maxUnavailable ?? 0, spec.replicas, 'down')
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}
export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? slack(deployment).surge : 0)
export const maxUnavailable = (deployment: Deployment): number =>
  isRolling(deployment) && deployment.spec.replicas > 0 ? Math.min(slack(deployment).unavailable, deployment.spec.replicas) : 0

export const allSets = ({ newSet, oldSets }: Rollout): ReplicaSet[] => (newSet ? [...oldSets, newSet] : oldSets)
export const wantsPods = ({ spec }: ReplicaSet): boolean => spec.replicas > 0
export const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number | undefined): number => sets.reduce((total, set) => total + (count(set) ?? 0), 0)
export const wanted = (sets: readonly ReplicaSet[]): number => sum(sets, ({ spec }) => spec.replicas)
export const available = (sets: readonly ReplicaSet[]): number => sum(sets, ({ status }) => status.availableReplicas)

/** Oldest first, by name where they are as old. */
export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1)

export const hasProgressDeadline = ({ spec }: Deployment): boolean => spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== 2 ** 31 - 1

export function progressing(now: number, status: 'True' | 'False' | 'Unknown', reason: string, message: string): DeploymentCondition {
  return { type: 'Progressing', status, lastUpdateTime: formatTime(now), lastTransitionTime: formatTime(now), reason, message }
}

/** Writes a changed ReplicaSet, and puts what came of it in the place of the old. */
export async function replaceSet(rollout: Rollout, set: ReplicaSet, change: (copy: ReplicaSet) => void): Promise<ReplicaSet> {
  const copy = clone(set)
  change(copy)
  const written = await rollout.client.update(replicasets, copy)
  if (rollout.newSet === set) rollout.newSet = written
  rollout.oldSets = rollout.oldSets.map((old) => (old === set ? written : old))
  return written
}

/** Asks a ReplicaSet for another number of pods, and tells it. True where the number is another than before. */
export async function scaleSet(rollout: Rollout, set: ReplicaSet, replicas: number): Promise<boolean> {
  const { deployment, tell } = rollout
  const before = set.spec.replicas
  const sizes = sizeAnnotations(deployment)
  if (before === replicas && Object.entries(sizes).every(([key, value]) => set.metadata.annotations?.[key] === value)) return false
  await replaceSet(rollout, set, (copy) => {
    copy.spec.replicas = replicas
    copy.metadata.annotations = { ...copy.metadata.annotations, ...sizes }
  })
  if (before === replicas) return false
  const direction = before < replicas ? 'up' : 'down'
  tell(deployments, deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`)
  return true
}

/** What a ReplicaSet remembers of its Deployment's size, for scaling in proportion later. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas } = deployment.spec
  return { [annotations.desiredReplicas]: String(replicas), [annotations.maxReplicas]: String(replicas + maxSurge(deployment)) }
}

/** How large the new set may be now: as large as is asked for, within what may be there together. */
export function newSetSize({ deployment }: Rollout, all: readonly ReplicaSet[], current: number): number {
  const { replicas } = deployment.spec
  if (!isRolling(deployment)) return replicas
  const limit = replicas + scaledValue(deployment.spec.strategy.rollingUpdate?.maxSurge ?? 0, replicas, 'up')
  const there = wanted(all)
  return there >= limit ? current : current + Math.min(limit - there, replicas - current)
}
