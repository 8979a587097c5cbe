import type { KubeObject } from '#apimachinery/object'

/**
 * How much of an object that is written is its own, and not shared with the frozen one that stood there: itself and its metadata; its
 * upper two levels; or all of it. What is shared to the end is known to be as it was, so that nobody looks at it again.
 */
export type Own = 'metadata' | 'upper' | 'all'

/**
 * A frozen object made anew as far as is asked, and the rest shared with it. Its metadata are enough for most hooks where a write changes
 * nothing else, and the upper two levels for nearly every one, which writes to `spec`, `status` and their fields. What is not frozen is
 * ours and stays.
 */
export function ownUpper(object: KubeObject, own: Own): KubeObject {
  const upper = (Object.isFrozen(object) ? { ...object } : object) as unknown as Record<string, unknown>
  for (const field in upper) {
    if (own === 'metadata' && field !== 'metadata') continue
    const value = upper[field]
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.isFrozen(value)) upper[field] = { ...value }
  }
  return upper as unknown as KubeObject
}

/** How many writes through an endpoint are given more of their own after one that was not content with less. */
const deeperFor = 256

/**
 * Which endpoints' hooks write deeper than an object's metadata: found out by trying, since what is shared is frozen and a write to what
 * is frozen throws. Such a round runs again on an object that has more of its own, as do those that follow it.
 */
export class DeepWriters {
  private readonly left = new Map<string, { own: Own; writes: number }>()

  /** What a write is to try with. */
  ownFor(endpoint: string): Own {
    const known = this.left.get(endpoint)
    if (!known) return 'metadata'
    if (--known.writes === 0) this.left.delete(endpoint)
    return known.own
  }

  /** What to try with after an error, if that may come from a write to what is frozen: no other sign tells it apart in every engine. */
  after(error: unknown, endpoint: string, own: Own): Own | undefined {
    if (!(error instanceof TypeError) || own === 'all') return undefined
    const deeper = own === 'metadata' ? 'upper' : 'all'
    this.left.set(endpoint, { own: deeper, writes: deeperFor })
    return deeper
  }
}
