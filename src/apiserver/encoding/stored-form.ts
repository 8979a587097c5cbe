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
const encoder = new TextEncoder()

/** `{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"` */
export function headOf(kind: string, apiVersion: string): string {
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":{"resourceVersion":"`
}

/** `managedFields`: JSON text of the list, absent when nobody manages anything. The object's own are not looked at. */
export function encodeStored(object: KubeObject, managedFields: string | undefined): Uint8Array {
  let text = ''
  const metadata = object.metadata as unknown as Record<string, unknown>
  for (const field in metadata) {
    if (field === 'resourceVersion' || field === 'managedFields') continue
    const value = metadata[field]
    if (value === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(field)}:${JSON.stringify(value)}`
  }
  if (managedFields !== undefined) text += `,\t"managedFields":${managedFields}\t`
  text += '}'
  for (const field in object) {
    if (field === 'metadata' || field === 'kind' || field === 'apiVersion') continue
    const value = (object as unknown as Record<string, unknown>)[field]
    if (value !== undefined) text += `,${JSON.stringify(field)}:${JSON.stringify(value)}`
  }
  text += '}'
  return encoder.encode(text)
}

/** A new object of the storage version, not frozen. */
export function decodeStored(resource: Resource, bytes: Uint8Array, revision: number, managedFields: boolean): KubeObject {
  const head = `${headOf(resource.kind, resource.apiVersion)}${revision}",`
  return JSON.parse(head + storedText(bytes, managedFields)) as KubeObject
}

/** The JSON text of the managed fields, as `encodeStored` was given it. */
export function managedFieldsText(bytes: Uint8Array): string | undefined {
  const from = bytes.indexOf(tab)
  if (from < 0) return undefined
  return utf8(bytes, from + '\t"managedFields":'.length, bytes.indexOf(tab, from + 1))
}

/** Whether two stored forms differ in their managed fields at most. */
export function sameBesideManagers(a: Uint8Array, b: Uint8Array): boolean {
  const [fromA, fromB] = [a.indexOf(tab), b.indexOf(tab)]
  if (fromA !== fromB) return false
  if (fromA < 0) return Buffer.compare(a, b) === 0
  const [tailA, tailB] = [a.subarray(a.indexOf(tab, fromA + 1)), b.subarray(b.indexOf(tab, fromB + 1))]
  return tailA.length === tailB.length && Buffer.compare(tailA, tailB) === 0 && Buffer.compare(a.subarray(0, fromA), b.subarray(0, fromB)) === 0
}

function storedText(bytes: Uint8Array, managedFields: boolean): string {
  const from = managedFields ? -1 : bytes.indexOf(tab)
  if (from < 0) return utf8(bytes, 0, bytes.length)
  return utf8(bytes, 0, from - 1) + utf8(bytes, bytes.indexOf(tab, from + 1) + 1, bytes.length)
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.utf8Slice.call(bytes, start, end) as string
}

declare global {
  interface Buffer {
    utf8Slice(start: number, end: number): string
  }
}
