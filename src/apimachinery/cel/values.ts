import { additionalOf, itemsOf, type JsonSchema } from '../schema/json-schema'

const reserved = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])

/** A field's name as expressions write it. */
function escaped(name: string): string {
  if (reserved.has(name)) return `__${name}__`
  return /^[A-Za-z0-9_]+$/.test(name) && !name.includes('__') ? name
    : name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}

/** A JSON value as rules see it: whole numbers are integers of their own, times are times, fields that no expression can write are escaped. */
export function celValue(value: unknown, schema: JsonSchema | undefined, root = false): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return schema?.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value
  if (typeof value === 'string') {
    if ((schema?.format === 'date-time' || schema?.format === 'date') && !Number.isNaN(Date.parse(value))) return new Date(value)
    return value
  }
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    return value.map((item) => celValue(item, items))
  }
  const object = value as Record<string, unknown>
  const additional = schema && additionalOf(schema)
  const found: Record<string, unknown> = {}
  if (root || schema?.['x-kubernetes-embedded-resource']) {
    const { name, generateName } = (object['metadata'] ?? {}) as { name?: string; generateName?: string }
    found['apiVersion'] = object['apiVersion']
    found['kind'] = object['kind']
    found['metadata'] = { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) }
  }
  if (additional || !schema) {
    for (const key in object) found[key] = celValue(object[key], additional)
    return found
  }
  // Fields that the schema does not name are not for rules to see.
  for (const key in schema.properties) {
    if (object[key] !== undefined && !(root && key === 'metadata')) found[escaped(key)] = celValue(object[key], schema.properties[key])
  }
  return found
}
