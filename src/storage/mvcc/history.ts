import { Compacted, FutureRevision } from '../store'
import type { Change, Entry, Key, ListOptions, Page, Revision } from '../store'
import { byteString } from './byte-string'
import { OrderedSlots } from './ordered-slots'
import type { Slot } from './ordered-slots'
import type { Version } from './version'

/** The first revision of an empty store, as etcd's: no object ever has a revision of 0, which means "any" in the API. */
export const firstRevision: Revision = 1

/** Brings the bytes of a version that is no deletion. */
export type ReadValue = (version: Version) => Uint8Array

/** A change of what stood there before, which may have to be read from disk and is hardly ever asked for. */
class ChangeOf implements Change {
  readonly key: Key
  readonly revision: Revision
  readonly value?: Uint8Array
  #before: Entry | undefined
  readonly #read: () => Entry

  constructor(key: Key, revision: Revision, value: Uint8Array | undefined, read: () => Entry) {
    this.key = key
    this.revision = revision
    if (value) this.value = value
    this.#read = read
  }
  get before(): Entry {
    return (this.#before ??= this.#read())
  }
}

/**
 * Every key's versions since the oldest revision that is kept, in memory: by key for reads, in order of the write for watches. The
 * values may rest elsewhere. What has been applied here is durable and visible.
 */
export class History {
  private readonly slots = new Map<Key, Slot>()
  private readonly ordered = new OrderedSlots()
  /** All versions above `oldest`, in order; those before `start` have been compacted. */
  private log: Version[] = []
  private start = 0
  newest: Revision
  oldest: Revision
  /** About how many bytes superseded versions and deletions take up, wherever the values rest. */
  superseded = 0
  private readonly read: ReadValue

  constructor(read: ReadValue, oldest: Revision = firstRevision) {
    this.read = read
    this.newest = oldest
    this.oldest = oldest
  }

  head(key: Key): Version | undefined {
    return this.slots.get(key)?.head
  }

  entry(version: Version): Entry {
    const { key, revision, created } = version
    return { key, value: version.value ?? this.read(version), revision, created, version: version.version }
  }

  change(version: Version): Change {
    const { key, revision, older } = version
    const value = version.version === 0 ? undefined : (version.value ?? this.read(version))
    if (!older || older.version === 0) return value ? { key, revision, value } : { key, revision }
    return new ChangeOf(key, revision, value, () => this.entry(older))
  }

  /** Takes in the versions of one write. */
  apply(versions: readonly Version[]): void {
    for (const version of versions) {
      const slot = this.slots.get(version.key)
      if (slot) {
        version.older = slot.head
        slot.head = version
      } else {
        version.older = undefined
        const added = { bytes: byteString(version.key), head: version }
        this.slots.set(version.key, added)
        this.ordered.insert(added)
      }
      this.log.push(version)
      this.superseded += garbageOf(version)
    }
    this.newest = versions.at(-1)!.revision
  }

  get(key: Key, at?: Revision): Entry | undefined {
    const head = this.slots.get(key)?.head
    const version = at === undefined ? head : asOf(head, this.check(at))
    return version && version.version > 0 ? this.entry(version) : undefined
  }

  list(prefix: Key, { at, after, limit, maxBytes }: ListOptions): Page {
    const revision = at === undefined ? this.newest : this.check(at)
    const within = byteString(prefix)
    const behind = after === undefined ? undefined : byteString(after)
    const entries: Entry[] = []
    let bytes = 0
    let remaining = 0
    this.ordered.scan(behind !== undefined && behind > within ? behind : within, (slot) => {
      if (!slot.bytes.startsWith(within)) return behind !== undefined && slot.bytes === behind
      if (slot.bytes === behind) return true
      const version = asOf(slot.head, revision)
      if (!version || version.version === 0) return true
      if (remaining > 0 || entries.length >= limit || bytes >= maxBytes) remaining++
      else {
        const entry = this.entry(version)
        entries.push(entry)
        bytes += entry.value.length
      }
      return true
    })
    return { entries, revision, more: remaining > 0, remaining }
  }

  eachStanding(visit: (version: Version) => void): void {
    for (const { head } of this.slots.values()) if (head.version > 0) visit(head)
  }

  /** The versions after a revision, in order. Throws `Compacted` when some of them may be gone. */
  *after(revision: Revision): Generator<Version> {
    this.check(revision)
    for (let i = this.indexBehind(revision); i < this.log.length; i++) yield this.log[i]!
  }

  /**
   * Forgets what was superseded up to and at a revision, and hands each version that no read or watch can need any more to `drop`.
   */
  compact(before: Revision, drop: (version: Version) => void): void {
    if (before > this.newest) throw new FutureRevision(before, this.newest)
    if (before <= this.oldest) return
    this.oldest = before
    const end = this.indexBehind(before)
    for (let i = this.start; i < end; i++) {
      const version = this.log[i]!
      const { older } = version
      this.superseded -= garbageOf(version)
      // A deletion was dropped when its own turn came.
      if (older && older.version > 0) drop(older)
      version.older = undefined
      if (version.version > 0) continue
      drop(version)
      const slot = this.slots.get(version.key)
      if (slot?.head !== version) continue
      this.slots.delete(version.key)
      this.ordered.remove(slot)
    }
    this.start = end
    if (this.start > 1024 && this.start * 2 > this.log.length) {
      this.log = this.log.slice(this.start)
      this.start = 0
    }
  }

  /** The revision to compact at so that about `bytes` of what is superseded go. */
  toForget(bytes: number): Revision {
    let revision = this.oldest
    for (let i = this.start; i < this.log.length && bytes > 0; i++) {
      revision = this.log[i]!.revision
      bytes -= garbageOf(this.log[i]!)
    }
    return revision
  }

  private check(revision: Revision): Revision {
    if (revision < this.oldest) throw new Compacted(revision, this.oldest)
    if (revision > this.newest) throw new FutureRevision(revision, this.newest)
    return revision
  }

  private indexBehind(revision: Revision): number {
    let low = this.start
    let high = this.log.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.log[middle]!.revision <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}

function asOf(head: Version | undefined, revision: Revision): Version | undefined {
  let version = head
  while (version && version.revision > revision) version = version.older
  return version
}

/** What a version costs beside its value. */
const overhead = 128

/** What a version leaves behind that compaction will free: what it superseded, and itself when it is a deletion. */
function garbageOf({ older, version }: Version): number {
  return (older && older.version > 0 ? older.size + overhead : 0) + (version === 0 ? overhead : 0)
}
