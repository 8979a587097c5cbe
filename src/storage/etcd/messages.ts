import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * The messages of etcd's v3 API that a store needs, as far as it needs them; field numbers are those of etcd's rpc.proto and kv.proto.
 * 64-bit integers are numbers here: revisions stay below 2^53, and leases, which do not, are bigints.
 */
export type KeyValue = { key: Uint8Array; created: number; revision: number; version: number; value: Uint8Array }
export type Range = { key: Uint8Array; end?: Uint8Array; limit?: number; revision?: number; countOnly?: boolean }
export type RangeResult = { revision: number; entries: KeyValue[]; count: number }
/** Compares a key's revision, 0 where it is absent; then puts, or deletes where there is no value. */
export type GuardedChange = { key: Uint8Array; expect: number; value?: Uint8Array; lease?: bigint }
/** `entries`: what stands at each key, when the write was refused. */
export type TxnResult = { revision: number; succeeded: boolean; entries: (KeyValue | undefined)[] }
export type WatchStart = { key: Uint8Array; end: Uint8Array; from: number }
export type WatchEvent = { deleted: boolean; entry: KeyValue; before: KeyValue | undefined }
export type WatchResult = { revision: number; created: boolean; canceled: boolean; compacted: number; reason: string; events: WatchEvent[] }

const finish = (writer: BinaryWriter): Buffer => Buffer.from(writer.finish())
const bytes = (writer: BinaryWriter, field: number, value: Uint8Array): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).bytes(value)
const int = (writer: BinaryWriter, field: number, value: number | bigint): BinaryWriter => writer.tag(field, WireType.Varint).int64(value)
const open = (writer: BinaryWriter, field: number): BinaryWriter => writer.tag(field, WireType.LengthDelimited).fork()

function range(writer: BinaryWriter, { key, end, limit, revision, countOnly }: Range): BinaryWriter {
  bytes(writer, 1, key)
  if (end) bytes(writer, 2, end)
  if (limit) int(writer, 3, limit)
  if (revision) int(writer, 4, revision)
  if (countOnly) int(writer, 9, 1)
  return writer
}

export const encodeRange = (request: Range): Buffer => finish(range(new BinaryWriter(), request))

export function encodeTxn(changes: readonly GuardedChange[]): Buffer {
  const writer = new BinaryWriter()
  for (const { key, expect } of changes) {
    open(writer, 1)
    int(writer, 2, 2)
    bytes(writer, 3, key)
    int(writer, 6, expect)
    writer.join()
  }
  for (const { key, value, lease } of changes) {
    open(writer, 2)
    open(writer, value ? 2 : 3)
    bytes(writer, 1, key)
    if (value) bytes(writer, 2, value)
    if (value && lease) int(writer, 3, lease)
    writer.join().join()
  }
  for (const { key } of changes) {
    open(writer, 3)
    range(open(writer, 1), { key }).join()
    writer.join()
  }
  return finish(writer)
}

export const encodeCompaction = (revision: number): Buffer => finish(int(new BinaryWriter(), 1, revision))
export const encodeLeaseGrant = (seconds: number): Buffer => finish(int(new BinaryWriter(), 1, seconds))
export const encodeStatus = (): Buffer => Buffer.alloc(0)

export function encodeWatch({ key, end, from }: WatchStart): Buffer {
  const writer = open(new BinaryWriter(), 1)
  bytes(writer, 1, key)
  bytes(writer, 2, end)
  int(writer, 3, from)
  // Progress now and then when nothing happens, and what stood there before.
  int(writer, 4, 1)
  int(writer, 6, 1)
  return finish(writer.join())
}

export const encodeProgressRequest = (): Buffer => finish(open(new BinaryWriter(), 3).join())

/** Reads a message's fields; `take` reads the ones it knows and answers true, the others are skipped. */
function fields(reader: BinaryReader, end: number, take: (field: number) => boolean): void {
  while (reader.pos < end) {
    const [field, type] = reader.tag()
    if (!take(field)) reader.skip(type, field)
  }
}
const nested = (reader: BinaryReader): number => reader.uint32() + reader.pos
const message = (source: Uint8Array, take: (reader: BinaryReader, field: number) => boolean): void => {
  const reader = new BinaryReader(source)
  fields(reader, source.length, (field) => take(reader, field))
}

function readHeader(reader: BinaryReader): number {
  let revision = 0
  fields(reader, nested(reader), (field) => field === 3 && ((revision = Number(reader.int64())), true))
  return revision
}

function readKeyValue(reader: BinaryReader): KeyValue {
  const entry: KeyValue = { key: new Uint8Array(), created: 0, revision: 0, version: 0, value: new Uint8Array() }
  fields(reader, nested(reader), (field) => {
    if (field === 1) entry.key = reader.bytes()
    else if (field === 2) entry.created = Number(reader.int64())
    else if (field === 3) entry.revision = Number(reader.int64())
    else if (field === 4) entry.version = Number(reader.int64())
    else if (field === 5) entry.value = reader.bytes()
    else return false
    return true
  })
  return entry
}

function readRange(reader: BinaryReader, end: number): RangeResult {
  const result: RangeResult = { revision: 0, entries: [], count: 0 }
  fields(reader, end, (field) => {
    if (field === 1) result.revision = readHeader(reader)
    else if (field === 2) result.entries.push(readKeyValue(reader))
    else if (field === 4) result.count = Number(reader.int64())
    else return false
    return true
  })
  return result
}

export const decodeRange = (source: Uint8Array): RangeResult => readRange(new BinaryReader(source), source.length)

export function decodeTxn(source: Uint8Array): TxnResult {
  const result: TxnResult = { revision: 0, succeeded: false, entries: [] }
  message(source, (reader, field) => {
    if (field === 1) result.revision = readHeader(reader)
    else if (field === 2) result.succeeded = reader.bool()
    else if (field === 3) {
      fields(reader, nested(reader), (kind) => kind === 1 && (result.entries.push(readRange(reader, nested(reader)).entries[0]), true))
    } else return false
    return true
  })
  return result
}

function readEvent(reader: BinaryReader): WatchEvent {
  let deleted = false
  let entry: KeyValue | undefined
  let before: KeyValue | undefined
  fields(reader, nested(reader), (field) => {
    if (field === 1) deleted = reader.int32() === 1
    else if (field === 2) entry = readKeyValue(reader)
    else if (field === 3) before = readKeyValue(reader)
    else return false
    return true
  })
  if (!entry) throw new Error('etcd sent an event without a key')
  return { deleted, entry, before }
}

export function decodeWatch(source: Uint8Array): WatchResult {
  const result: WatchResult = { revision: 0, created: false, canceled: false, compacted: 0, reason: '', events: [] }
  message(source, (reader, field) => {
    if (field === 1) result.revision = readHeader(reader)
    else if (field === 3) result.created = reader.bool()
    else if (field === 4) result.canceled = reader.bool()
    else if (field === 5) result.compacted = Number(reader.int64())
    else if (field === 6) result.reason = reader.string()
    else if (field === 11) result.events.push(readEvent(reader))
    else return false
    return true
  })
  return result
}

export function decodeLeaseGrant(source: Uint8Array): bigint {
  let id = 0n
  message(source, (reader, field) => field === 2 && ((id = BigInt(reader.int64())), true))
  return id
}

export function decodeStatus(source: Uint8Array): { version: string } {
  let version = ''
  message(source, (reader, field) => field === 2 && ((version = reader.string()), true))
  return { version }
}

export const decodeNothing = (): void => {}
