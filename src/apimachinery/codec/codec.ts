import { ApiError } from '../api-error'
import { DecodeError } from '../schema/decode-error'
import { decodeJson } from './json'
import { type Findings, JsonError } from './json-scan'
import { EnvelopeError } from './protobuf/envelope'
import { YamlError, decodeYaml } from './yaml'

export const json = 'application/json'
export const yaml = 'application/yaml'
export const protobuf = 'application/vnd.kubernetes.protobuf'

/** What bodies of objects may be in. */
export type MediaType = typeof json | typeof yaml | typeof protobuf
export const mediaTypes: readonly MediaType[] = [json, yaml, protobuf]

/** The media type of a Content-Type header; a body without one is JSON. Throws ApiError 415 for what is not served. */
export function mediaTypeOf(contentType: string | undefined): MediaType {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === '' || type === json) return json
  if (type === yaml || type === protobuf) return type
  throw unsupportedMediaType(mediaTypes)
}

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`)

/** What strict validation would refuse and warnings would name: `duplicate field "metadata.name"`. */
export interface StrictProblems {
  readonly texts: readonly string[]
  /** The same with the unknown fields of these paths, in the order of the text. Absent where the text was YAML, whose duplicates come first. */
  withUnknown?(paths: readonly string[]): readonly string[]
}

export const noProblems: StrictProblems = { texts: [] }

export interface Decoded {
  readonly value: Record<string, unknown>
  readonly strict: StrictProblems
  /** Texts about integers that were rounded, for warnings in any case. */
  readonly rounded: readonly string[]
}

/**
 * Decodes the text of a write's body. `strict` asks for duplicate fields, which costs a second look at the text. Throws JsonError, YamlError or
 * DecodeError with texts that `unrecognized` puts into an answer.
 */
export async function decodeBody(body: Uint8Array, type: typeof json | typeof yaml, strict: boolean): Promise<Decoded> {
  if (type === json) return decodeJsonBody(body, strict)
  const problems: string[] = []
  const value = await decodeYaml(body, strict ? { duplicate: (text) => problems.push(text) } : {})
  return { value: asObject(value), strict: { texts: problems }, rounded: [] }
}

/** The same for JSON, which needs no waiting. */
export function decodeJsonBody(body: Uint8Array | string, strict: boolean): Decoded {
  let findings: Findings | undefined
  const rounded: string[] = []
  const value = decodeJson(body, {
    inexact: (path, literal) => rounded.push(`${path}: ${literal} is beyond 2^53 and was rounded to ${Number(literal)}`),
    ...(strict ? { duplicate: (_: string, found: Findings) => (findings = found) } : {}),
  })
  return { value: asObject(value), strict: findings ? problemsOf(findings) : noProblems, rounded }
}

function problemsOf({ duplicates, duplicatePlaces, places }: Findings): StrictProblems {
  const texts = duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)
  return {
    texts,
    withUnknown: (paths) =>
      [
        ...duplicates.map((path, i) => ({ text: texts[i]!, place: duplicatePlaces.get(path)! })),
        ...paths.map((path) => ({ text: unknownField(path), place: places.get(path) ?? Infinity })),
      ].sort((a, b) => a.place - b.place).map(({ text }) => text),
  }
}

export const unknownField = (path: string): string => `unknown field "${path}"`

const kindStruct = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function asObject(value: unknown): Record<string, unknown> {
  // Go reads null into an empty struct.
  if (value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  const sort = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw new JsonError(`json: cannot unmarshal ${sort} into Go value of type ${kindStruct}`)
}

/** What cannot be read as an object at all: 400. Other errors are returned as they are. */
export function unrecognized(error: unknown, kind: string, body: Uint8Array): unknown {
  if (error instanceof YamlError || error instanceof EnvelopeError) return badBody(error, kind, body, error.message)
  if (error instanceof JsonError) return badBody(error, kind, body, `couldn't get version/kind; json parse error: ${error.message}`)
  return error
}

function badBody(cause: Error, kind: string, body: Uint8Array, why: string): ApiError {
  return new ApiError(400, 'BadRequest', `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(body)})`, undefined, { cause })
}

/** An object whose values do not fit its kind, or that strict validation refuses: 400. Other errors are returned as they are. */
export function cannotBeHandled(error: unknown, kind: string, version: string): unknown {
  return error instanceof DecodeError ? refused(kind, version, error.message, error) : error
}

/** `Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo"`. */
export function strictDecodingError(problems: readonly string[], kind: string, version: string): ApiError {
  return refused(kind, version, `strict decoding error: ${problems.join(', ')}`)
}

const refused = (kind: string, version: string, why: string, cause?: Error): ApiError =>
  new ApiError(400, 'BadRequest', `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`, undefined, cause ? { cause } : undefined)

/** The first bytes of a body, as text where it looks like JSON. */
function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const head = body.subarray(0, 30)
  const text = body[0] === 123 ? new TextDecoder().decode(head) : Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return body.length > 30 ? `${text} ...` : text
}
