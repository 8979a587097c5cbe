// Events are stored once, as core/v1, and served as events.k8s.io/v1 too, under other field names.
import type { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import type { KubeObject } from '#apimachinery/object'
import { validateLegacyFinalizers, validateNames, validateObjectMetaUpdate } from '#apimachinery/object-meta-validation'
import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import type * as eventsV1 from '#api/events/v1/types'
import { column, nameColumn, since, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { dnsSubdomain, qualifiedName } from '../../field-checks'
import type { Event, ObjectReference } from './types'

const newest = 'events.k8s.io/v1'

const subjectFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']

export const events = defineResource<Event>({
  group: '', version: 'v1', kind: 'Event', resource: 'events', namespaced: true,
  shortNames: ['ev'],
  versions: {
    'v1': { schema: schemaIn(() => import('./types.gen'), 'Event'), selectableFields: [...subjectFields.map((field) => `involvedObject.${field}`), 'reason', 'reportingComponent', 'source', 'type'] },
    [newest]: {
      schema: schemaIn(() => import('#api/events/v1/types.gen'), 'Event'), toStorage, fromStorage,
      selectableFields: [...subjectFields.map((field) => `regarding.${field}`), 'reason', 'reportingController', 'type'],
    },
  },
  // Names are looked at where the newer version is spoken, and otherwise only as parts of paths.
  validateName: () => [],
  metadataChecks: { whole: 0, update: 0 },
  allowCreateOnUpdate: true,
  ttlSeconds: () => 3600,

  validate: validateEvent,
  // The newer version asks more of who speaks it.
  validateCreate(event, errors, { apiVersion }) {
    if (apiVersion !== newest) return
    const { metadata } = event
    const at = errors.at('metadata')
    if (metadata.name) validateNames(metadata, nameIsDnsSubdomain, at)
    if (metadata.finalizers) validateLegacyFinalizers(metadata.finalizers, at.at('finalizers'))
    validateNew(event, errors)
  },
  validateUpdate(event, old, errors, { apiVersion }) {
    if (apiVersion !== newest) return
    validateObjectMetaUpdate(event.metadata, old.metadata, errors.at('metadata'))
    if (event.metadata.finalizers) validateLegacyFinalizers(event.metadata.finalizers, errors.at('metadata', 'finalizers'))
    validateChange(event, old, errors)
  },

  columns: [
    column('Last Seen', (event, now) => lastSeen(event, now)),
    column('Type', ({ type }) => type ?? ''),
    column('Reason', ({ reason }) => reason ?? ''),
    column('Object', ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())),
    wide('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
    wide('Source', ({ source, reportingComponent, reportingInstance }) => {
      const host = source.host || reportingInstance
      return `${source.component || reportingComponent}${host ? `, ${host}` : ''}`
    }),
    column('Message', ({ message }) => (message ?? '').trim()),
    wide('First Seen', (event, now) => firstSeen(event, now)),
    wide('Count', ({ series, count }) => series?.count ?? (count || 1)),
    { ...nameColumn, priority: 1 },
  ],
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    'regarding.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'regarding.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'regarding.name': ({ involvedObject }) => involvedObject.name ?? '',
    'regarding.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'regarding.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'regarding.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'regarding.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    reportingController: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source, reportingComponent }) => source.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
})

const firstSeen = ({ firstTimestamp, eventTime }: Event, now: number): string => since(firstTimestamp || eventTime, now)
function lastSeen(event: Event, now: number): string {
  if (event.series) return since(event.series.lastObservedTime, now)
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now)
}

function toStorage(object: KubeObject): Event {
  const { regarding, note, reportingController, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...rest } = object as eventsV1.Event
  return {
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    source: deprecatedSource ?? {},
    reportingComponent: reportingController ?? '',
    reportingInstance: rest.reportingInstance ?? '',
    ...(note === undefined ? {} : { message: note }),
    firstTimestamp: (deprecatedFirstTimestamp || null) as string,
    lastTimestamp: (deprecatedLastTimestamp || null) as string,
    ...(deprecatedCount ? { count: deprecatedCount } : {}),
  }
}

function fromStorage(event: Event): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event
  const shown: Partial<eventsV1.Event> & { apiVersion: typeof newest; kind: 'Event'; metadata: Event['metadata'] } = {
    ...(rest as Omit<typeof rest, 'apiVersion' | 'series' | 'eventTime'>),
    apiVersion: newest,
    regarding: involvedObject,
    deprecatedSource: source,
    ...(rest.eventTime ? { eventTime: rest.eventTime } : {}),
    ...(rest.series ? { series: rest.series as eventsV1.EventSeries } : {}),
    ...(reportingComponent ? { reportingController: reportingComponent } : {}),
    ...(message ? { note: message } : {}),
    // Written even where there is none.
    deprecatedFirstTimestamp: (firstTimestamp || null) as string,
    deprecatedLastTimestamp: (lastTimestamp || null) as string,
    ...(count ? { deprecatedCount: count } : {}),
  }
  if (!shown.reportingInstance) delete shown.reportingInstance
  return shown
}

/** Events with an eventTime come from the newer recorders and must say more about who saw what. */
function validateEvent(event: Event, errors: FieldErrors, { apiVersion }: Pick<WriteContext, 'apiVersion'>): void {
  const { metadata, involvedObject, reason = '', action = '', message = '', reportingComponent = '', reportingInstance = '' } = event
  const namespace = metadata.namespace ?? ''
  const mismatch = (): void => errors.at('involvedObject', 'namespace').invalid(involvedObject.namespace ?? '', 'does not match event.namespace')
  if (!event.eventTime) {
    if (involvedObject.namespace ? involvedObject.namespace !== namespace : namespace !== '' && namespace !== 'default') mismatch()
  } else {
    if (!involvedObject.namespace && namespace !== 'default' && namespace !== 'kube-system') mismatch()
    const reporter = apiVersion === newest ? 'reportingController' : 'reportingComponent'
    if (!reportingComponent) errors.at(reporter).required()
    qualifiedName(errors, reporter, reportingComponent)
    if (!reportingInstance) errors.at('reportingInstance').required()
    atMost(errors, 'reportingInstance', reportingInstance, 128)
    if (!action) errors.at('action').required()
    atMost(errors, 'action', action, 128)
    if (!reason) errors.at('reason').required()
    atMost(errors, 'reason', reason, 128)
    atMost(errors, 'message', message, 1024)
  }
  dnsSubdomain(errors, 'namespace', namespace)
}

function validateNew(event: Event, errors: FieldErrors): void {
  validateSeries(event, errors)
  if (!event.eventTime) errors.at('eventTime').required()
  if (event.type !== 'Normal' && event.type !== 'Warning') errors.at('type').invalid('', `has invalid value: ${event.type ?? ''}`)
  for (const field of ['firstTimestamp', 'lastTimestamp', 'count'] as const) if (event[field]) errors.at(field).invalid('', 'needs to be unset')
  if (event.source.component || event.source.host) errors.at('source').invalid('', 'needs to be unset')
}

function validateChange(event: Event, old: Event, errors: FieldErrors): void {
  if (!semanticallyEqual(event.series, old.series)) validateSeries(event, errors)
  for (const [field, shown, form] of fixed) {
    const print = typeof form === 'function' ? form : (value: unknown) => value ?? form ?? null
    if (!semanticallyEqual(event[field] ?? print(undefined), old[field] ?? print(undefined))) errors.at(shown).invalid(print(event[field]), 'field is immutable')
  }
}

/** As the original's internal structure prints. */
const reference = (value: unknown): object | null => {
  if (!value) return null
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '', fieldPath = '' } = value as ObjectReference
  return { Kind: kind, Namespace: namespace, Name: name, UID: uid, APIVersion: apiVersion, ResourceVersion: resourceVersion, FieldPath: fieldPath }
}
const source = (value: unknown): object => {
  const { component = '', host = '' } = (value ?? {}) as Event['source']
  return { Component: component, Host: host }
}

/** What an event is about does not change: by the names of the fields in the original's errors, and with what stands for none there, or how they print. */
const fixed: readonly (readonly [field: keyof Event, shown: string, form?: string | number | ((value: unknown) => object | null)])[] = [
  ['involvedObject', 'involvedObject', reference], ['reason', 'reason', ''], ['message', 'message', ''], ['source', 'source', source], ['firstTimestamp', 'firstTimestamp'],
  ['lastTimestamp', 'lastTimestamp'], ['count', 'count', 0], ['reason', 'reason', ''], ['type', 'type', ''], ['eventTime', 'eventTime'], ['action', 'action', ''],
  ['related', 'related', reference], ['reportingComponent', 'reportingController', ''], ['reportingInstance', 'reportingInstance', ''],
]

function validateSeries({ series }: Event, errors: FieldErrors): void {
  if (!series) return
  if ((series.count ?? 0) < 2) errors.at('series.count').invalid('', 'should be at least 2')
  if (!series.lastObservedTime) errors.at('series.lastObservedTime').required()
}

function atMost(errors: FieldErrors, field: string, text: string, max: number): void {
  if (text.length > max) errors.at(field).invalid('', `can have at most ${max} characters`)
}
