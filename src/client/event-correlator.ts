import type { ObjectReference } from '#api/core/v1/types'
import type { Clock } from '#base/clock'

export interface Happening { subject: ObjectReference; source: string; type: string; reason: string; message: string }

/** What to write: a new Event, or a higher count on one that `series` names. */
export interface Occurrence {
  type: string
  reason: string
  message: string
  count: number
  /** Milliseconds since 1970. */
  first: number
  at: number
  serial: number
  /** Shared by all occurrences of one Event; its writer enters the name. */
  series: { name?: string; namespace?: string }
}

interface Bucket { tokens: number; at: number }
interface Group { messages: Set<string>; last: number }
interface Series { count: number; first: number; series: { name?: string; namespace?: string } }

/** client-go's limits. */
const burst = 25
const refillMs = 300_000
const similarMessages = 10
const similarForMs = 600_000
const remembered = 4096

/**
 * Keeps a controller that repeats itself from filling the store, in client-go's three steps: no more than 25 events about
 * one object from one source (then one in five minutes); from the tenth different message of one reason within ten
 * minutes on, all count as one combined event; the same event again only raises a count.
 */
export function createCorrelator(clock: Clock): { correlate(happening: Happening): Occurrence | undefined } {
  const buckets = createRecent<Bucket>()
  const groups = createRecent<Group>()
  const series = createRecent<Series>()
  let serial = 0

  const allowed = (key: string): boolean => {
    const now = clock.monotonic()
    const bucket = buckets.get(key, () => ({ tokens: burst, at: now }))
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs)
    bucket.at = now
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  return {
    correlate({ subject, source, type, reason, message }) {
      const { kind, namespace, name, uid, apiVersion, fieldPath } = subject
      const object = [source, kind, namespace, name, uid, apiVersion].join('|')
      const similar = [object, fieldPath, type, reason].join('|')
      const at = clock.now()

      const group = groups.get(similar, () => ({ messages: new Set(), last: at }))
      if (at - group.last > similarForMs) group.messages.clear()
      group.last = at
      group.messages.add(message)
      const combined = group.messages.size >= similarMessages
      // Bounded: more messages than the limit change nothing.
      if (combined && group.messages.size > similarMessages) group.messages.delete(group.messages.values().next().value!)

      const text = combined ? `(combined from similar events): ${message}` : message
      const found = series.get(combined ? similar : `${similar}|${message}`, () => ({ count: 0, first: at, series: {} }))
      found.count++
      if (!allowed(object)) return undefined
      return { type, reason, message: text, count: found.count, first: found.first, at, serial: serial++, series: found.series }
    },
  }
}

/** A map that forgets what was used longest ago. */
function createRecent<T>(): { get(key: string, make: () => T): T } {
  const entries = new Map<string, T>()
  return {
    get(key, make) {
      const found = entries.get(key) ?? make()
      entries.delete(key)
      entries.set(key, found)
      if (entries.size > remembered) entries.delete(entries.keys().next().value!)
      return found
    },
  }
}
