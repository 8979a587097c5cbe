import { ApiError, isGone } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { createBackoff } from '#base/backoff'
import type { Log } from '#component-base/log'
import type { Client } from './client'
import type { InformerOptions } from './informer'
import type { WatchEvent } from './transport'

/** Where a reflector puts what it reads. */
export interface Sink<T extends KubeObject> {
  /** All there is. */
  replace(objects: Iterable<T>): void
  put(object: T): void
  remove(object: T): void
  /** All changes up to here have arrived. */
  progress(revision: string): void
}

export interface ReflectorDeps { client: Client; clock: Clock; log: Log; signal: AbortSignal }

/** The waits of client-go's reflectors. */
const patience = { initial: 800, max: 30_000, jitter: 1 }
/** A watch that ends sooner and without a word counts as a failure, lest a server that ends each at once is asked without pause. */
const shortest = 1000

/** What the server does when it does not know `sendInitialEvents`; shared, so that it is found out once. */
export interface Abilities { streamedLists: boolean }

/**
 * Keeps a sink equal to what a server has until the signal is aborted: one watch that begins with a streamed list, or a
 * list and a watch where the server knows no streamed ones. Resumes where a watch ended, lists again after 410.
 */
export async function reflect<T extends KubeObject>(
  resource: ResourceRef<T>, options: InformerOptions, sink: Sink<T>, { client, clock, log, signal }: ReflectorDeps, abilities: Abilities,
): Promise<void> {
  const backoff = createBackoff(patience)
  /** As of where the sink is; empty: nothing yet, or no longer resumable. */
  let revision = ''
  let listedOnce = false

  while (!signal.aborted) {
    const started = clock.monotonic()
    let heard = false
    try {
      if (revision === '' && abilities.streamedLists) {
        await watchFromList(() => void (heard = true))
      } else {
        if (revision === '') {
          // Behind a 410 a cached answer could be the very one that was too old.
          const list = await client.list(resource, { ...options, resourceVersion: listedOnce ? undefined : '0', signal })
          sink.replace(list.items)
          reached(list.metadata.resourceVersion)
          listedOnce = true
        }
        await client.watch(resource, { ...options, resourceVersion: revision, allowWatchBookmarks: true, signal }, (events) => {
          heard = true
          take(events)
        })
      }
      if (heard || clock.monotonic() - started >= shortest) backoff.reset()
      else await rest()
    } catch (error) {
      if (signal.aborted) return
      if (isGone(error)) {
        revision = ''
        if (!heard) await rest()
        continue
      }
      if (abilities.streamedLists && revision === '' && error instanceof ApiError && (error.code === 400 || error.code === 422)) {
        log.debug('the server knows no streamed lists, listing instead', { resource: resource.resource, error: error.message })
        abilities.streamedLists = false
        continue
      }
      if (heard) backoff.reset()
      log.warn('watch failed, will try again', { resource: resource.resource, group: resource.group, error })
      await rest()
    }
  }

  async function rest(): Promise<void> {
    try {
      await clock.sleep(backoff.next(), signal)
    } catch {
      // The signal alone ends a sleep early; the loop sees it.
    }
  }

  async function watchFromList(onEvent: () => void): Promise<void> {
    let initial: Map<string, T> | undefined = new Map()
    const query = { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true, signal } as const
    await client.watch(resource, query, (events) => {
      onEvent()
      if (!initial) return take(events)
      for (let i = 0; i < events.length; i++) {
        const { type, object } = events[i]!
        if (type === 'BOOKMARK') {
          if (object.metadata.annotations?.['k8s.io/initial-events-end'] !== 'true') continue
          sink.replace(initial.values())
          reached(object.metadata.resourceVersion)
          initial = undefined
          listedOnce = true
          return take(events.slice(i + 1))
        }
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
        if (type === 'DELETED') initial.delete(key)
        else initial.set(key, object)
      }
    })
  }

  function take(events: readonly WatchEvent<T>[]): void {
    for (const { type, object } of events) {
      if (type === 'DELETED') sink.remove(object)
      else if (type !== 'BOOKMARK') sink.put(object)
      reached(object.metadata.resourceVersion)
    }
  }

  function reached(resourceVersion: string): void {
    revision = resourceVersion
    sink.progress(resourceVersion)
  }
}
