import type { Matched } from '../cache/watcher'
import type { Kind } from '../kinds'
import { bookmarkOf } from './bookmark'
import type { Form } from './form'
import { shapeEntry, shapeList, shapeMade, type Shape } from './transforms'

const encoder = new TextEncoder()

export interface TextOptions {
  readonly shape: Shape
  readonly contentType: string
  readonly streamType: string
  readonly write: (value: unknown) => string
  readonly now: () => number
  readonly prepare?: () => Promise<void> | undefined
}

/** Any shape in any text: other versions, tables, metadata alone, indented JSON, YAML. Parses what it shows. */
export function textForm({ shape, contentType, streamType, write, now, prepare }: TextOptions): Form {
  const encode = (value: unknown): Uint8Array => encoder.encode(write(value))
  const line = (value: unknown): string => `${JSON.stringify(value)}\n`
  const frames = (kind: Kind, events: readonly Matched[], first: boolean): Uint8Array => {
    let text = ''
    for (const [i, { type, entry }] of events.entries()) text += line({ type, object: shapeEntry(kind, entry, shape, now(), true, first && i === 0) })
    return encoder.encode(text)
  }
  return {
    key: `${contentType} ${shape.as} ${shape.includeObject} ${shape.version}`,
    contentType,
    streamType,
    ...(prepare ? { prepare } : {}),
    single: (kind, entry) => encode(shapeEntry(kind, entry, shape, now(), true)),
    *list(list) {
      yield encode(shapeList(list, shape, now(), true))
    },
    frames: (kind, events) => frames(kind, events, false),
    ...(shape.as === 'table' ? { firstFrames: (kind: Kind, events: readonly Matched[]) => frames(kind, events, true) } : {}),
    bookmark: (kind, revision, end) => encoder.encode(line({ type: 'BOOKMARK', object: shapedBookmark(kind, revision, end, shape) })),
    value: (object) => encode(shapeMade(object, shape, now())),
    error: (status) => encoder.encode(line({ type: 'ERROR', object: status })),
  }
}

export function shapedBookmark(kind: Kind, revision: number, end: boolean, shape: Shape): unknown {
  const object = bookmarkOf(kind, revision, end)
  if (shape.as === 'object') return object
  const { metadata } = object
  if (shape.as === 'metadata') return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${shape.version}`, metadata }
  const row = { cells: [], object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${shape.version}`, metadata } }
  return { kind: 'Table', apiVersion: `meta.k8s.io/${shape.version}`, metadata: { resourceVersion: String(revision) }, columnDefinitions: null, rows: [row] }
}
