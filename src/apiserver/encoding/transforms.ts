import type { KubeObject } from '#apimachinery/object'
import type { Column } from '#apimachinery/resource'
import { scaleColumns } from '#api/autoscaling/v1/scale-columns'
import type { Scale } from '#api/autoscaling/v1/types'
import { objectOf, type CacheEntry } from '../cache/entry'
import type { ListResult } from '../exchange'
import type { Kind } from '../kinds'
import { servedObject, wholeObject } from './served-object'

/** What a client may ask for instead of the object itself: `application/json;as=Table;v=v1;g=meta.k8s.io`. */
export type As = 'object' | 'table' | 'metadata'
export type IncludeObject = 'Metadata' | 'Object' | 'None'

export interface Shape {
  readonly as: As
  readonly includeObject: IncludeObject
  /** Of meta.k8s.io. */
  readonly version: 'v1' | 'v1beta1'
}

/** Kinds that say no columns are shown as the original shows what it has no printer for. */
const defaultColumns: readonly Column<KubeObject>[] = [
  { name: 'Name', type: 'string', format: 'name', description: '', value: ({ metadata }) => metadata.name },
  { name: 'Created At', type: 'date', description: '', value: ({ metadata }) => metadata.creationTimestamp },
]

const columnsOf = ({ resource }: Kind): readonly Column<KubeObject>[] =>
  resource.columns.length > 0 ? (resource.columns as unknown as readonly Column<KubeObject>[]) : defaultColumns

const whole = (kind: Kind, entry: CacheEntry, managed: boolean): KubeObject => (managed ? wholeObject(kind, entry) : servedObject(kind, entry))

/** One object in a shape. `managed`: with managed fields. */
export function shapeEntry(kind: Kind, entry: CacheEntry, shape: Shape, now: number, managed: boolean, first = true): unknown {
  const object = whole(kind, entry, managed)
  if (shape.as === 'object') return object
  if (shape.as === 'metadata') return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${shape.version}`, metadata: object.metadata }
  return {
    kind: 'Table', apiVersion: `meta.k8s.io/${shape.version}`, metadata: { resourceVersion: String(entry.revision) },
    columnDefinitions: first ? definitions(columnsOf(kind)) : null,
    rows: [row(kind, entry, object, shape, now)],
  }
}

export function shapeList(list: ListResult, shape: Shape, now: number, managed: boolean): unknown {
  const { kind, entries } = list
  const metadata = listMetadata(list)
  if (shape.as === 'table') {
    return {
      kind: 'Table', apiVersion: `meta.k8s.io/${shape.version}`, metadata, columnDefinitions: definitions(columnsOf(kind)),
      rows: entries.map((entry) => row(kind, entry, whole(kind, entry, managed), shape, now)),
    }
  }
  if (shape.as === 'metadata') {
    return {
      kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${shape.version}`, metadata,
      items: entries.map((entry) => ({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${shape.version}`, metadata: whole(kind, entry, managed).metadata })),
    }
  }
  return { kind: kind.resource.listKind, apiVersion: kind.apiVersion, metadata, items: entries.map((entry) => whole(kind, entry, managed)) }
}

export function listMetadata({ revision, continue: next, remaining }: ListResult): Record<string, unknown> {
  return { resourceVersion: String(revision), ...(next === undefined ? {} : { continue: next }), ...(remaining === undefined ? {} : { remainingItemCount: remaining }) }
}

/** What was made for an answer: of all such kinds, only scales have a table. */
export function shapeMade(object: unknown, shape: Shape, now: number): unknown {
  if (shape.as !== 'table' || !isScale(object)) return object
  const columns = scaleColumns as readonly Column<KubeObject>[]
  return {
    kind: 'Table', apiVersion: `meta.k8s.io/${shape.version}`, metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
    columnDefinitions: definitions(columns),
    rows: [shownRow(columns, object, object, shape, now)],
  }
}

const isScale = (object: unknown): object is Scale => {
  const { kind, apiVersion } = (object ?? {}) as Partial<KubeObject>
  return kind === 'Scale' && apiVersion === 'autoscaling/v1'
}

function definitions(columns: readonly Column<KubeObject>[]): unknown[] {
  return columns.map(({ name, type = 'string', format = '', description = '', priority = 0 }) => ({ name, type, format, description, priority }))
}

/** Columns are of the stored version: what is served beside it may lack what they show. */
const row = (kind: Kind, entry: CacheEntry, object: KubeObject, shape: Shape, now: number): unknown =>
  shownRow(columnsOf(kind), objectOf(kind.resource, entry), object, shape, now)

function shownRow(columns: readonly Column<KubeObject>[], stored: KubeObject, object: KubeObject, shape: Shape, now: number): unknown {
  const cells = columns.map((column) => column.value(stored, now) ?? null)
  if (shape.includeObject === 'None') return { cells, object: null }
  if (shape.includeObject === 'Object') return { cells, object }
  return { cells, object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${shape.version}`, metadata: object.metadata } }
}
