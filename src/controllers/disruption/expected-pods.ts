import { isNotFound } from '#apimachinery/api-error'
import type { OwnerReference } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import { statefulsets } from '#api/apps/v1/stateful-set'
import { replicationcontrollers } from '#api/core/v1/replication-controller'
import type { Pod } from '#api/core/v1/types'
import type { PodDisruptionBudget } from '#api/policy/v1/types'
import type { Client } from '#client/client'
import type { Cached } from '#controller-runtime/controller'
import { groupOf, kindFinder } from '#controller-runtime/discovery'
import { controllerOf } from '#component-helpers/owner-references'
import { scaledValue } from '#apimachinery/int-or-string'

/** What finds out how large the owners of pods are. */
export interface Scales {
  /** Undefined where there is no such owner. Throws for a kind that has no scale. */
  of(reference: OwnerReference, namespace: string): Promise<{ uid: string; replicas: number } | undefined>
}

type Sized = KubeObject & { spec: { replicas?: number } }

/** Built-in workloads are read from the caches, all others through their subresource `scale`. */
export function createScales(cached: Cached, client: Client): Scales {
  const find = kindFinder(client)
  const sized = (object: Sized | undefined, uid: string): { uid: string; replicas: number } | undefined =>
    object?.metadata.uid === uid ? { uid, replicas: object.spec.replicas ?? 1 } : undefined

  return {
    async of(reference, namespace) {
      const { apiVersion, kind, name, uid } = reference
      const group = groupOf(apiVersion)
      const key = `${namespace}/${name}`
      if (group === '' && kind === 'ReplicationController') return sized(cached(replicationcontrollers).get(key), uid)
      if (group === 'apps' && kind === 'StatefulSet') return sized(cached(statefulsets).get(key), uid)
      if (group === 'apps' && kind === 'ReplicaSet') {
        const set = cached(replicasets).get(key)
        if (set?.metadata.uid !== uid) return undefined
        const parent = controllerOf(set)
        // Of a Deployment's sets one shrinks while the other grows: its own number counts.
        return parent?.kind === 'Deployment' ? sized(cached(deployments).get(`${namespace}/${parent.name}`), parent.uid) : sized(set, uid)
      }
      const resource = await find(reference)
      try {
        return sized(await client.get(resource, { namespace, name }, { subresource: 'scale' }) as Sized, uid)
      } catch (error) {
        if (!isNotFound(error)) throw error
        if (error.status.details?.name === name) return undefined
        throw new Error(`${resource.resource}${group ? `.${group}` : ''} does not implement the scale subresource`, { cause: error })
      }
    },
  }
}

export interface Expected {
  /** How many pods there should be. */
  expectedPods: number
  /** How many of them have to be healthy. */
  desiredHealthy: number
  /** Names of pods that nobody manages: nobody knows how many of them there should be. */
  unmanaged: string[]
}

export async function expectedPods({ spec: { minAvailable, maxUnavailable } }: PodDisruptionBudget, pods: readonly Pod[], scales: Scales): Promise<Expected> {
  if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expectedPods: pods.length, desiredHealthy: minAvailable, unmanaged: [] }
  if (maxUnavailable === undefined && minAvailable === undefined) return { expectedPods: 0, desiredHealthy: 0, unmanaged: [] }
  const unmanaged: string[] = []
  const sizes = new Map<string, number>()
  // Several owners' pods may be of one Deployment, under another uid than theirs.
  const asked = new Set<string>()
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (!owner) {
      unmanaged.push(pod.metadata.name)
      continue
    }
    if (asked.has(owner.uid)) continue
    const scale = await scales.of(owner, pod.metadata.namespace!)
    if (!scale) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
    asked.add(owner.uid)
    sizes.set(scale.uid, scale.replicas)
  }
  const expected = [...sizes.values()].reduce((sum, replicas) => sum + replicas, 0)
  const desiredHealthy = maxUnavailable === undefined ? scaledValue(minAvailable ?? 0, expected, 'up') : Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up'))
  return { expectedPods: expected, desiredHealthy, unmanaged }
}
