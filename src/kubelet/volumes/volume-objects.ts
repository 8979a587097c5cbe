import { isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import { orAborted } from '#base/abort'
import type { Client } from '#client/client'
import { reflect } from '#client/reflector'
import type { Abilities } from '#client/reflector'
import type { Log } from '#component-base/log'
import type { VolumeObjects } from './volume-plugin'

interface Followed { object: KubeObject | undefined; users: Set<string>; abort: AbortController; first: Promise<void> }

/**
 * Follows config maps and secrets one by one, as the node is allowed to: a watch per object, shared by its pods, for
 * as long as one of them uses it.
 */
export function createVolumeObjects({ client, clock, log, signal, changed }: { client: Client; clock: Clock; log: Log; signal: AbortSignal; changed(podUid: string): void }): VolumeObjects {
  const followed = new Map<string, Followed>()
  const abilities: Abilities = { streamedLists: true }

  function follow(resource: ResourceRef, namespace: string | undefined, name: string): Followed {
    const abort = new AbortController()
    const first = createDeferred()
    const one: Followed = { object: undefined, users: new Set(), abort, first: first.promise }
    let started = false
    const set = (object: KubeObject | undefined): void => {
      const same = one.object?.metadata.resourceVersion === object?.metadata.resourceVersion
      one.object = object
      if (started && !same) for (const uid of one.users) changed(uid)
      if (!started) {
        started = true
        first.resolve()
      }
    }
    const sink = {
      replace: (objects: Iterable<KubeObject>) => set([...objects][0]),
      put: (object: KubeObject) => set(object),
      remove: () => set(undefined),
      progress() {},
    }
    reflect(resource, { ...(namespace ? { namespace } : {}), fieldSelector: `metadata.name=${name}` }, sink, { client, clock, log, signal: AbortSignal.any([signal, abort.signal]) }, abilities)
      .catch((error: unknown) => log.error('object of a volume is no longer followed', { resource: resource.resource, name, error }))
    return one
  }

  return {
    async get<T extends KubeObject>(resource: ResourceRef<T>, pod: Parameters<VolumeObjects['get']>[1], name: string) {
      const namespace = resource.namespaced ? pod.metadata.namespace : undefined
      const key = `${resource.resource}/${namespace ?? ''}/${name}`
      let one = followed.get(key)
      if (!one) followed.set(key, (one = follow(resource, namespace, name)))
      one.users.add(pod.metadata.uid ?? '')
      await orAborted(one.first, signal)
      return one.object as T | undefined
    },
    async read(resource, pod, name) {
      const { namespace } = pod.metadata
      try {
        return await client.get(resource, { ...(resource.namespaced && namespace ? { namespace } : {}), name }, { signal })
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    release(podUid) {
      for (const [key, one] of followed) {
        if (!one.users.delete(podUid) || one.users.size > 0) continue
        one.abort.abort(new Error('no pod uses it any more'))
        followed.delete(key)
      }
    },
  }
}
