import { isAlreadyExists } from '#apimachinery/api-error'
import type { Input, KubeObject } from '#apimachinery/object'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import type { Deployment, ReplicaSet } from '#api/apps/v1/types'
import { clone } from '#base/clone'
import { messageOf } from '#base/error-message'
import { findCondition, withWorkloadCondition } from '#component-helpers/conditions'
import { isControlledBy } from '#component-helpers/owner-references'
import { controllerReference } from '#controller-runtime/owners'
import { isNamespaceTerminating } from '#controller-runtime/namespace-terminating'
import { templateHash } from '#component-helpers/template-hash'
import { sameTemplate, templateHashLabel } from './same-template'
import { annotations, byAge, hasProgressDeadline, newSetSize, progressing, replaceSet, sizeAnnotations } from './rollout'
import type { Rollout } from './rollout'

/** What belongs to one object alone and is not handed on from a Deployment to its ReplicaSets. */
export const own: ReadonlySet<string> = new Set([...Object.values(annotations), 'kubectl.kubernetes.io/last-applied-configuration', 'deprecated.deployment.rollback.to'])
const longestHistory = 2000

/** The set of the present template is the new one, all others are old. */
export function sortOut(deployment: Deployment, sets: readonly ReplicaSet[]): Pick<Rollout, 'newSet' | 'oldSets'> {
  const sorted = [...sets].sort(byAge)
  const newSet = sorted.find((set) => sameTemplate(set.spec.template, deployment.spec.template))
  return { newSet, oldSets: sorted.filter((set) => set !== newSet) }
}

/** Whoever migrates numbers them with 64 bits. */
export function revisionOf({ metadata }: ReplicaSet): bigint {
  const text = metadata.annotations?.[annotations.revision]
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) : 0n
}

const nextRevision = (sets: readonly ReplicaSet[]): bigint => sets.map(revisionOf).reduce((most, one) => (one > most ? one : most), 0n) + 1n

/** Gives the new set the newest revision number, and the Deployment the new set's. */
export async function syncRevision(rollout: Rollout): Promise<void> {
  const { deployment, newSet, oldSets, now } = rollout
  if (!newSet) return
  const revision = nextRevision(oldSets)
  const changed = revisionAnnotations(deployment, newSet, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (changed || (newSet.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    await replaceSet(rollout, newSet, (copy) => {
      if (changed) copy.metadata.annotations = changed
      copy.spec.minReadySeconds = minReadySeconds
    })
    return
  }
  rollout.revision = newSet.metadata.annotations?.[annotations.revision]
  if (hasProgressDeadline(deployment) && !findCondition(rollout.conditions, 'Progressing'))
    rollout.conditions = withWorkloadCondition(rollout.conditions, progressing(now, 'True', 'FoundNewReplicaSet', `Found new replica set "${newSet.metadata.name}"`))
}

/** Makes the set of the present template. Throws after saying why where it cannot; `collisionCount` has grown where the name was taken. */
export async function createNewSet(rollout: Rollout): Promise<void> {
  const { deployment, oldSets, client, tell, now } = rollout
  const { metadata, spec } = deployment
  const hash = templateHash(spec.template, rollout.collisionCount)
  const template = clone(spec.template)
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [templateHashLabel]: hash } }
  const replicas = newSetSize(rollout, oldSets, 0)
  const revision = nextRevision(oldSets)
  const set: Input<ReplicaSet> & { metadata: object } = {
    metadata: {
      namespace: metadata.namespace, name: `${metadata.name.slice(0, 253 - 1 - hash.length)}-${hash}`, ownerReferences: [controllerReference(deployments, deployment)],
      labels: { ...template.metadata.labels }, annotations: { ...handedOn(deployment), [annotations.revision]: String(revision), ...sizeAnnotations(deployment) },
    },
    spec: {
      replicas, minReadySeconds: spec.minReadySeconds, template,
      selector: { ...clone(spec.selector), matchLabels: { ...spec.selector.matchLabels, [templateHashLabel]: hash } },
    },
  }
  const name = (set.metadata as { name: string }).name
  let made: ReplicaSet
  try {
    made = await client.create(replicasets, set)
    if (replicas > 0) tell(deployments, deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`)
    if (hasProgressDeadline(deployment))
      rollout.conditions = withWorkloadCondition(rollout.conditions, progressing(now, 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`))
  } catch (error) {
    if (isNamespaceTerminating(error)) throw error
    if (isAlreadyExists(error)) {
      const there = await client.get(replicasets, { namespace: metadata.namespace, name })
      // Ours, made in a turn that the cache does not show yet; or another template's with the same hash.
      if (!isControlledBy(there, deployment) || !sameTemplate(there.spec.template, spec.template)) {
        rollout.collisionCount = (rollout.collisionCount ?? 0) + 1
        throw error
      }
      made = there
    } else {
      const message = `Failed to create new replica set "${name}": ${messageOf(error)}`
      if (hasProgressDeadline(deployment)) rollout.conditions = withWorkloadCondition(rollout.conditions, progressing(now, 'False', 'ReplicaSetCreateError', message))
      tell(deployments, deployment, 'Warning', 'ReplicaSetCreateError', message)
      throw error
    }
  }
  rollout.newSet = made
  rollout.revision = String(revision)
}

/** Deletes old sets that no longer have pods, beyond as many as the history keeps. */
export async function cleanUp({ deployment, oldSets, client }: Rollout): Promise<void> {
  const keep = deployment.spec.revisionHistoryLimit
  if (keep === undefined || keep === 2 ** 31 - 1) return
  const alive = oldSets.filter(({ metadata }) => !metadata.deletionTimestamp).sort((a, b) => Number(revisionOf(a) - revisionOf(b)) || byAge(a, b))
  for (const { metadata, spec, status } of alive.slice(0, Math.max(0, alive.length - keep))) {
    if (status.replicas !== 0 || spec.replicas !== 0 || (metadata.generation ?? 0) > (status.observedGeneration ?? 0)) continue
    await client.delete(replicasets, metadata, { preconditions: { uid: metadata.uid } })
  }
}

export function handedOn({ metadata }: KubeObject): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !own.has(key)))
}

/** The annotations of a set that becomes revision `revision`, or undefined where it needs no change. */
function revisionAnnotations(deployment: Deployment, set: ReplicaSet, revision: bigint): Record<string, string> | undefined {
  const before = set.metadata.annotations ?? {}
  const after: Record<string, string> = { ...before, ...handedOn(deployment) }
  const old = before[annotations.revision]
  if (old === undefined || (/^\d+$/.test(old) && BigInt(old) < revision)) {
    after[annotations.revision] = String(revision)
    if (old !== undefined) after[annotations.revisionHistory] = appendRevision(before[annotations.revisionHistory], old)
  }
  return Object.keys(after).some((key) => after[key] !== before[key]) ? after : undefined
}

/** The oldest go where it would become too long. */
function appendRevision(history: string | undefined, revision: string): string {
  const all = history ? history.split(',') : []
  all.push(revision)
  while (all.length > 1 && all.join(',').length > longestHistory) all.shift()
  return all.join(',')
}
