import { isGone } from '#apimachinery/api-error'
import { type KubeObject, keyOf } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import { describeObjects } from './describe-objects'

/** An object by name (in `default` where its kind has namespaces), or any of a namespace, or any that labels choose. */
export type Where = string | { namespace?: string; name?: string; labelSelector?: string }

export interface UntilOptions {
  /** 20 s unless said otherwise. */
  timeoutMs?: number
  signal?: AbortSignal
}

export interface Until {
  /** Resolves with the first object that fits, which may be there already. Throws after the time limit, and shows what is there instead. */
  <T extends KubeObject>(resource: ResourceRef<T>, where: Where, predicate: (object: T) => boolean, options?: UntilOptions): Promise<T>
}

export interface UntilList {
  /** Resolves with all objects there are, once they fit as a whole. */
  <T extends KubeObject>(resource: ResourceRef<T>, where: Where, predicate: (objects: readonly T[]) => boolean, options?: UntilOptions): Promise<readonly T[]>
}

export interface UntilGone {
  /** Resolves when no such object is left. */
  (resource: ResourceRef, where: Where, options?: UntilOptions): Promise<void>
}

/** Waits over a client. Each wait reads the newest state first and watches from there, so it never answers from the past. */
export function createUntil(client: Client): { until: Until; untilList: UntilList; untilGone: UntilGone } {
  async function watchFor<T extends KubeObject, A>(resource: ResourceRef<T>, where: Where, what: string, look: (seen: ReadonlyMap<string, T>, changed?: T) => A | undefined, { timeoutMs = 20_000, signal }: UntilOptions): Promise<A> {
    const { namespace, name, labelSelector } = scopeOf(resource, where)
    const scope = { namespace, labelSelector, ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }) }
    const stop = new AbortController()
    const found = createDeferred<A>()
    // Whoever asked sees it below; the race may be over before.
    found.promise.catch(() => undefined)
    const seen = new Map<string, T>()
    const check = (changed?: T): void => {
      try {
        const answer = look(seen, changed)
        if (answer !== undefined) found.resolve(answer)
      } catch (error) {
        found.reject(error)
      }
    }

    const timer = setTimeout(() => stop.abort(), timeoutMs)
    const onAbort = (): void => found.reject(signal!.reason)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    const follow = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const list = await client.list(resource, { ...scope, signal: stop.signal })
        seen.clear()
        for (const object of list.items) seen.set(keyOf(object), object)
        check()
        for (const object of list.items) check(object)
        await client
          .watch(resource, { ...scope, resourceVersion: list.metadata.resourceVersion, signal: stop.signal }, (events) => {
            for (const { type, object } of events) {
              if (type === 'BOOKMARK') continue
              if (type === 'DELETED') seen.delete(keyOf(object))
              else seen.set(keyOf(object), object)
              check(type === 'DELETED' ? undefined : object)
            }
          })
          .catch((error: unknown) => {
            if (!isGone(error)) throw error
          })
      }
    }
    const following = follow().catch((error: unknown) => {
      if (!stop.signal.aborted) found.reject(error)
    })
    const timedOut = Symbol('timed out')
    try {
      const answer = await Promise.race([found.promise, following.then(() => timedOut)])
      if (answer !== timedOut) return answer as A
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      stop.abort()
      await following
    }
    const which = [namespace, name].filter(Boolean).join('/') || 'any'
    throw new Error(`${resource.resource} ${which}${labelSelector ? ` (${labelSelector})` : ''}: ${what} did not come about within ${timeoutMs / 1000} s. ${await describeObjects(client, resource, [...seen.values()])}`)
  }

  return {
    until: (resource, where, predicate, options = {}) => watchFor(resource, where, nameOf(predicate), (_, changed) => (changed && predicate(changed) ? changed : undefined), options),
    untilList: (resource, where, predicate, options = {}) =>
      watchFor(
        resource, where, nameOf(predicate),
        (seen) => {
          const objects = [...seen.values()]
          return predicate(objects) ? objects : undefined
        },
        options,
      ),
    async untilGone(resource, where, options = {}) {
      await watchFor(resource, where, 'that it is gone', (seen) => (seen.size === 0 ? true : undefined), options)
    },
  }
}

const nameOf = (predicate: Function): string => (predicate.name ? predicate.name : predicate.toString().slice(0, 200))

function scopeOf({ namespaced }: ResourceRef, where: Where): { namespace?: string; name?: string; labelSelector?: string } {
  if (typeof where !== 'string') return where
  if (!namespaced) return { name: where }
  const slash = where.indexOf('/')
  return slash < 0 ? { namespace: 'default', name: where } : { namespace: where.slice(0, slash), name: where.slice(slash + 1) }
}
