import type { Key } from '../store'
import type { Version } from '../mvcc/version'

/**
 * A change in the log, under its position: kind, revision, created, version and expires as doubles, the key's length, the key in UTF-8,
 * the value.
 */
const put = 1
const deletion = 2
const headLength = 1 + 4 * 8 + 2
const longestKey = 0xffff

export function checkKey(key: Key): void {
  const length = Buffer.byteLength(key)
  if (length > longestKey) throw new RangeError(`a key may have ${longestKey} bytes, this one has ${length}`)
}

export const recordLength = ({ key, size }: Version): number => headLength + Buffer.byteLength(key) + size

/** Writes a record and answers where it ends. */
export function writeRecord(target: Buffer, start: number, version: Version): number {
  let at = target.writeUInt8(version.value ? put : deletion, start)
  at = target.writeDoubleLE(version.revision, at)
  at = target.writeDoubleLE(version.created, at)
  at = target.writeDoubleLE(version.version, at)
  at = target.writeDoubleLE(version.expires, at)
  const length = target.write(version.key, at + 2)
  at = target.writeUInt16LE(length, at) + length
  if (!version.value) return at
  target.set(version.value, at)
  return at + version.value.length
}

/** A version without its value. Throws when the bytes are no record. */
export function readRecord(position: number, record: Buffer): Version {
  const kind = record.length < headLength ? 0 : record.readUInt8(0)
  const revision = kind && record.readDoubleLE(1)
  const keyEnd = kind && headLength + record.readUInt16LE(headLength - 2)
  if ((kind !== put && kind !== deletion) || keyEnd > record.length || !Number.isSafeInteger(revision) || revision < position) {
    throw new Error(`the record at position ${position} is damaged`)
  }
  return {
    key: record.toString('utf8', headLength, keyEnd),
    revision,
    position,
    created: record.readDoubleLE(9),
    version: record.readDoubleLE(17),
    expires: record.readDoubleLE(25),
    value: undefined,
    size: record.length - keyEnd,
    older: undefined,
  }
}

/** The value of a record that is no deletion: a view of its bytes. */
export function valueOf(record: Buffer): Buffer {
  return record.subarray(headLength + record.readUInt16LE(headLength - 2))
}
