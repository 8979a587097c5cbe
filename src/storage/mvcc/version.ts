import type { Delete, Key, Put, Revision } from '../store'

/** One state of one key: what a write made of it. */
export type Version = {
  readonly key: Key
  /** The write's place in the store's order; shared by all changes of a write. */
  readonly revision: Revision
  /** The change's own place: above the revision of the write before, not above its own. No two changes share one. */
  readonly position: number
  readonly created: Revision
  /** How often the key has been written since it was created; 0 marks a deletion. */
  readonly version: number
  /** When it is to be deleted, in milliseconds since 1970; 0: never. */
  readonly expires: number
  /** Absent for a deletion, and where the bytes have to be read from disk. */
  value: Uint8Array | undefined
  /** Length of the value. */
  readonly size: number
  /** What stood there before, as long as the store keeps it. */
  older: Version | undefined
}

/** A change whose expectation does not hold: `head` is what stands there. */
export type Refusal = { key: Key; head: Version | undefined }

/**
 * Checks every expectation of a write and turns its changes into versions behind `newest`: positions count on from there and the last
 * one is the revision of all. Answers the first refusal instead when an expectation does not hold.
 */
export function planWrite(
  changes: readonly (Put | Delete)[],
  newest: Revision,
  now: number,
  headOf: (key: Key) => Version | undefined,
): Version[] | Refusal {
  const revision = newest + changes.length
  const planned: Version[] = []
  const named = changes.length > 1 ? new Set<Key>() : undefined
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!
    const { key, expect } = change
    const head = headOf(key)
    const stands = head !== undefined && head.version > 0
    if (expect === 'absent' ? stands : !stands || head.revision !== expect) return { key, head: stands ? head : undefined }
    if (named && named.size === named.add(key).size) throw new Error(`${key} is named twice in one write`)
    const value = 'value' in change ? change.value : undefined
    planned.push({
      key,
      revision,
      position: newest + i + 1,
      created: stands ? head.created : revision,
      version: value ? (stands ? head.version : 0) + 1 : 0,
      expires: 'ttlSeconds' in change && change.ttlSeconds ? now + change.ttlSeconds * 1000 : 0,
      value,
      size: value ? value.length : 0,
      older: head,
    })
  }
  return planned
}
