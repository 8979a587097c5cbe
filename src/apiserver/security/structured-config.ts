import { createHash } from 'node:crypto'
import { decodeYaml } from '#apimachinery/codec/yaml'
import type { FieldError } from '#apimachinery/field-errors'
import { normalize } from '#apimachinery/schema/normalize'
import type { Struct } from '#apimachinery/schema/schema'

const group = 'apiserver.config.k8s.io'

/** Which kind of `apiserver.config.k8s.io` a file must hold, in any of these versions, and its fields. */
export interface StructuredKind {
  readonly kind: string
  readonly versions: readonly string[]
  readonly schema: Struct
}

/** Decodes such a file's text strictly, with defaults. Throws what the original would say. */
export async function decodeStructured<T>(text: string, { kind, versions, schema }: StructuredKind): Promise<T> {
  if (text === '') throw new Error('empty config data')
  const duplicates: string[] = []
  const object = (await decodeYaml(text, { duplicate: (what) => void duplicates.push(what) })) as ({ apiVersion?: string; kind?: string } & object) | null
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw new Error(`couldn't get version/kind; json parse error: expected an object that says its apiVersion and kind`)
  const { apiVersion, kind: given } = object
  if (!given) throw new Error(`Object 'Kind' is missing in '${kind} file'`)
  if (given !== kind || !versions.some((version) => apiVersion === `${group}/${version}`)) {
    throw new Error(`no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(apiVersion ?? '')}: expected ${kind} of ${versions.map((version) => `${group}/${version}`).join(' or ')}`)
  }
  const unknown: string[] = []
  normalize(schema, object, { defaults: true, unknown: (path) => void unknown.push(`unknown field ${JSON.stringify(path)}`) })
  if (duplicates.length > 0 || unknown.length > 0) throw new Error(`strict decoding error: ${[...duplicates, ...unknown].join(', ')}`)
  return object as T
}

/** What is wrong, as the original joins it. */
export function aggregateFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)))]
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
}

/** How metrics and logs name a configuration without showing it. */
export const hashOf = (text: string): string => (text === '' ? '' : `sha256:${createHash('sha256').update(text).digest('hex')}`)
