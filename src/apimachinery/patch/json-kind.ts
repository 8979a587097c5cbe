export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'list' | 'object'

/** What a decoded JSON value is. */
export function kindOf(value: unknown): JsonKind {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'list'
  return typeof value as JsonKind
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
