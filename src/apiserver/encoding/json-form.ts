import type { CacheEntry } from '../cache/entry'
import type { Matched } from '../cache/watcher'
import type { ListResult } from '../exchange'
import type { Kind } from '../kinds'
import { pieceSize, type Form, type Spares } from './form'
import { bookmarkOf } from './bookmark'

const encoder = new TextEncoder()
const comma = 44

interface Heads {
  readonly single: Uint8Array
  readonly singleNew: Uint8Array
  readonly item: Uint8Array
  readonly events: Readonly<Record<Matched['type'], Uint8Array>>
}
const made = new WeakMap<Kind, Heads>()

function headsOf(kind: Kind): Heads {
  const known = made.get(kind)
  if (known) return known
  const heads: Heads = {
    single: Buffer.from(kind.head),
    singleNew: Buffer.from(kind.head.slice(0, kind.head.lastIndexOf('"resourceVersion"'))),
    // Items of lists of built-in kinds do not say what they are.
    item: Buffer.from(kind.resource.customResource ? kind.head : '{"metadata":{"resourceVersion":"'),
    events: {
      ADDED: Buffer.from(`{"type":"ADDED","object":${kind.head}`),
      MODIFIED: Buffer.from(`{"type":"MODIFIED","object":${kind.head}`),
      DELETED: Buffer.from(`{"type":"DELETED","object":${kind.head}`),
    },
  }
  made.set(kind, heads)
  return heads
}

const afterRevision = 2
const afterEvent = 2

/** Writes a head, a revision, `",` and stored bytes; returns the place behind them. */
function put(into: Buffer, at: number, head: Uint8Array, entry: CacheEntry): number {
  into.set(head, at)
  at += head.length
  at += into.latin1Write(String(entry.revision), at)
  into[at++] = 34
  into[at++] = comma
  into.set(entry.bytes, at)
  return at + entry.bytes.length
}

const digits = (revision: number): number => (revision < 10 ? 1 : Math.floor(Math.log10(revision)) + 1)
const sizeOf = (head: Uint8Array, entry: CacheEntry): number => head.length + digits(entry.revision) + 1 + afterRevision + entry.bytes.length

const slabSize = 64 * 1024
let slab = Buffer.alloc(0)
let used = 0

/** Room for one answer, cut from a larger piece: memory of its own for 6 kB costs 3 us, and as much again when it is let go. */
function room(size: number): Buffer {
  if (size > slabSize / 4) return Buffer.allocUnsafe(size)
  if (used + size > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabSize)
    used = 0
  }
  return slab.subarray(used, (used += size))
}

/** Objects of the storage version as JSON: the stored bytes behind constant heads. Nothing is parsed. */
export const jsonForm: Form = {
  key: 'json',
  contentType: 'application/json',
  streamType: 'application/json',

  single(kind, entry) {
    const heads = headsOf(kind)
    if (entry.revision === 0) return Buffer.concat([heads.singleNew, entry.bytes])
    const buffer = room(sizeOf(heads.single, entry))
    return buffer.subarray(0, put(buffer, 0, heads.single, entry))
  },

  *list({ kind, entries, revision, continue: token, remaining }: ListResult, spares?: Spares) {
    const { item } = headsOf(kind)
    const { listKind: name, customResource } = kind.resource
    // Lists of custom resources say that nothing follows.
    const next = token ?? (customResource ? '' : undefined)
    const more = `${next === undefined ? '' : `,"continue":"${next}"`}${remaining === undefined ? '' : `,"remainingItemCount":${remaining}`}`
    const head = `{"kind":"${name}","apiVersion":"${kind.apiVersion}","metadata":{"resourceVersion":"${revision}"${more}},"items":[`
    let total = head.length + 2
    for (let i = 0; i < entries.length && total <= pieceSize; i++) total += sizeOf(item, entries[i]!) + 1
    let buffer = total > pieceSize && spares ? spares.take() : Buffer.allocUnsafe(Math.min(total, pieceSize))
    let at = buffer.latin1Write(head, 0)
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      const size = sizeOf(item, entry) + 3
      if (at + size > buffer.length) {
        if (at > 0) yield buffer.subarray(0, at)
        buffer = size <= pieceSize && spares ? spares.take() : Buffer.allocUnsafe(Math.max(pieceSize, size))
        at = 0
      }
      if (i > 0) buffer[at++] = comma
      at = put(buffer, at, item, entry)
    }
    if (at + 2 > buffer.length) {
      yield buffer.subarray(0, at)
      buffer = Buffer.allocUnsafe(2)
      at = 0
    }
    buffer[at++] = 93
    buffer[at++] = 125
    yield buffer.subarray(0, at)
  },

  frames(kind, events) {
    const { events: heads } = headsOf(kind)
    let size = 0
    for (let i = 0; i < events.length; i++) size += sizeOf(heads[events[i]!.type], events[i]!.entry) + afterEvent
    const buffer = Buffer.allocUnsafe(size)
    let at = 0
    for (let i = 0; i < events.length; i++) {
      const { type, entry } = events[i]!
      at = put(buffer, at, heads[type], entry)
      buffer[at++] = 125
      buffer[at++] = 10
    }
    return buffer.subarray(0, at)
  },

  bookmark: (kind, revision, end) => line({ type: 'BOOKMARK', object: bookmarkOf(kind, revision, end) }),
  value: (object) => encoder.encode(JSON.stringify(object)),
  error: (status) => line({ type: 'ERROR', object: status }),
}

const line = (value: unknown): Uint8Array => encoder.encode(`${JSON.stringify(value)}\n`)

declare global {
  interface Buffer {
    latin1Write(text: string, offset?: number): number
  }
}
