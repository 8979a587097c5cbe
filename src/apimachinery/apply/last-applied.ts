import { isObject } from '#apimachinery/patch/json-kind'
import { compare } from './compare'
import type { FieldWriter, JsonObject } from './contract'
import { difference, type FieldSet } from './field-set'
import { fieldSetOf } from './object-set'
import { configErrors } from './validate-config'

const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
const maxAnnotationBytes = 256 * 1024

const annotationsOf = (object: JsonObject): Record<string, unknown> | undefined => {
  const { metadata } = object
  return isObject(metadata) && isObject(metadata.annotations) ? metadata.annotations : undefined
}
function lastAppliedOf(object: JsonObject): string | undefined {
  const value = annotationsOf(object)?.[annotation]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * What `kubectl apply` on the client's side has set and nobody has changed since: kubectl may take it over with server-side
 * apply without a conflict. `undefined` when the annotation does not say.
 */
export function stillAsLastApplied(live: JsonObject, { schema, apiVersion }: FieldWriter): FieldSet | undefined {
  const text = lastAppliedOf(live)
  if (text === undefined) return undefined
  const applied = parse(text)
  if (!isObject(applied) || applied.apiVersion !== apiVersion || configErrors(schema, applied).length > 0) return undefined
  const { changed, removed } = compare(schema, applied, live)
  return difference(difference(fieldSetOf(schema, applied), changed), removed)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Anyone may write annotations; one that is no JSON says nothing about what was applied.
    return undefined
  }
}

/** The object with the annotation brought up to date, so that kubectl may go back to applying on its own side. */
export function withLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (lastAppliedOf(object) === undefined) return object
  const annotations: Record<string, unknown> = { ...annotationsOf(object), [annotation]: textOf(config) }
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(String(value)), 0)
  if (bytes > maxAnnotationBytes) delete annotations[annotation]
  return { ...object, metadata: { ...(object.metadata as JsonObject), annotations } }
}

const byteLength = (text: string): number => new TextEncoder().encode(text).length

/** The configuration as kubectl writes it: fields sorted, without the annotation itself, a line. */
function textOf(config: JsonObject): string {
  const annotations = annotationsOf(config)
  let clean: JsonObject = config
  if (annotations && annotation in annotations) {
    const { [annotation]: _, ...rest } = annotations
    clean = { ...config, metadata: { ...(config.metadata as JsonObject), annotations: rest } }
  }
  return `${JSON.stringify(sortFields(clean)).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sortFields(value[key])]))
}
