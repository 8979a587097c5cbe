import { Compacted, Conflict, FutureRevision, StoreUnavailable } from '../store'
import type { Batch, Change, Delete, Entry, Key, ListOptions, Page, Put, Revision } from '../store'
import type { FrameReader, FrameWriter } from './frame'

/** What a client calls, and what it is answered. A call's number is its own until it is answered; a watch's, until it ends. */
export const calls = { current: 1, get: 2, list: 3, write: 4, compact: 5, watch: 6, unwatch: 7 } as const
export const answers = { done: 16, failed: 17, batch: 18 } as const

const some = 1

export function writeRead(writer: FrameWriter, key: Key, at: Revision | undefined): void {
  writer.text(key)
  writer.number(at ?? -1)
}

export function readRead(frame: FrameReader): { key: Key; at: Revision | undefined } {
  return { key: frame.text(), at: revisionOf(frame.number()) }
}

/** No revision is below 0. */
const revisionOf = (number: number): Revision | undefined => (number < 0 ? undefined : number)

export function writeListCall(writer: FrameWriter, prefix: Key, { at, after, limit, maxBytes }: ListOptions): void {
  writeRead(writer, prefix, at)
  writer.number(limit)
  writer.number(maxBytes)
  writer.byte(after === undefined ? 0 : some)
  if (after !== undefined) writer.text(after)
}

export function readListCall(frame: FrameReader): { prefix: Key; options: ListOptions } {
  const { key, at } = readRead(frame)
  const limit = frame.number()
  const maxBytes = frame.number()
  const after = frame.byte() === some ? frame.text() : undefined
  return { prefix: key, options: { limit, maxBytes, ...(at === undefined ? {} : { at }), ...(after === undefined ? {} : { after }) } }
}

export function writeChanges(writer: FrameWriter, changes: readonly (Put | Delete)[]): void {
  writer.count(changes.length)
  for (const change of changes) {
    writer.text(change.key)
    writer.number(change.expect === 'absent' ? -1 : change.expect)
    writer.byte('value' in change ? some : 0)
    if (!('value' in change)) continue
    writer.number(change.ttlSeconds ?? 0)
    writer.bytes(change.value)
  }
}

export function readChanges(frame: FrameReader): (Put | Delete)[] {
  return Array.from({ length: frame.count() }, () => {
    const key = frame.text()
    const expect = revisionOf(frame.number()) ?? 'absent'
    // Only what is there can be deleted: the store says so.
    if (frame.byte() === 0) return { key, expect: expect as Revision }
    const ttlSeconds = frame.number()
    return { key, expect, value: frame.bytes(), ...(ttlSeconds ? { ttlSeconds } : {}) }
  })
}

export function writeEntry(writer: FrameWriter, entry: Entry | undefined): void {
  writer.byte(entry ? some : 0)
  if (!entry) return
  writer.text(entry.key)
  writeStanding(writer, entry)
}

export const readEntry = (frame: FrameReader): Entry | undefined => (frame.byte() === some ? readStanding(frame, frame.text(), frame.bytes) : undefined)

/** Everything but the key. */
function writeStanding(writer: FrameWriter, { revision, created, version, value }: Entry): void {
  writer.number(revision)
  writer.number(created)
  writer.number(version)
  writer.bytes(value)
}

function readStanding(frame: FrameReader, key: Key, valueOf: (this: FrameReader) => Uint8Array): Entry {
  return { key, revision: frame.number(), created: frame.number(), version: frame.number(), value: valueOf.call(frame) }
}

export function writePage(writer: FrameWriter, { entries, revision, more, remaining }: Page): void {
  writer.number(revision)
  writer.byte(more ? some : 0)
  writer.number(remaining ?? -1)
  writer.count(entries.length)
  for (const entry of entries) {
    writer.text(entry.key)
    writeStanding(writer, entry)
  }
}

export function readPage(frame: FrameReader): Page {
  const revision = frame.number()
  const more = frame.byte() === some
  const remaining = revisionOf(frame.number())
  const entries = Array.from({ length: frame.count() }, () => readStanding(frame, frame.text(), frame.bytes))
  return { entries, revision, more, ...(remaining === undefined ? {} : { remaining }) }
}

/** A value that the client is about to be told has been written: it has the bytes. */
export interface OwnValue {
  readonly call: number
  /** Of the change in that call. */
  readonly index: number
}

const [hasValue, isOwn, hasBefore] = [1, 2, 4] as const

export function writeBatch(writer: FrameWriter, { through, changes }: Batch, ownOf: (value: Uint8Array) => OwnValue | undefined): void {
  writer.number(through)
  writer.count(changes.length)
  for (const change of changes) {
    const { value, before } = change
    const own = value && ownOf(value)
    writer.byte((value ? hasValue : 0) | (own ? isOwn : 0) | (before ? hasBefore : 0))
    writer.text(change.key)
    writer.number(change.revision)
    if (own) {
      writer.count(own.call)
      writer.count(own.index)
    } else if (value) writer.bytes(value)
    if (before) writeStanding(writer, before)
  }
}

export function readBatch(frame: FrameReader, valueOf: (own: OwnValue) => Uint8Array): Batch {
  const through = frame.number()
  const changes = Array.from({ length: frame.count() }, (): Change => {
    const has = frame.byte()
    const key = frame.text()
    const revision = frame.number()
    const change: Change = { key, revision }
    if (has & isOwn) change.value = valueOf({ call: frame.count(), index: frame.count() })
    else if (has & hasValue) change.value = frame.bytes()
    // What stood there before is hardly ever asked for, so it is not copied.
    if (has & hasBefore) change.before = readStanding(frame, key, frame.view)
    return change
  })
  return { through, changes }
}

const errors = { conflict: 1, compacted: 2, future: 3, unavailable: 4, range: 5, other: 6 } as const

export function writeError(writer: FrameWriter, error: unknown): void {
  if (error instanceof Conflict) {
    writer.byte(errors.conflict)
    writer.text(error.key)
    writeEntry(writer, error.current)
  } else if (error instanceof Compacted) {
    writer.byte(errors.compacted)
    writer.number(error.oldest)
  } else if (error instanceof FutureRevision) {
    writer.byte(errors.future)
    writer.number(error.newest)
  } else {
    writer.byte(error instanceof StoreUnavailable ? errors.unavailable : error instanceof RangeError ? errors.range : errors.other)
    writer.text(error instanceof Error ? error.message : String(error))
  }
}

/** `asked`: the revision that the call named, if it did. */
export function readError(frame: FrameReader, asked: Revision): Error {
  const kind = frame.byte()
  if (kind === errors.conflict) return new Conflict(frame.text(), readEntry(frame))
  if (kind === errors.compacted) return new Compacted(asked, frame.number())
  if (kind === errors.future) return new FutureRevision(asked, frame.number())
  const message = frame.text()
  return kind === errors.unavailable ? new StoreUnavailable(message) : kind === errors.range ? new RangeError(message) : new Error(message)
}
