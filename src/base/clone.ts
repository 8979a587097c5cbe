/**
 * A deep copy of plain JSON data that may be changed, of something frozen. Several times faster than structuredClone;
 * knows objects, arrays and scalars only.
 */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    for (let i = 0; i < value.length; i++) copy.push(clone(value[i] as unknown))
    return copy as T
  }
  const copy: Record<string, unknown> = {}
  for (const key in value) {
    const field = value[key as keyof T] as unknown
    if (field !== undefined) copy[key] = typeof field === 'object' ? clone(field) : field
  }
  return copy as T
}

/** Plain data with a copy in place of everything in it that is frozen; what is not frozen is changed in place and handed back. */
export function thaw<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  // Frozen data is frozen all the way down.
  if (Object.isFrozen(value)) return clone(value)
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    const field = fields[key]
    if (typeof field !== 'object' || field === null) continue
    const own = thaw(field)
    if (own !== field) fields[key] = own
  }
  return value
}

/** Freezes plain data all the way down and hands it back; stops at what is frozen already. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const key in value) {
    const field = value[key as keyof T] as unknown
    if (typeof field === 'object' && field !== null) deepFreeze(field)
  }
  return Object.freeze(value)
}

/** Whether two pieces of plain data say the same; a field that is undefined counts as absent, order of fields does not count. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!sameData(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!sameData(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
