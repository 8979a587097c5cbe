import { keyOf } from '#apimachinery/object'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import type { Log } from '#component-base/log'
import type { Client } from './client'
import type { Informer, InformerOptions, Informers } from './informer'
import { createCache } from './informer-cache'
import { reflect } from './reflector'
import type { Abilities, Sink } from './reflector'

export interface InformersDeps { clock: Clock; log: Log }

interface Running {
  readonly informer: Informer<KubeObject>
  readonly ended: Promise<void>
  readonly own: AbortController
}
type Handler<T> = (object: T | undefined, old: T | undefined) => void

/** Informers over one client. Each starts when it is first asked for; disposing ends all their watches. */
export function createInformers(client: Client, { clock, log }: InformersDeps): Informers {
  const stop = new AbortController()
  const running = new Map<string, Running>()
  /** Of whole resources, which are asked for with each request that a server answers. */
  const whole = new WeakMap<ResourceRef, Running>()
  const abilities: Abilities = { streamedLists: true }

  return {
    get<T extends KubeObject>(resource: ResourceRef<T>, asked?: InformerOptions): Informer<T> {
      const known = asked === undefined ? whole.get(resource) : undefined
      if (known && !known.own.signal.aborted) return known.informer as unknown as Informer<T>
      const options = asked ?? {}
      const id = idOf(resource, options)
      let found = running.get(id) ?? (options.metadataOnly ? running.get(idOf(resource, { ...options, metadataOnly: false })) : undefined)
      if (!found) {
        if (stop.signal.aborted) throw new Error(`the informers have been disposed of, ${resource.resource} was asked for`)
        const { informer, sink, fail } = createInformer(resource, log)
        const own = new AbortController()
        const signal = AbortSignal.any([stop.signal, own.signal])
        const ended = reflect(resource, options, sink, { client, clock, log, signal }, abilities)
          .finally(() => fail(new Error(`the informer of ${resource.resource} was disposed of before its first list`)))
        running.set(id, (found = { informer: informer as unknown as Informer<KubeObject>, ended, own }))
      }
      if (asked === undefined) whole.set(resource, found)
      return found.informer as unknown as Informer<T>
    },
    drop(resource, options = {}) {
      const id = idOf(resource, options)
      running.get(id)?.own.abort()
      running.delete(id)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled([...running.values()].map(({ ended }) => ended))
    },
  }
}

const idOf = ({ group, version, resource }: ResourceRef, { namespace = '', labelSelector = '', fieldSelector = '', metadataOnly }: InformerOptions): string =>
  [group, version, resource, namespace, labelSelector, fieldSelector, metadataOnly ? 'metadata' : ''].join('|')

function createInformer<T extends KubeObject>(resource: ResourceRef<T>, log: Log): { informer: Informer<T>; sink: Sink<T>; fail: (why: Error) => void } {
  const cache = createCache<T>()
  const handlers = new Set<Handler<T>>()
  const synced = createDeferred()
  // Whoever waits sees the failure; nobody has to.
  synced.promise.catch(() => {})
  let hasSynced = false
  let revision = 0

  const call = (handler: Handler<T>, object: T | undefined, old: T | undefined): void => {
    try {
      handler(object, old)
    } catch (error) {
      log.error('an informer handler threw', { resource: resource.resource, object: keyOf((object ?? old)!), error })
    }
  }
  const tell = (object: T | undefined, old: T | undefined): void => {
    for (const handler of handlers) call(handler, object, old)
  }

  const put = (object: T): void => {
    const old = cache.put(object)
    if (old === undefined || old.metadata.uid === object.metadata.uid) return tell(object, old)
    // Deleted and made anew while nobody watched: two things happened to two objects.
    tell(undefined, old)
    tell(object, undefined)
  }

  const sink: Sink<T> = {
    replace(objects) {
      const gone = new Set(cache.keys())
      for (const object of objects) {
        const key = keyOf(object)
        gone.delete(key)
        if (cache.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) put(object)
      }
      for (const key of gone) tell(undefined, cache.remove(key))
      hasSynced = true
      synced.resolve()
    },
    put,
    progress: (reached) => void (revision = Number(reached)),
    remove(object) {
      // The event carries the last state, which is newer than the cached one.
      if (cache.remove(keyOf(object))) tell(undefined, object)
    },
  }

  const informer: Informer<T> = {
    resource,
    synced: synced.promise,
    get hasSynced() {
      return hasSynced
    },
    get revision() {
      return revision
    },
    get: cache.get,
    list: cache.list,
    by: cache.by,
    index: cache.addIndex,
    on(handler) {
      for (const object of cache.list()) call(handler, object, undefined)
      handlers.add(handler)
      return { [Symbol.dispose]: () => void handlers.delete(handler) }
    },
  }
  return { informer, sink, fail: synced.reject }
}
