import type { KubeObject } from '#apimachinery/object'

/**
 * A frozen object's upper two levels made anew, and the rest shared with it: enough for nearly every hook of a kind, which writes to
 * `metadata`, `spec`, `status` and their fields. What is not frozen is ours and stays.
 */
export function ownUpper(object: KubeObject): KubeObject {
  const upper = (Object.isFrozen(object) ? { ...object } : object) as unknown as Record<string, unknown>
  for (const field in upper) {
    const value = upper[field]
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.isFrozen(value)) upper[field] = { ...value }
  }
  return upper as unknown as KubeObject
}

/** How many writes through an endpoint are given objects of their own after one that was not content with the upper levels. */
const wholeFor = 256

/**
 * Which endpoints' hooks write deeper than `ownUpper` goes: found out by trying, since objects are frozen below and a write to what is
 * frozen throws. Such a round runs again on an object that is a copy through and through, as do those that follow it.
 */
export class DeepWriters {
  private readonly left = new Map<string, number>()

  /** Whether a write is to try with shared parts. */
  mayShare(endpoint: string): boolean {
    if (this.left.size === 0) return true
    const left = this.left.get(endpoint)
    if (left === undefined) return true
    if (left === 1) this.left.delete(endpoint)
    else this.left.set(endpoint, left - 1)
    return false
  }

  /** Whether an error may come from a write to what is frozen: no other tells it apart in every engine. */
  caused(error: unknown, endpoint: string): boolean {
    if (!(error instanceof TypeError)) return false
    this.left.set(endpoint, wholeFor)
    return true
  }

  has(endpoint: string): boolean {
    return this.left.has(endpoint)
  }
}
