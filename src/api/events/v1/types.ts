// The events/v1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { EventSource, ObjectReference } from '#api/core/v1/types'
import type { Int32, MicroTime, Time } from '#apimachinery/meta/v1/scalars'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'

export interface Event {
  apiVersion: 'events.k8s.io/v1'
  kind: 'Event'
  /** @proto 1 @always */ metadata: ObjectMeta
  /** @proto 2 @required */ eventTime: MicroTime
  /** @proto 3 */ series?: EventSeries
  /** @proto 4 */ reportingController?: string
  /** @proto 5 */ reportingInstance?: string
  /** @proto 6 */ action?: string
  /** @proto 7 */ reason?: string
  /** @proto 8 @always */ regarding: ObjectReference
  /** @proto 9 */ related?: ObjectReference
  /** @proto 10 */ note?: string
  /** @proto 11 */ type?: string
  /** @proto 12 @always */ deprecatedSource: EventSource
  /** @proto 13 @always null */ deprecatedFirstTimestamp?: Time
  /** @proto 14 @always null */ deprecatedLastTimestamp?: Time
  /** @proto 15 */ deprecatedCount?: Int32
}

export interface EventSeries {
  /** @proto 1 @required @always */ count: Int32
  /** @proto 2 @required @always null */ lastObservedTime: MicroTime
}
