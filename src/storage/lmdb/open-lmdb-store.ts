import { systemClock } from '#base/clock'
import type { Clock } from '#base/clock'
import { Expiry } from '../mvcc/expiry'
import type { Expired } from '../mvcc/expiry'
import { History, firstRevision } from '../mvcc/history'
import { Retention } from '../mvcc/retention'
import { planWrite } from '../mvcc/version'
import type { Version } from '../mvcc/version'
import { Watchers } from '../mvcc/watchers'
import { Conflict, StoreUnavailable } from '../store'
import type { Delete, Put, Revision, Store } from '../store'
import { CommitQueue } from './commit-queue'
import { claimDirectory, syncDirectory } from './directory'
import { LogFile } from './log-file'
import { RecentValues } from './recent-values'
import { checkKey } from './record'

export type LmdbStoreOptions = {
  /** The data directory; made when it is not there. Nobody else may use it. */
  dir: string
  clock?: Clock
  log?: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void }
  /** Superseded versions are forgotten once they are older than this, and younger than twice this; kube-apiserver's five minutes. */
  historyMs?: number
  /** Superseded versions are forgotten, oldest first, beyond about this many bytes on disk. */
  historyBytes?: number
  /** How many bytes of values, the last written, are kept in memory. */
  memoryBytes?: number
}

const mebibyte = 2 ** 20
/** How much is dropped with one commit at most, so that no writer waits for a long one. */
const droppedAtOnce = 512
/** How long a deletion of what has expired waits after it could not be written. */
const expiryRetryMs = 10_000

/**
 * A store on this machine's disk. Throws `StoreUnavailable` when the directory is in use, is something else, or is damaged. Values
 * written are kept as they are given: nobody may change them afterwards.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const { dir, clock = systemClock, log, historyMs = 300_000, historyBytes = 24 * mebibyte, memoryBytes = 32 * mebibyte } = options
  const claim = claimDirectory(dir)
  let file: LogFile
  let history: History
  /** Positions of records that nobody needs any more, to be dropped from disk. */
  let garbage: number[] = []
  const dropped = (version: Version): void => {
    garbage.push(version.position)
    version.value = undefined
  }
  try {
    file = new LogFile(dir)
    syncDirectory(dir)
    history = new History((version) => file.value(version), 0)
    const oldest = Math.max(
      firstRevision,
      file.load((version) => history.apply([version])),
    )
    history.newest = Math.max(history.newest, oldest)
    history.compact(oldest, dropped)
  } catch (error) {
    claim[Symbol.dispose]()
    throw error
  }
  let oldestOnDisk = history.oldest
  /** The newest revision that has been given away, written or not. */
  let planned = history.newest
  let closed = false

  const recent = new RecentValues(memoryBytes)
  const watchers = new Watchers(history)
  const expiry = new Expiry(clock, (expired) => {
    // Each by itself: one that was written again must not keep the others.
    for (const one of expired) void deleteExpired(one)
  })
  const retention = new Retention(clock, historyMs, () => history.newest, compact)
  const queue = new CommitQueue({ commit, committed, hasChores: () => garbage.length > 0 })
  history.eachStanding((version) => {
    if (version.expires > 0) expiry.add(version)
  })

  async function commit(versions: Version[]): Promise<void> {
    const dropping = garbage.slice(0, droppedAtOnce)
    garbage = garbage.slice(dropping.length)
    const { oldest } = history
    try {
      await file.commit(versions, dropping, oldest > oldestOnDisk ? oldest : undefined)
      oldestOnDisk = oldest
    } catch (error) {
      garbage = [...dropping, ...garbage]
      log?.warn('a commit failed', { dir, error })
      throw error
    }
  }

  function committed(versions: Version[]): void {
    history.apply(versions)
    for (const version of versions) if (version.expires > 0) expiry.add(version)
    watchers.publish(versions)
    recent.add(versions)
    retention.wrote()
    if (history.superseded > historyBytes) compact(history.toForget(historyBytes / 8))
  }

  async function write(changes: readonly (Put | Delete)[]): Promise<Revision> {
    checkOpen()
    if (changes.length === 0) return history.newest
    for (const { key } of changes) checkKey(key)
    const versions = planWrite(changes, planned, clock.now(), (key) => queue.pendingOf(key) ?? history.head(key))
    if (Array.isArray(versions)) {
      planned += changes.length
      return queue.add(versions)
    }
    const { key, head } = versions
    // What stands in the way may itself not be durable yet, and then come to nothing: the answer waits for it.
    if (queue.pendingOf(key)) {
      await queue.settled(key)
      return write(changes)
    }
    throw new Conflict(key, head && history.entry(head))
  }

  function compact(before: Revision): void {
    history.compact(before, dropped)
    if (garbage.length > 0 && !closed) queue.wake()
  }

  async function deleteExpired({ key, revision }: Expired): Promise<void> {
    if (history.head(key)?.revision !== revision) return
    try {
      await write([{ key, expect: revision }])
    } catch (error) {
      // It was written again in time, or somebody else has deleted it.
      if (error instanceof Conflict || closed) return
      log?.warn('an expired key could not be deleted yet', { key, error })
      expiry.retry({ key, revision }, expiryRetryMs)
    }
  }

  function checkOpen(): void {
    if (closed) throw new StoreUnavailable('the store has been closed')
  }

  return {
    current: async () => history.newest,
    async get(key, read) {
      checkOpen()
      return history.get(key, read?.at)
    },
    async list(prefix, page) {
      checkOpen()
      return history.list(prefix, page)
    },
    write,
    watch: watchers.watch,
    compact: async (before) => compact(before),
    async [Symbol.asyncDispose]() {
      if (closed) return
      closed = true
      expiry[Symbol.dispose]()
      retention[Symbol.dispose]()
      await queue.settled()
      watchers.close()
      await file.close()
      claim[Symbol.dispose]()
    },
  }
}
