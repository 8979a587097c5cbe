import { randomUUID } from 'node:crypto'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Log } from '#component-base/log'
import { Conflict, type Store } from '#storage/store'
import { followEndpoints, type ServerAddress } from './kubernetes-endpoint'

/** Where API servers that share a store write down that they are there; the original has its entries under the same prefix. */
const prefix = '/registry/masterleases/'
/** As in the original: an entry that is not renewed is gone after 15 seconds. */
const ttlSeconds = 15
const renewMs = 10_000

/**
 * One of several API servers on one store: keeps an entry there while it lives, and the `kubernetes` Service leads to all that
 * have one. Resolves when its own is written. Disposing takes it back.
 */
export async function shareEndpoint(address: ServerAddress, { store, client, clock, log }: { store: Store; client: Client; clock: Clock; log: Log }): Promise<AsyncDisposable> {
  const stop = new AbortController()
  const { signal } = stop
  const key = `${prefix}${randomUUID()}`
  const value = new TextEncoder().encode(JSON.stringify(address))
  const write = async (): Promise<void> => {
    const there = await store.get(key)
    await store.write([{ key, value, expect: there?.revision ?? 'absent', ttlSeconds }])
  }
  await write()

  const renewing = (async () => {
    for (;;) {
      await clock.sleep(renewMs, signal)
      await write().catch((error: unknown) => log.warn('could not renew the entry of this API server', { error }))
    }
  })().catch(() => undefined) // Stopped.

  const tell = (error: unknown): void => {
    if (!signal.aborted) log.warn('could not let the kubernetes Service follow the API servers', { error })
  }
  const follow = async (): Promise<{ revision: number }> => {
    const { entries, revision } = await store.list(prefix, { limit: 1000, maxBytes: 1 << 20 })
    await followEndpoints(client, entries.map((entry) => JSON.parse(new TextDecoder().decode(entry.value)) as ServerAddress))
    return { revision }
  }

  const following = (async () => {
    while (!signal.aborted) {
      try {
        const { revision } = await follow()
        await store.watch(prefix, { after: revision, signal }, ({ changes }) => {
          if (changes.some((change) => change.before === undefined || change.value === undefined)) void follow().catch(tell)
        })
      } catch (error) {
        tell(error)
        await clock.sleep(1000, signal).catch(() => undefined)
      }
    }
  })()

  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('this API server is going'))
      await Promise.all([renewing, following])
      const there = await store.get(key)
      if (there) {
        await store.write([{ key, expect: there.revision }]).catch((error: unknown) => {
          // It ended by itself meanwhile.
          if (!(error instanceof Conflict)) throw error
        })
      }
    },
  }
}
