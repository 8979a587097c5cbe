import type { AuditEvent } from './event'

/** Where events go. */
export interface Backend extends AsyncDisposable {
  /** False: they were not recorded, and whoever insists on it refuses the request. A promise only where it must wait. */
  process(events: readonly AuditEvent[]): boolean | Promise<boolean>
}

/** Told of events that a backend, by its name, could not record. */
export type Failed = (plugin: string, error: unknown, events: readonly AuditEvent[]) => void

/** `blocking`: requests wait for the record, and go on where it fails. `blocking-strict`: then they do not. */
export const ignoringErrors = (backend: Backend): Backend => ({
  process(events) {
    const done = backend.process(events)
    return typeof done === 'boolean' ? true : done.then(() => true)
  },
  [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
})

/** Whether all were recorded; a promise only where one is. */
function allOf(done: readonly (boolean | Promise<boolean>)[]): boolean | Promise<boolean> {
  if (done.every((one) => typeof one === 'boolean')) return done.every(Boolean)
  return Promise.all(done.map(async (one) => one)).then((all) => all.every(Boolean))
}

export function union(backends: readonly Backend[]): Backend {
  if (backends.length === 1) return backends[0]!
  return {
    process(events) {
      return allOf(backends.map((backend) => backend.process(events)))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(backends.map((backend) => backend[Symbol.asyncDispose]()))
    },
  }
}

/** Keeps events and batches below a size: objects are left out first, what is too large even then is given up. Sizes in bytes of JSON. */
export function truncating(backend: Backend, maxEventSize: number, maxBatchSize: number, failed: Failed): Backend {
  const fitting = (event: AuditEvent): { event: AuditEvent; size: number } | undefined => {
    const size = Buffer.byteLength(event.json)
    if (size <= maxEventSize) return { event, size }
    const shorter = event.facts.level === 'Metadata' ? event : event.truncated()
    const left = Buffer.byteLength(shorter.json)
    if (left <= maxEventSize) return { event: shorter, size: left }
    failed('truncate', new Error('event is too large even after truncating'), [event])
    return undefined
  }
  return {
    process(events) {
      const batches: AuditEvent[][] = []
      let size = Infinity
      for (const one of events) {
        const fits = fitting(one)
        if (!fits) continue
        if (size + fits.size > maxBatchSize) {
          batches.push([])
          size = 0
        }
        batches.at(-1)!.push(fits.event)
        size += fits.size
      }
      return allOf(batches.map((batch) => backend.process(batch)))
    },
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  }
}
