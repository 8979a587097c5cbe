import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { isDns1035Label, nameIsPathSegment } from '#apimachinery/names'
import { validateObjectMeta } from '#apimachinery/object-meta-validation'
import { additionalOf, itemsOf, type JsonSchema } from '#apimachinery/schema/json-schema'

type EmbeddedCheck = (value: unknown, errors: FieldErrors) => void

/** Embedded resources say what they are, and carry metadata that any object could have. Undefined where the schema has none. */
export function compileEmbedded(schema: JsonSchema, root = true): EmbeddedCheck | undefined {
  const own = !root && schema['x-kubernetes-embedded-resource'] === true
  const items = itemsOf(schema)
  const item = items && compileEmbedded(items, false)
  const additional = additionalOf(schema)
  const other = additional && compileEmbedded(additional, false)
  const properties: { name: string; check: EmbeddedCheck }[] = []
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const check = compileEmbedded(property, false)
    if (check) properties.push({ name, check })
  }
  if (!own && !item && !other && properties.length === 0) return undefined
  return (value, errors) => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      if (item) for (let i = 0; i < value.length; i++) item(value[i], errors.at(i))
      return
    }
    const object = value as Record<string, unknown>
    if (own) checkResource(object, errors)
    for (const { name, check } of properties) check(object[name], errors.at(name))
    if (other) for (const key in object) other(object[key], errors.key(key))
  }
}

function checkResource({ apiVersion, kind, metadata }: Record<string, unknown>, errors: FieldErrors): void {
  if (says(apiVersion, errors.at('apiVersion')) && apiVersion.split('/').length > 2) errors.at('apiVersion').invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  if (says(kind, errors.at('kind'))) {
    const problems = isDns1035Label(kind.toLowerCase())
    if (problems.length > 0) errors.at('kind').invalid(kind, `may have mixed case, but should otherwise match: ${problems.join(',')}`)
  }
  if (typeof metadata !== 'object' || metadata === null) return
  const meta = metadata as ObjectMeta
  // A template needs no name.
  validateObjectMeta(meta.name ? meta : { ...meta, name: 'fakename' }, Boolean(meta.namespace), nameIsPathSegment, errors.at('metadata'))
}

function says(value: unknown, errors: FieldErrors): value is string {
  if (value === undefined) errors.required()
  else if (typeof value !== 'string') errors.invalid(value, 'must be a string')
  else if (value === '') errors.invalid(value, 'must not be empty')
  else return true
  return false
}
