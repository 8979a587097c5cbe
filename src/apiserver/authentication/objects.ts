import type { KubeObject, NamespacedName } from '#apimachinery/object'
import { keyOf } from '#apimachinery/object'
import { isNotFound } from '#apimachinery/api-error'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'

/**
 * How authentication, authorization and admission look at objects: at what is in memory first, so that most decisions
 * never wait; at the store only where a stale "not there" would refuse somebody wrongly.
 */
export interface ObjectReader {
  /** What is in memory: may lag behind by a moment. */
  get<T extends KubeObject>(resource: ResourceRef<T>, name: NamespacedName): T | undefined
  list<T extends KubeObject>(resource: ResourceRef<T>, namespace?: string): readonly T[]
  /** The newest there is. */
  live<T extends KubeObject>(resource: ResourceRef<T>, name: NamespacedName): Promise<T | undefined>
  /** The object as soon as it is there; undefined when it is not after `ms`. */
  appears<T extends KubeObject>(resource: ResourceRef<T>, name: NamespacedName, ms: number): Promise<T | undefined>
}

/** A reader over in-process informers. `client` must act as a superuser: these are the server's own questions. */
export function objectReader(informers: Informers, client: Client, clock: Pick<Clock, 'after'>): ObjectReader {
  return {
    get: (resource, name) => informers.get(resource).get(keyOf({ metadata: name })),
    list: (resource, namespace) => informers.get(resource).list(namespace),
    async live(resource, name) {
      try {
        return await client.get(resource, name)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    appears: (resource, name, ms) => waitFor(informers.get(resource), keyOf({ metadata: name }), ms, clock),
  }
}

function waitFor<T extends KubeObject>(informer: Informer<T>, key: string, ms: number, clock: Pick<Clock, 'after'>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const there = informer.get(key)
    if (there) return resolve(there)
    let subscription: Disposable | undefined = undefined
    const settle = (object: T | undefined): void => {
      timer[Symbol.dispose]()
      subscription?.[Symbol.dispose]()
      resolve(object)
    }
    const timer = clock.after(ms, () => settle(undefined))
    subscription = informer.on((object) => {
      if (object && keyOf(object) === key) settle(object)
    })
  })
}

/** From memory when it is there, otherwise from the store: a promise only in the rare case. */
export function getOrLive<T extends KubeObject>(objects: ObjectReader, resource: ResourceRef<T>, name: NamespacedName): T | undefined | Promise<T | undefined> {
  return objects.get(resource, name) ?? objects.live(resource, name)
}
