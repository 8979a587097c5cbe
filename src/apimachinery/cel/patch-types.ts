import type { CelObjectType, CelType } from './contract'
import { dyn, objectType, string } from './object-type'
import { fail } from './runtime/errors'
import { isMap, mapGet, mapKeys, Struct } from './runtime/values'

/** `JSONPatch{op: 'add', path: '/x', value: ...}`. */
const jsonPatch: CelObjectType = {
  ...objectType('JSONPatch', { op: string, path: string, from: string, value: dyn }),
  make: (fields) => new Struct('JSONPatch', fields),
}

const known = new Map<string, CelObjectType>([[jsonPatch.name, jsonPatch]])
const noFields: ReadonlyMap<string, CelType> = new Map()

/** `Object{spec: Object.spec{replicas: 1}}`: any fields, of any types; the names of types are the paths to where they belong. */
export function patchObjects(name: string): CelObjectType | undefined {
  const found = known.get(name)
  if (found || (name !== 'Object' && !name.startsWith('Object.'))) return found
  const made: CelObjectType = { sort: 'object', name, fields: () => noFields, otherFields: dyn, make: (fields) => new Struct(name, fields) }
  known.set(name, made)
  return made
}

/** Throws `CelError` when an object that an expression made is not where its type says. */
export function checkPlaces(value: unknown, path = 'Object'): void {
  if (value instanceof Struct) {
    if (value.typeName !== path) fail(`unexpected type name "${value.typeName}", expected "${path}", which matches field name path from root Object type`)
    for (const [name, field] of Object.entries(value.fields)) checkPlaces(field, `${path}.${name}`)
  } else if (Array.isArray(value)) for (const item of value) checkPlaces(item, path)
  else if (isMap(value)) for (const key of mapKeys(value)) checkPlaces(mapGet(value, key), path)
}
