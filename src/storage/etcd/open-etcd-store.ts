import { Compacted, Conflict, FutureRevision, StoreUnavailable } from '../store'
import type { Change, Entry, Key, Page, Revision, Store } from '../store'
import { EtcdConnection, unavailable } from './connection'
import type { EtcdConnectionOptions, WatchStream } from './connection'
import { createLeases } from './leases'
import * as messages from './messages'
import type { KeyValue, Range, RangeResult, WatchResult } from './messages'

export type EtcdStoreOptions = EtcdConnectionOptions & {
  /** Put before every key: for several clusters on one etcd. Keys begin with "/registry/" by themselves. */
  prefix?: string
}

/** How many entries are asked for at once. */
const chunk = 500

/**
 * A store on an etcd cluster, v3.4 or later. Revisions are etcd's: they have gaps where others write. A watch reports progress when it is
 * behind what `current` answers, on servers that report it rightly; on others (before 3.4.31 and 3.5.13) only every ten minutes.
 */
export async function openEtcdStore({ prefix = '', ...options }: EtcdStoreOptions): Promise<Store> {
  const connection = new EtcdConnection(options)
  const leases = createLeases(connection)
  const watches = new Map<WatchStream<WatchResult>, { reached: Revision; fail: (error: Error) => void }>()
  let closed = false
  const status = { path: '/etcdserverpb.Maintenance/Status', request: messages.encodeStatus(), decode: messages.decodeStatus }
  let reportsProgress: boolean
  try {
    reportsProgress = reportsProgressRightly((await connection.read(status)).version)
  } catch (error) {
    connection[Symbol.dispose]()
    throw error
  }

  const bytesOf = (key: Key): Buffer => Buffer.from(prefix + key)
  const toEntry = ({ key, value, revision, created, version }: KeyValue): Entry => ({
    key: Buffer.from(key).toString().slice(prefix.length),
    value,
    revision,
    created,
    version,
  })

  async function range(request: Range): Promise<RangeResult> {
    if (closed) throw new StoreUnavailable('the store has been closed')
    if (request.revision !== undefined && request.revision < 1) throw new Compacted(request.revision, await oldestKept())
    try {
      return await connection.read({ path: '/etcdserverpb.KV/Range', request: messages.encodeRange(request), decode: messages.decodeRange })
    } catch (error) {
      if (request.revision !== undefined) await explain(error, request.revision)
      throw error
    }
  }

  /** Throws what etcd means where a revision is not there. */
  async function explain(error: unknown, asked: Revision): Promise<void> {
    const { message } = error as Error
    if (message.includes('has been compacted')) throw new Compacted(asked, await oldestKept())
    if (message.includes('is a future revision')) throw new FutureRevision(asked, await current())
  }

  /** Only a watch that comes too late is told the oldest revision. */
  function oldestKept(): Promise<Revision> {
    return new Promise((resolve, reject) => {
      const stream = connection.stream('/etcdserverpb.Watch/Watch', messages.decodeWatch)
      stream.on('data', ({ canceled, created, compacted }: WatchResult) => {
        if (!canceled && created) return
        stream.cancel()
        resolve(Math.max(1, compacted))
      })
      stream.on('error', (error) => reject(unavailable(error)))
      stream.write(messages.encodeWatch({ key: Buffer.from([0]), end: Buffer.from([0]), from: 1 }))
    })
  }

  async function current(): Promise<Revision> {
    const { revision } = await range({ key: bytesOf('/'), countOnly: true })
    if (reportsProgress) for (const [stream, { reached }] of watches) if (reached < revision) stream.write(messages.encodeProgressRequest())
    return revision
  }

  const list: Store['list'] = async (within, { at, after, limit, maxBytes }) => {
    const { key: first, end } = prefixRange(bytesOf(within))
    const entries: Entry[] = []
    let size = 0
    let revision = at
    let key = first
    if (after !== undefined && Buffer.compare(bytesOf(after), first) >= 0) key = Buffer.concat([bytesOf(after), Buffer.from([0])])
    const page = (remaining: number): Page => ({ entries, revision: revision!, more: remaining > 0, remaining })
    for (;;) {
      const asked = Math.min(chunk, limit - entries.length)
      const got = await range({
        key,
        end,
        ...(revision !== undefined && { revision }),
        ...(asked > 0 ? { limit: asked } : { countOnly: true }),
      })
      revision ??= got.revision
      let taken = 0
      while (taken < got.entries.length && (entries.length === 0 || size < maxBytes)) {
        const entry = toEntry(got.entries[taken++]!)
        entries.push(entry)
        size += entry.value.length
      }
      const remaining = got.count - taken
      if (remaining === 0 || entries.length >= limit || size >= maxBytes) return page(remaining)
      key = Buffer.concat([got.entries.at(-1)!.key, Buffer.from([0])])
    }
  }

  const write: Store['write'] = async (changes) => {
    if (changes.length === 0) return current()
    if (closed) throw new StoreUnavailable('the store has been closed')
    const named = new Set<Key>()
    for (const { key } of changes) if (named.size === named.add(key).size) throw new Error(`${key} is named twice in one write`)
    const guarded = await Promise.all(
      changes.map(async (change) => ({
        key: bytesOf(change.key),
        expect: change.expect === 'absent' ? 0 : change.expect,
        ...('value' in change && { value: change.value }),
        ...('ttlSeconds' in change && change.ttlSeconds && { lease: await leases.of(change.ttlSeconds) }),
      })),
    )
    const call = { path: '/etcdserverpb.KV/Txn', request: messages.encodeTxn(guarded), decode: messages.decodeTxn }
    const { succeeded, revision, entries } = await connection.write(call)
    if (succeeded) return revision
    const refused = guarded.findIndex(({ expect }, i) => (entries[i]?.revision ?? 0) !== expect)
    const standing = entries[refused]
    throw new Conflict(changes[refused]!.key, standing && toEntry(standing))
  }

  function toChange({ deleted, entry, before }: messages.WatchEvent): Change {
    // etcd leaves out what stood there when that has been compacted meanwhile.
    if (!before && (deleted || entry.created !== entry.revision)) throw new Compacted(entry.revision - 1, entry.revision)
    const { key, revision, value } = toEntry(entry)
    return { key, revision, ...(!deleted && { value }), ...(before && { before: toEntry(before) }) }
  }

  const watch: Store['watch'] = async (within, { after, signal }, deliver) => {
    if (signal.aborted) return
    const newest = await current()
    if (after > newest) throw new FutureRevision(after, newest)
    if (signal.aborted) return
    await new Promise<void>((resolve, reject) => {
      const stream = connection.stream('/etcdserverpb.Watch/Watch', messages.decodeWatch)
      const state = { reached: after, fail: (error: Error): void => end(() => reject(error)) }
      watches.set(stream, state)
      const onAbort = (): void => end(resolve)
      const end = (settle: () => void): void => {
        watches.delete(stream)
        signal.removeEventListener('abort', onAbort)
        stream.cancel()
        settle()
      }
      signal.addEventListener('abort', onAbort, { once: true })
      stream.on('error', (error) => state.fail(unavailable(error)))
      stream.on('end', () => state.fail(new StoreUnavailable('etcd has ended the watch')))
      stream.on('data', ({ canceled, compacted, reason, created, revision, events }: WatchResult) => {
        if (!watches.has(stream)) return
        try {
          if (compacted > 0) throw new Compacted(after, compacted)
          if (canceled) throw new StoreUnavailable(`etcd has canceled the watch: ${reason}`)
          // What says that the watch has been made says nothing of how far it has come.
          if (created || (events.length === 0 && revision <= state.reached)) return
          state.reached = events.length > 0 ? events.at(-1)!.entry.revision : revision
          deliver({ through: state.reached, changes: events.map(toChange) })
        } catch (error) {
          state.fail(error as Error)
        }
      })
      stream.write(messages.encodeWatch({ ...prefixRange(bytesOf(within)), from: after + 1 }))
    })
  }

  return {
    current,
    list,
    write,
    watch,
    async get(key, read) {
      const { entries } = await range({ key: bytesOf(key), ...(read?.at !== undefined && { revision: read.at }) })
      return entries[0] && toEntry(entries[0])
    },
    async compact(before) {
      try {
        await connection.write({
          path: '/etcdserverpb.KV/Compact',
          request: messages.encodeCompaction(before),
          decode: messages.decodeNothing,
        })
      } catch (error) {
        // Somebody else was first, another API server for instance.
        if ((error as Error).message.includes('has been compacted')) return
        await explain(error, before)
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      for (const { fail } of watches.values()) fail(new StoreUnavailable('the store has been closed'))
      connection[Symbol.dispose]()
    },
  }
}

/** The keys that begin with a prefix, as etcd asks for them: up to the prefix with its last byte raised. */
function prefixRange(prefix: Buffer): { key: Buffer; end: Buffer } {
  const zero = Buffer.from([0])
  if (prefix.length === 0) return { key: zero, end: zero }
  // UTF-8 has no byte of 255, so there is always one to raise.
  const end = Buffer.from(prefix)
  end[end.length - 1]!++
  return { key: prefix, end }
}

/** Earlier ones may report a progress that the events before it have not made yet, or not answer: etcd issues 15220 and 17507. */
function reportsProgressRightly(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  if (major !== 3) return major > 3
  return minor > 5 || (minor === 5 && patch >= 13) || (minor === 4 && patch >= 31)
}
