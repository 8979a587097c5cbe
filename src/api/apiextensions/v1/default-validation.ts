import type { FieldErrors } from '#apimachinery/field-errors'
import { additionalOf, itemsOf, type JsonSchema } from '#apimachinery/schema/json-schema'
import { compileCheck } from '#apimachinery/schema/validation/validator'
import { Report } from '#apimachinery/schema/validation/report'

/** Defaults must be values that the schema would let in, without fields that it would drop. */
export function checkDefaults(schema: JsonSchema, errors: FieldErrors, root = true): void {
  if (schema.default !== undefined) {
    const here = errors.at('default')
    if (hasUnknown(schema.default, schema)) here.invalid(schema.default, 'must not have unknown fields')
    const report = new Report()
    compileCheck(schema)(schema.default, report)
    for (const { type, field, message } of report.problems) {
      const path = field === '<nil>' ? here.path : `${here.path}.${field}`
      errors.all.push({ type, field: path, message })
    }
  }
  const items = itemsOf(schema)
  if (items) checkDefaults(items, errors.at('items'), false)
  const additional = additionalOf(schema)
  if (additional) checkDefaults(additional, errors.at('additionalProperties'), false)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (root && name === 'metadata') continue
    checkDefaults(property, errors.at('properties').key(name), false)
  }
}

function hasUnknown(value: unknown, schema: JsonSchema): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return items !== undefined && value.some((item) => hasUnknown(item, items))
  }
  const additional = additionalOf(schema)
  return Object.entries(value).some(([name, below]) => {
    const property = schema.properties?.[name] ?? additional
    if (property) return hasUnknown(below, property)
    if (schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties === true) return false
    return !(schema['x-kubernetes-embedded-resource'] && (name === 'metadata' || name === 'kind' || name === 'apiVersion'))
  })
}
