import { additionalOf, itemsOf, type JsonSchema } from '../json-schema'
import { Report } from './report'
import type { Check } from './validator'

/** Lists of the types `set` and `map` hold no item, or no key, twice. Undefined where the schema has none of them. */
export function compileListCheck(schema: JsonSchema): Check | undefined {
  const items = itemsOf(schema)
  const own = items && listCheck(schema, items)
  const additional = additionalOf(schema)
  const other = additional && compileListCheck(additional)
  const properties: { name: string; check: Check }[] = []
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const check = compileListCheck(property)
    if (check) properties.push({ name, check })
  }
  if (!own && !other && properties.length === 0) return undefined
  return (value, report) => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) return own?.(value, report)
    const object = value as Record<string, unknown>
    for (const { name, check } of properties) if (object[name] !== undefined) below(check, name, object[name], report)
    if (other) for (const key in object) below(other, key, object[key], report)
  }
}

function listCheck(schema: JsonSchema, items: JsonSchema): Check | undefined {
  const inner = compileListCheck(items)
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (type !== 'set' && type !== 'map') {
    if (!inner) return undefined
    return (value, report) => {
      for (let i = 0; i < (value as unknown[]).length; i++) below(inner, i, (value as unknown[])[i], report)
    }
  }
  return (value, report) => {
    const list = value as unknown[]
    const seen = new Map<string, number>()
    for (let i = 0; i < list.length; i++) {
      const shown = type === 'set' ? list[i] : keyOf(list[i], keys)
      if (shown === undefined) continue
      const text = canonical(shown)
      const times = (seen.get(text) ?? 0) + 1
      seen.set(text, times)
      // The first repetition is told, as the original does.
      if (times === 2) {
        report.enter(i)
        report.add('FieldValueDuplicate', `Duplicate value: ${canonical(shown)}`)
        report.leave()
      }
    }
    if (inner) for (let i = 0; i < list.length; i++) below(inner, i, list[i], report)
  }
}

function below(check: Check, segment: string | number, value: unknown, report: Report): void {
  report.enter(segment)
  check(value, report)
  report.leave()
}

function keyOf(item: unknown, keys: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null) return undefined
  const found: Record<string, unknown> = {}
  for (const key of keys) {
    const value = (item as Record<string, unknown>)[key]
    if (value !== undefined) found[key] = value
  }
  return found
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const object = value as Record<string, unknown>
  return `{${Object.keys(object).sort().map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`).join(',')}}`
}
