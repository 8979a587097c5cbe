import type { CelObjectType, CelType } from './contract'

/** An object type with fields that are written as they are named. */
export function objectType(name: string, fields: Readonly<Record<string, CelType>>): CelObjectType {
  const known = new Map(Object.entries(fields))
  return { sort: 'object', name, fields: () => known }
}

export const string: CelType = { sort: 'string' }
export const dyn: CelType = { sort: 'dyn' }
export const bool: CelType = { sort: 'bool' }
export const int: CelType = { sort: 'int' }
export const timestamp: CelType = { sort: 'timestamp' }
export const listOf = (item: CelType): CelType => ({ sort: 'list', item })
export const mapOf = (value: CelType): CelType => ({ sort: 'map', key: string, value })
export const opaque = (name: string): CelType => ({ sort: 'opaque', name })
