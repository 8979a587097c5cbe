import { additionalOf, type JsonSchema } from '#apimachinery/schema/json-schema'
import { formatCheck } from '#apimachinery/schema/validation/formats'
import type { CustomResourceDefinition } from './types'

const ofNumbers: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] }

const isRecognized = (type: string, format: string): boolean =>
  type === '' || type === 'string' ? formatCheck(format) !== undefined : (ofNumbers[type]?.includes(format) ?? false)

/** Formats that nothing is judged by, anywhere in the schemas of a definition. Those that it had before are known to its author. */
export function formatWarnings(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): string[] {
  const found = unrecognized(definition)
  if (found.size === 0) return []
  const before = old && unrecognized(old)
  return [...found].filter((format) => !before?.has(format)).map((format) => `unrecognized format ${JSON.stringify(format)}`)
}

function unrecognized({ spec }: CustomResourceDefinition): Set<string> {
  const found = new Set<string>()
  for (const { schema } of spec.versions ?? []) if (schema?.openAPIV3Schema) collect(schema.openAPIV3Schema as JsonSchema, found)
  return found
}

function collect(schema: JsonSchema, found: Set<string>): void {
  const { type = '', format, items = [], not, properties = {}, allOf = [], anyOf = [], oneOf = [], patternProperties = {}, definitions = {}, additionalItems } = schema
  if (format && !isRecognized(type, format)) found.add(format)
  for (const one of [items, allOf, anyOf, oneOf].flat()) collect(one, found)
  for (const one of [not, additionalOf(schema), additionalItems]) if (typeof one === 'object') collect(one, found)
  for (const map of [properties, patternProperties, definitions]) for (const name in map) collect(map[name]!, found)
}
