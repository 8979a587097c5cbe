import { systemClock } from '#base/clock'
import type { Clock } from '#base/clock'
import { Expiry } from '../mvcc/expiry'
import type { Expired } from '../mvcc/expiry'
import { History } from '../mvcc/history'
import { planWrite } from '../mvcc/version'
import { Watchers } from '../mvcc/watchers'
import { Conflict, StoreUnavailable } from '../store'
import type { Delete, Put, Revision, Store } from '../store'

export type MemoryStoreOptions = {
  clock?: Clock
  /** Superseded values are forgotten, oldest first, beyond this many bytes. */
  historyBytes?: number
}

/** A store that ends with its process. Values are kept as they are given: nobody may change them afterwards. */
export function openMemoryStore({ clock = systemClock, historyBytes = 32 * 2 ** 20 }: MemoryStoreOptions = {}): Store {
  const history = new History((version) => version.value!)
  const watchers = new Watchers(history)
  const expiry = new Expiry(clock, deleteExpired)
  let closed = false

  function write(changes: readonly (Put | Delete)[]): Revision {
    if (closed) throw new StoreUnavailable('the store has been closed')
    if (changes.length === 0) return history.newest
    const planned = planWrite(changes, history.newest, clock.now(), (key) => history.head(key))
    if (!Array.isArray(planned)) throw new Conflict(planned.key, planned.head && history.entry(planned.head))
    history.apply(planned)
    for (const version of planned) if (version.expires > 0) expiry.add(version)
    watchers.publish(planned)
    if (history.superseded > historyBytes) history.compact(history.toForget(historyBytes / 4), () => {})
    return planned[0]!.revision
  }

  function deleteExpired(expired: Expired[]): void {
    // Only what still is as it was when its time was set: each by itself, since the others must not keep it.
    for (const { key, revision } of expired) if (history.head(key)?.revision === revision) write([{ key, expect: revision }])
  }

  return {
    current: async () => history.newest,
    get: async (key, options) => history.get(key, options?.at),
    list: async (prefix, options) => history.list(prefix, options),
    write: async (changes) => write(changes),
    watch: watchers.watch,
    compact: async (before) => history.compact(before, () => {}),
    async [Symbol.asyncDispose]() {
      closed = true
      expiry[Symbol.dispose]()
      watchers.close()
    },
  }
}
