import { ApiError, isNotFound } from '#apimachinery/api-error'
import { formatMicroTime } from '#apimachinery/time'
import { events } from '#api/core/v1/event'
import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import { createKeyedSerial } from '#base/keyed-serial'
import type { Log } from '#component-base/log'
import type { Client } from './client'
import type { EventSubject } from './events'

/**
 * Tells what happened to objects in the newer way (events.k8s.io): each event says what was done (`action`) and by which
 * instance, and one that comes again becomes a series, whose count is written at once for the second and at the series' end
 * for all others. Never fails its caller: what the server does not take is logged.
 */
export interface SeriesRecorder {
  /** `reason` and `action`: CamelCase, for programs; `note`: for people. */
  event(happening: Happening): void
  /** Settles when everything recorded so far was sent or given up. */
  flush(): Promise<void>
}

export interface Happening {
  regarding: EventSubject
  related?: EventSubject
  type: 'Normal' | 'Warning'
  reason: string
  action: string
  note: string
}

export interface SeriesRecorderOptions {
  /** `default-scheduler` */
  controller: string
  /** The controller and its host: `default-scheduler-node1` */
  instance: string
}
export interface SeriesRecorderDeps { client: Client; clock: Clock; log: Log; signal: AbortSignal }

interface Series {
  namespace: string
  name: string
  /** How often it was seen, and how much of that is written. */
  count: number
  written: number
  /** Milliseconds since 1970. */
  last: number
  writtenAt: number
}

/** client-go's: a series ends when it was not seen for six minutes, and is refreshed before the server forgets it. */
const finishMs = 6 * 60_000
const refreshMs = 30 * 60_000
const tries = 12
/** Events that could become series. */
const remembered = 4096
/** The API's limit for notes. */
const longestNote = 1024

export function createSeriesRecorder({ controller, instance }: SeriesRecorderOptions, { client, clock, log, signal }: SeriesRecorderDeps): SeriesRecorder {
  const known = new Map<string, Series>()
  const serial = createKeyedSerial()
  let sweeping: Disposable | undefined
  let counter = 0
  signal.addEventListener('abort', () => sweeping?.[Symbol.dispose](), { once: true })

  const persist = async (what: string, attempt: () => Promise<unknown>): Promise<void> => {
    const backoff = createBackoff({ initial: 1000, max: 10_000, jitter: 1 })
    for (let left = tries; ; left--) {
      try {
        return void (await attempt())
      } catch (error) {
        if (signal.aborted) return
        const unreachable = !(error instanceof ApiError) || error.code >= 500
        // Events are forgotten after an hour; a count of what is forgotten is of no use.
        if (isNotFound(error)) return
        if (!unreachable || left <= 1) return log.warn('event was not taken', { event: what, error })
        await clock.sleep(backoff.next(), signal).catch(() => {})
      }
    }
  }

  const create = (series: Series, { regarding, related, type, reason, action, note }: Happening): Promise<void> =>
    persist(series.name, () =>
      client.create(events, {
        metadata: { name: series.name, namespace: series.namespace }, involvedObject: regarding, ...(related ? { related } : {}), eventTime: formatMicroTime(series.last),
        reportingComponent: controller, reportingInstance: instance, action, reason, type, message: note.length > longestNote ? `${note.slice(0, longestNote - 4)} ...` : note, source: {},
      }, { signal }),
    )
  const writeCount = (series: Series): Promise<void> => {
    series.written = series.count
    series.writtenAt = clock.now()
    const patch = { series: { count: series.count, lastObservedTime: formatMicroTime(series.last) } }
    return persist(series.name, () => client.patch(events, { namespace: series.namespace, name: series.name }, patch, { type: 'strategic', signal }))
  }
  const send = (series: Series, task: () => Promise<void>): void => void serial.run(series.name, task)

  /** One timer for all, while there is anything to forget. */
  const sweep = (): void => {
    sweeping = undefined
    const now = clock.now()
    for (const [key, series] of known) {
      const over = now - series.last >= finishMs
      if (series.count > series.written && (over || now - series.writtenAt >= refreshMs)) send(series, () => writeCount(series))
      if (over) known.delete(key)
    }
    arm()
  }
  const arm = (): void => {
    if (known.size > 0 && !signal.aborted) sweeping ??= clock.after(finishMs, sweep)
  }

  return {
    event(happening) {
      const { regarding, related, type, reason, action } = happening
      const key = JSON.stringify([type, reason, action, regarding, related])
      const at = clock.now()
      const before = known.get(key)
      if (before) {
        before.count++
        before.last = at
        if (before.count === 2) send(before, () => writeCount(before))
        return
      }
      // Unique without a look: the time in hexadecimal, made finer by a counter.
      const name = `${regarding.name}.${(BigInt(at) * 1_000_000n + BigInt(counter++ % 1_000_000)).toString(16)}`
      const series: Series = { namespace: regarding.namespace || 'default', name, count: 1, written: 1, last: at, writtenAt: at }
      known.set(key, series)
      if (known.size > remembered) known.delete(known.keys().next().value!)
      arm()
      send(series, () => create(series, happening))
    },
    flush: () => serial.idle(),
  }
}
