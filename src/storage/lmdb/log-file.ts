import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { RootDatabase } from 'lmdb'
import { StoreUnavailable } from '../store'
import type { Revision } from '../store'
import type { Version } from '../mvcc/version'
import { readRecord, recordLength, valueOf, writeRecord } from './record'

/** Positions count from above zero, so this key is free for what the log says of itself: the oldest revision that is kept. */
const headKey = 0
const headLength = 8

/** Larger buffers than this are not kept from commit to commit. */
const keptArena = 2 ** 20

/**
 * The log on disk: position -> change, one copy of everything. One commit at a time: `commit` resolves once the pages and then the page
 * that names them have been flushed (lmdb's `overlappingSync` reports it before).
 */
export class LogFile {
  private readonly db: RootDatabase<Buffer, number>
  private readonly dir: string
  private arena = Buffer.allocUnsafeSlow(64 * 1024)
  /** Why nothing is written any more. */
  private broken: StoreUnavailable | undefined

  constructor(dir: string) {
    this.dir = dir
    try {
      this.db = open<Buffer, number>({
        path: join(dir, 'data.mdb'),
        noSubdir: true,
        encoding: 'binary',
        overlappingSync: false,
        // Every commit is one batch of its own; lmdb's batches of a turn would add a promise that nobody can catch.
        eventTurnBatching: false,
        maxDbs: 1,
        noMemInit: true,
        // Only a first guess: it grows.
        mapSize: 2 ** 30,
      })
    } catch (error) {
      throw new StoreUnavailable(`${dir}: the log cannot be opened: ${(error as Error).message}; restore it from a backup`, {
        cause: error,
      })
    }
  }

  /** Every change in order, without values, and the oldest revision that is kept. */
  load(take: (version: Version) => void): Revision {
    try {
      for (const { key, value } of this.db.getRange({ start: headKey + 1 })) take(readRecord(key, asBuffer(value)))
      const head = this.db.getBinary(headKey)
      return head ? asBuffer(head).readDoubleLE(0) : 0
    } catch (error) {
      throw new StoreUnavailable(`${this.dir}: ${(error as Error).message}; restore the directory from a backup`, { cause: error })
    }
  }

  value(version: Version): Uint8Array {
    const record = this.db.getBinary(version.position)
    if (!record) throw new StoreUnavailable(`${this.dir}: the log has lost ${version.key} of revision ${version.revision}`)
    return valueOf(asBuffer(record))
  }

  /** Adds changes and drops others, all or none. `oldest` is written when it has moved. */
  async commit(versions: readonly Version[], dropped: readonly number[], oldest: Revision | undefined): Promise<void> {
    if (this.broken) throw this.broken
    const buffer = this.room(versions)
    const written: Promise<boolean>[] = []
    const batch = this.db.batch(() => {
      let at = headLength
      for (const version of versions) {
        const start = at
        at = writeRecord(buffer, start, version)
        written.push(this.db.put(version.position, buffer.subarray(start, at)))
      }
      for (const position of dropped) written.push(this.db.remove(position))
      if (oldest === undefined) return
      buffer.writeDoubleLE(oldest, 0)
      written.push(this.db.put(headKey, buffer.subarray(0, headLength)))
    })
    // Each of them fails as the batch does, which is what is waited for.
    for (const one of new Set(written)) one.catch(ignore)
    try {
      await batch
    } catch (error) {
      throw await this.explain(error, versions)
    }
  }

  async close(): Promise<void> {
    await this.db.close()
  }

  private hasRoom(versions: readonly Version[]): boolean {
    const { bavail, bsize } = statfsSync(this.dir)
    return bavail * bsize > versions.reduce((length, version) => length + recordLength(version), spareRoom)
  }

  private room(versions: readonly Version[]): Buffer {
    let length = headLength
    for (const version of versions) length += recordLength(version)
    if (length <= this.arena.length) return this.arena
    const buffer = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.arena.length))
    if (buffer.length <= keptArena) this.arena = buffer
    return buffer
  }

  private async explain(error: unknown, versions: readonly Version[]): Promise<StoreUnavailable> {
    const { commitError } = error as { commitError?: Promise<unknown> }
    const cause =
      (await commitError?.then(
        () => error,
        (reason: unknown) => reason,
      )) ?? error
    const { message, code } = cause as Error & { code?: number }
    const last = versions.at(-1)
    if (last && this.db.doesExist(last.position)) {
      return (this.broken = new StoreUnavailable(
        `${this.dir}: ${message}: what was written last may be lost with a power cut; nothing more is written: restart when the disk is mended`,
        { cause },
      ))
    }
    // A flush that failed is not made good by the next one: the system has forgotten which pages it could not write.
    if (code !== undefined && !noRoom.has(code) && this.hasRoom(versions)) {
      return (this.broken = new StoreUnavailable(
        `${this.dir}: ${message}: the disk does not keep what it is given; nothing more is written: restart when it is mended`,
        { cause },
      ))
    }
    return new StoreUnavailable(`${this.dir} cannot be written (${message}): is the disk full? Make room; further writes are tried again`, {
      cause,
    })
  }
}

/** ENOSPC, EDQUOT, and lmdb's own word for a map that cannot grow: nothing was written, and the next write may find room. */
const noRoom = new Set([28, 122, -30792])
/** A disk with less room than this beside what was to be written counts as full: lmdb calls a write that fitted in part an I/O error too. */
const spareRoom = 2 ** 20

const ignore = (): void => {}

/** lmdb's values are Buffers on Node; another runtime may hand out its plain kind. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
