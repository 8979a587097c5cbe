import { ApiError, isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import type { ResourceRef } from '#apimachinery/resource'
import { events } from '#api/core/v1/event'
import type { ObjectReference } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import { createKeyedSerial } from '#base/keyed-serial'
import type { Log } from '#component-base/log'
import type { Client } from './client'
import { createCorrelator } from './event-correlator'
import type { Occurrence } from './event-correlator'

/** Tells what happened to objects, as core/v1 Events. Never fails its caller: what the server does not take is logged. */
export interface EventRecorder {
  /** `reason`: CamelCase, for programs; `message`: for people. */
  event(object: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string, annotations?: Record<string, string>): void
  /** Settles when everything recorded so far was sent or given up. */
  flush(): Promise<void>
}

/** An object with its kind (`about(pods, pod)`), or a reference to one. */
export type EventSubject = ObjectReference

/** A reference to an object, which need not say its own kind (items of lists do not). `fieldPath`: `spec.containers{web}`. */
export function about<T extends KubeObject>(resource: ResourceRef<T>, object: T, fieldPath?: string): EventSubject {
  const { namespace, name, uid, resourceVersion } = object.metadata
  return {
    kind: resource.kind, ...(namespace ? { namespace } : {}), name, uid, apiVersion: groupVersionOf(resource),
    ...(resourceVersion ? { resourceVersion } : {}), ...(fieldPath ? { fieldPath } : {}),
  }
}

export interface EventRecorderOptions { component: string; host?: string }
export interface EventRecorderDeps { client: Client; clock: Clock; log: Log; signal: AbortSignal }

/** client-go's: a server that cannot be reached is asked so often, then the event is lost. */
const tries = 12

export function createEventRecorder({ component, host }: EventRecorderOptions, { client, clock, log, signal }: EventRecorderDeps): EventRecorder {
  const correlator = createCorrelator(clock)
  const serial = createKeyedSerial()
  const patience = { initial: 1000, max: 10_000, jitter: 1 }

  const send = async (occurrence: Occurrence, subject: EventSubject, annotations: Record<string, string> | undefined): Promise<void> => {
    const known = occurrence.series
    if (known.name) {
      try {
        const patch = { count: occurrence.count, lastTimestamp: formatTime(occurrence.at), message: occurrence.message }
        await client.patch(events, { namespace: known.namespace, name: known.name }, patch, { type: 'strategic', signal })
        return
      } catch (error) {
        // Events are forgotten after an hour; then it starts anew.
        if (!isNotFound(error)) throw error
      }
    }
    const namespace = subject.namespace || 'default'
    // Unique without a look: the time in hexadecimal, made finer by a counter.
    const name = `${subject.name}.${(BigInt(occurrence.at) * 1_000_000n + BigInt(occurrence.serial % 1_000_000)).toString(16)}`
    const made = await client.create(events, {
      metadata: { name, namespace, ...(annotations ? { annotations } : {}) }, involvedObject: subject, reason: occurrence.reason, message: occurrence.message,
      source: { component, ...(host ? { host } : {}) }, firstTimestamp: formatTime(occurrence.first), lastTimestamp: formatTime(occurrence.at),
      count: occurrence.count, type: occurrence.type, reportingComponent: component, reportingInstance: host ?? '',
    }, { signal })
    known.name = made.metadata.name
    known.namespace = namespace
  }

  const deliver = async (occurrence: Occurrence, subject: EventSubject, annotations: Record<string, string> | undefined): Promise<void> => {
    const backoff = createBackoff(patience)
    for (let left = tries; ; left--) {
      try {
        return await send(occurrence, subject, annotations)
      } catch (error) {
        if (signal.aborted) return
        const unreachable = !(error instanceof ApiError) || error.code >= 500
        if (!unreachable || left <= 1) return log.warn('event was not taken', { reason: occurrence.reason, object: subject.name, error })
        await clock.sleep(backoff.next(), signal).catch(() => {})
      }
    }
  }

  return {
    event(subject, type, reason, message, annotations) {
      const occurrence = correlator.correlate({ subject, source: `${component}/${host ?? ''}`, type, reason, message })
      if (occurrence) void serial.run(subject.uid ?? subject.name ?? '', () => deliver(occurrence, subject, annotations))
    },
    flush: () => serial.idle(),
  }
}
