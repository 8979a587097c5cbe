import { ApiError } from '#apimachinery/api-error'
import { encodeMessage } from '#apimachinery/codec/protobuf/encode'
import { envelopeAround, putVarint, sealEnvelope } from '#apimachinery/codec/protobuf/envelope'
import { watchFrame } from '#apimachinery/codec/protobuf/watch-frame'
import { varintSize } from '#apimachinery/codec/protobuf/writer'
import { structs as meta } from '#apimachinery/meta/v1/types.gen'
import type { KubeObject } from '#apimachinery/object'
import type { CacheEntry } from '../cache/entry'
import type { ListResult, Result } from '../exchange'
import type { Kind } from '../kinds'
import type { Form } from './form'
import { loadedStruct, partialObjectMetadata, protobufStruct } from './protobuf-kinds'
import { wholeObject } from './served-object'
import { decodeStored } from './stored-form'
import { shapedBookmark } from './text-form'
import { listMetadata, type Shape } from './transforms'

const piece = 256 * 1024
const itemTag = 0x12

/** Messages of entries, made once for all who want them and kept as long as their entry. */
const messages = new WeakMap<Kind, WeakMap<CacheEntry, Uint8Array>>()

function messageOf(kind: Kind, entry: CacheEntry): Uint8Array {
  let made = messages.get(kind)
  if (!made) messages.set(kind, (made = new WeakMap()))
  let message = made.get(entry)
  if (!message) made.set(entry, (message = encodeMessage(structOf(kind.apiVersion, kind.resource.kind), objectFor(kind, entry))))
  return message
}

/** An object that nobody has read yet is read for this once and not kept. */
function objectFor(kind: Kind, entry: CacheEntry): KubeObject {
  const object = kind.isStorage && !entry.object?.deref() ? decodeStored(kind.resource, entry.bytes, entry.revision, true) : wholeObject(kind, entry)
  // What a dry run made has no revision.
  return entry.revision === 0 ? { ...object, metadata: { ...object.metadata, resourceVersion: '' } } : object
}

function structOf(apiVersion: string, kind: string) {
  const struct = loadedStruct(apiVersion, kind)
  if (!struct) throw new TypeError(`${kind} of ${apiVersion} was to be written as protobuf before its schema was loaded`)
  return struct
}

/** Some discovery documents do not say their version. */
function madeOf(object: unknown): { apiVersion: string; kind: string } {
  const { apiVersion = 'v1', kind } = object as { apiVersion?: string; kind: string }
  return { apiVersion, kind }
}

/** What has no message is refused, before anything is written. */
async function load(apiVersion: string, kind: string): Promise<void> {
  if (await protobufStruct(apiVersion, kind)) return
  throw new ApiError(406, 'NotAcceptable', `object *${kind} does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`)
}

function prepare(result: Result | undefined, alone: boolean): Promise<void> | undefined {
  switch (result?.sort) {
    case 'entry':
    case 'list':
    case 'watch': {
      if (alone) return undefined
      const { apiVersion, resource } = result.kind
      return loadedStruct(apiVersion, resource.kind) ? undefined : load(apiVersion, resource.kind)
    }
    case 'object': {
      const { apiVersion, kind } = madeOf(result.object)
      return loadedStruct(apiVersion, kind) ? undefined : load(apiVersion, kind)
    }
    default:
      return undefined
  }
}

/** The object itself or its metadata alone, in Kubernetes' protobuf. Kinds without protobuf (custom resources) do not get here. */
export function protobufForm(shape: Shape): Form {
  const alone = shape.as === 'metadata'
  const metaVersion = `meta.k8s.io/${shape.version}`
  const bytesOf = (kind: Kind, entry: CacheEntry): Uint8Array => (alone ? encodeMessage(partialObjectMetadata, objectFor(kind, entry)) : messageOf(kind, entry))
  const seal = (kind: Kind, entry: CacheEntry): Uint8Array =>
    alone ? sealEnvelope(metaVersion, 'PartialObjectMetadata', bytesOf(kind, entry)) : sealEnvelope(kind.apiVersion, kind.resource.kind, bytesOf(kind, entry))
  const value = (object: unknown): Uint8Array => {
    const { apiVersion, kind } = madeOf(object)
    return sealEnvelope(apiVersion, kind, encodeMessage(structOf(apiVersion, kind), object as object))
  }
  return {
    prepare: (result) => prepare(result, alone),
    key: `protobuf ${shape.as} ${shape.version}`,
    contentType: 'application/vnd.kubernetes.protobuf',
    streamType: 'application/vnd.kubernetes.protobuf;stream=watch',
    single: seal,
    list: (list) => {
      const [apiVersion, kind] = alone ? [metaVersion, 'PartialObjectMetadataList'] : [list.kind.apiVersion, `${list.kind.resource.kind}List`]
      return listPieces(list, apiVersion, kind, bytesOf)
    },
    frames(kind, events) {
      const frames: Uint8Array[] = []
      for (let i = 0; i < events.length; i++) frames.push(watchFrame(events[i]!.type, seal(kind, events[i]!.entry)))
      return frames.length === 1 ? frames[0]! : Buffer.concat(frames)
    },
    bookmark: (kind, revision, end) => watchFrame('BOOKMARK', value(shapedBookmark(kind, revision, end, shape))),
    value,
    error: (status) => watchFrame('ERROR', value(status)),
  }
}

/** `metadata = 1, repeated items = 2` in an envelope: its length stands at the start, so the sizes of all items are needed first. */
function* listPieces(list: ListResult, apiVersion: string, kind: string, bytesOf: (kind: Kind, entry: CacheEntry) => Uint8Array): Generator<Uint8Array> {
  const items = list.entries.map((entry) => bytesOf(list.kind, entry))
  const metadata = encodeMessage(meta.ListMeta!, listMetadata(list))
  let size = 1 + varintSize(metadata.length) + metadata.length
  for (let i = 0; i < items.length; i++) size += 1 + varintSize(items[i]!.length) + items[i]!.length
  const { head, tail } = envelopeAround(apiVersion, kind, size)
  let left = head.length + size + tail.length
  let buffer = Buffer.allocUnsafe(Math.min(left, piece))
  let at = 0
  const put = (bytes: Uint8Array): void => {
    buffer.set(bytes, at)
    at += bytes.length
  }
  for (let i = -1; i < items.length; i++) {
    const bytes = i < 0 ? metadata : items[i]!
    const needed = bytes.length + 8 + (i < 0 ? head.length : 0) + tail.length
    if (at + needed > buffer.length) {
      if (at > 0) yield buffer.subarray(0, at)
      left -= at
      buffer = Buffer.allocUnsafe(Math.max(Math.min(left, piece), needed))
      at = 0
    }
    if (i < 0) put(head)
    buffer[at++] = i < 0 ? 0x0a : itemTag
    at = putVarint(buffer, at, bytes.length)
    put(bytes)
  }
  put(tail)
  yield buffer.subarray(0, at)
}
