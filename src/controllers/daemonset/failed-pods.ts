import type { DaemonSet } from '#api/apps/v1/types'
import type { Clock } from '#base/clock'

/** Waits between replacements of pods that fail: 1 s, doubled up to 15 min, for each node and generation of a DaemonSet. */
export interface FailedPods {
  /** False: the failed pod may be replaced now, and the next one has to wait longer. */
  mustWait(set: DaemonSet, nodeName: string): boolean
  /** Milliseconds until the first of those that wait may be replaced. */
  nextIn(set: DaemonSet): number | undefined
  forget(key: string): void
}

const initial = 1000
const longest = 15 * 60_000

interface Waits { uid: string; generation: number; byNode: Map<string, { since: number; ms: number }> }

export function createFailedPods(clock: Clock): FailedPods {
  const all = new Map<string, Waits>()
  const waitsOf = ({ metadata, status }: DaemonSet): Waits => {
    const key = `${metadata.namespace}/${metadata.name}`
    const generation = status.observedGeneration ?? 0
    let found = all.get(key)
    if (found?.uid !== metadata.uid || found.generation !== generation) all.set(key, (found = { uid: metadata.uid, generation, byNode: new Map() }))
    return found
  }
  return {
    mustWait(set, nodeName) {
      const { byNode } = waitsOf(set)
      const now = clock.monotonic()
      const before = byNode.get(nodeName)
      if (before && now - before.since < before.ms) return true
      const forgotten = !before || now - before.since > 2 * longest
      byNode.set(nodeName, { since: now, ms: forgotten ? initial : Math.min(2 * before.ms, longest) })
      return false
    },
    nextIn(set) {
      const now = clock.monotonic()
      let soonest: number | undefined
      for (const { since, ms } of waitsOf(set).byNode.values()) {
        const left = since + ms - now
        if (left > 0 && (soonest === undefined || left < soonest)) soonest = left
      }
      return soonest
    },
    forget: (key) => void all.delete(key),
  }
}
