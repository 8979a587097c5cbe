import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'

/**
 * How an object rests in the store: the JSON text behind `"metadata":{`, without kind, apiVersion and resourceVersion. An
 * answer is then a constant head, the revision and these bytes, and no object is ever parsed to be read by a client.
 *
 * Managed fields stand between two tabs, at the end of the metadata. A raw tab cannot occur inside JSON strings and our text
 * has no other white space, so they are found, and left out, without reading the text.
 */
const tab = 9

/** `{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"` */
export function headOf(kind: string, apiVersion: string): string {
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":{"resourceVersion":"`
}

/** Where the fields behind the metadata stand in stored bytes: name, first byte, byte behind the last, and so on. */
export type Parts = readonly (string | number)[]

export interface Stored {
  readonly bytes: Uint8Array
  readonly parts: Parts
}

/** An object that was stored before: what another shares with it is copied out of its bytes. */
export interface Known {
  readonly object: KubeObject
  readonly bytes: Uint8Array
  readonly parts: Parts
}

/** `managedFields`: JSON text of the list, absent when nobody manages anything. The object's own are not looked at. */
export function encodeStored(object: KubeObject, managedFields: string | undefined): Uint8Array {
  return encodeWithParts(object, managedFields, undefined).bytes
}

/** Where bytes are put together before their number is known. */
let scratch = Buffer.allocUnsafeSlow(64 * 1024)
let end = 0

function room(bytes: number): void {
  if (end + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(end + bytes, 2 * scratch.length))
  scratch.copy(larger, 0, 0, end)
  scratch = larger
}

function add(text: string): void {
  room(text.length * 3)
  end += scratch.utf8Write(text, end)
}

/** Larger buffers than this are not kept. */
const keptScratch = 1 << 20

/** An object that differs in its metadata from what was stored as these bytes, with the same managers: all else is copied. */
export function encodeMetadataAnew(object: KubeObject, before: Uint8Array): Uint8Array {
  const from = tabIn(before)
  if (from < 0) return encodeStored(object, undefined)
  end = 0
  addMetadata(object)
  const tail = from - 1
  const bytes = new Uint8Array(end + before.length - tail)
  bytes.set(scratch.subarray(0, end))
  bytes.set(before.subarray(tail), end)
  return bytes
}

function addMetadata({ metadata }: KubeObject): void {
  const fields = metadata as unknown as Record<string, unknown>
  let text = ''
  for (const field in fields) {
    if (field === 'resourceVersion' || field === 'managedFields') continue
    const value = fields[field]
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(field)}:${JSON.stringify(value)}`
  }
  add(text)
}

export function encodeWithParts(object: KubeObject, managedFields: string | undefined, known: Known | undefined): Stored {
  end = 0
  addMetadata(object)
  if (managedFields !== undefined) {
    add(',\t"managedFields":')
    add(managedFields)
    add('\t}')
  } else add('}')
  const parts: (string | number)[] = []
  const before = known?.object as unknown as Record<string, unknown> | undefined
  for (const field in object) {
    if (field === 'metadata' || field === 'kind' || field === 'apiVersion') continue
    const value = (object as unknown as Record<string, unknown>)[field]
    if (value === undefined) continue
    add(`,${JSON.stringify(field)}:`)
    const start = end
    const place = before !== undefined && sharesAll(value, before[field]) ? known!.parts.indexOf(field) : -1
    if (place < 0) add(JSON.stringify(value))
    else {
      const [from, to] = [known!.parts[place + 1] as number, known!.parts[place + 2] as number]
      room(to - from)
      scratch.set(known!.bytes.subarray(from, to), end)
      end += to - from
    }
    parts.push(field, start, end)
  }
  add('}')
  const bytes = new Uint8Array(end)
  bytes.set(scratch.subarray(0, end))
  if (scratch.length > keptScratch) scratch = Buffer.allocUnsafeSlow(64 * 1024)
  return { bytes, parts }
}

/** The same, or all its fields are: the text is the same then. */
function sharesAll(value: unknown, before: unknown): boolean {
  if (value === before) return true
  if (typeof value !== 'object' || typeof before !== 'object' || value === null || before === null || Array.isArray(value)) return false
  const [a, b] = [value as Record<string, unknown>, before as Record<string, unknown>]
  let left = 0
  for (const field in b) if (b[field] !== undefined) left++
  for (const field in a) {
    if (a[field] === undefined) continue
    if (a[field] !== b[field]) return false
    left--
  }
  return left === 0
}

/** A new object of the storage version, not frozen. */
export function decodeStored(resource: Resource, bytes: Uint8Array, revision: number, managedFields: boolean): KubeObject {
  const head = `${headOf(resource.kind, resource.apiVersion)}${revision}",`
  return JSON.parse(head + storedText(bytes, managedFields)) as KubeObject
}

/** The JSON text of the managed fields, as `encodeStored` was given it. */
export function managedFieldsText(bytes: Uint8Array): string | undefined {
  const from = tabIn(bytes)
  if (from < 0) return undefined
  return utf8(bytes, from + '\t"managedFields":'.length, tabIn(bytes, from + 1))
}

/** Whether two stored forms differ in their managed fields at most. */
export function sameBesideManagers(a: Uint8Array, b: Uint8Array): boolean {
  const [fromA, fromB] = [tabIn(a), tabIn(b)]
  if (fromA !== fromB) return false
  if (fromA < 0) return Buffer.compare(a, b) === 0
  const [tailA, tailB] = [a.subarray(tabIn(a, fromA + 1)), b.subarray(tabIn(b, fromB + 1))]
  return tailA.length === tailB.length && Buffer.compare(tailA, tailB) === 0 && Buffer.compare(a.subarray(0, fromA), b.subarray(0, fromB)) === 0
}

function storedText(bytes: Uint8Array, managedFields: boolean): string {
  const from = managedFields ? -1 : tabIn(bytes)
  if (from < 0) return utf8(bytes, 0, bytes.length)
  return utf8(bytes, 0, from - 1) + utf8(bytes, tabIn(bytes, from + 1) + 1, bytes.length)
}

/** Node's own search is ten times as fast as that of typed arrays. */
function tabIn(bytes: Uint8Array, from = 0): number {
  return Buffer.prototype.indexOf.call(bytes, tab, from)
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.utf8Slice.call(bytes, start, end) as string
}

declare global {
  interface Buffer {
    utf8Write(text: string, offset: number): number
    utf8Slice(start: number, end: number): string
  }
}
