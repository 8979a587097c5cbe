import type { CelType } from '../contract'

export const dyn: CelType = { sort: 'dyn' }
export const errorType: CelType = { sort: 'error' }
export const optionalOf = (value: CelType): CelType => ({ sort: 'optional', value })

/** Types as messages name them. */
export function typeText(type: CelType): string {
  switch (type.sort) {
    case 'list':
      return `list(${typeText(type.item)})`
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`
    case 'optional':
      return `optional_type(${typeText(type.value)})`
    case 'type':
      return type.of ? `type(${typeText(type.of)})` : 'type'
    case 'object':
    case 'opaque':
    case 'param':
      return type.name
    case 'error':
      return '!error!'
    case 'dyn':
      return type.any ? 'any' : 'dyn'
    default:
      return type.sort
  }
}

const declared: Readonly<Partial<Record<CelType['sort'], string>>> = { null: 'null_type', duration: 'google.protobuf.Duration', timestamp: 'google.protobuf.Timestamp' }

/** Types by the names that they have in the language. */
export function declaredText(type: CelType): string {
  const name = typeText(type)
  if (type.sort === 'list' || type.sort === 'map' || type.sort === 'optional' || type.sort === 'type') {
    const inner = parts(type).map(declaredText).join(', ')
    return inner === '' ? name : `${name.slice(0, name.indexOf('('))}(${inner})`
  }
  return declared[type.sort] ?? name
}

/** Object types that fields can be asked of, though they are values of a library: the original declares them so. */
export const isStruct = (type: CelType): boolean => type.sort === 'object' || (type.sort === 'opaque' && !type.name.startsWith('net.'))

const parts = (type: CelType): readonly CelType[] => {
  switch (type.sort) {
    case 'list':
      return [type.item]
    case 'map':
      return [type.key, type.value]
    case 'optional':
      return [type.value]
    case 'type':
      return type.of ? [type.of] : []
    default:
      return []
  }
}

const nameOf = (type: CelType): string => ('name' in type ? type.name : '')

export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true
  if (a.sort !== b.sort || nameOf(a) !== nameOf(b)) return false
  const [x, y] = [parts(a), parts(b)]
  return x.length === y.length && x.every((one, i) => sameType(one, y[i]!))
}

/** What type parameters were found to be. */
export type Mapping = ReadonlyMap<string, CelType>
type Draft = Map<string, CelType>

export const unwrapOptional = (type: CelType): { type: CelType; optional: boolean } => (type.sort === 'optional' ? { type: type.value, optional: true } : { type, optional: false })

/** Replaces parameters by what they were found to be, and what is left of them by `dyn` if so asked. */
export function substitute(mapping: Mapping, type: CelType, toDyn: boolean): CelType {
  switch (type.sort) {
    case 'param': {
      const found = mapping.get(type.name)
      return found ? substitute(mapping, found, toDyn) : toDyn ? dyn : type
    }
    case 'list': {
      const item = substitute(mapping, type.item, toDyn)
      return item === type.item ? type : { ...type, item }
    }
    case 'map': {
      const [key, value] = [substitute(mapping, type.key, toDyn), substitute(mapping, type.value, toDyn)]
      return key === type.key && value === type.value ? type : { ...type, key, value }
    }
    case 'optional': {
      const value = substitute(mapping, type.value, toDyn)
      return value === type.value ? type : { ...type, value }
    }
    case 'type': {
      const of = type.of && substitute(mapping, type.of, toDyn)
      return of === type.of ? type : { ...type, ...(of && { of }) }
    }
    default:
      return type
  }
}

/** The mapping with what it takes to use values of `from` where `to` is wanted; undefined when they do not fit. */
export function assignable(mapping: Mapping, from: readonly CelType[], to: readonly CelType[]): Mapping | undefined {
  const draft = new Map(mapping)
  return allFit(draft, from, to) ? draft : undefined
}

const allFit = (draft: Draft, from: readonly CelType[], to: readonly CelType[]): boolean => from.length === to.length && from.every((one, i) => fits(draft, one, to[i]!))

function fits(draft: Draft, from: CelType, to: CelType): boolean {
  if (to.sort === 'param') {
    const { valid, known } = substitutes(draft, from, to)
    if (valid) return true
    if (known) return false
  }
  if (from.sort === 'param') return substitutes(draft, to, from).valid
  if (isOpen(from) || isOpen(to)) return true
  if (from.sort === 'null') return to.sort === 'null' || nullable(to)
  if (to.sort === 'null') return nullable(from)
  if (from.sort !== to.sort) return false
  switch (from.sort) {
    case 'type':
      return true
    case 'list':
    case 'map':
    case 'optional':
      return allFit(draft, parts(from), parts(to))
    default:
      return nameOf(from) === nameOf(to)
  }
}

const isOpen = (type: CelType): boolean => type.sort === 'dyn' || type.sort === 'error'
const nullable = (type: CelType): boolean => type.sort === 'opaque' || type.sort === 'object' || type.sort === 'optional' || type.sort === 'duration' || type.sort === 'timestamp'

function substitutes(draft: Draft, type: CelType, param: CelType & { sort: 'param' }): { valid: boolean; known: boolean } {
  if (type.sort === 'param' && type.name === param.name) return { valid: true, known: true }
  const found = draft.get(param.name)
  if (found) {
    if (sameType(type, found)) return { valid: true, known: true }
    if (!fits(draft, type, found)) return { valid: false, known: true }
    const general = moreGeneral(type, found)
    if (!occurs(draft, param, general)) draft.set(param.name, general)
    return { valid: true, known: true }
  }
  if (occurs(draft, param, type)) return { valid: false, known: false }
  draft.set(param.name, type)
  return { valid: true, known: false }
}

function occurs(draft: Draft, param: CelType & { sort: 'param' }, within: CelType): boolean {
  if (within.sort === 'param') {
    if (within.name === param.name) return true
    const found = draft.get(within.name)
    return found !== undefined && occurs(draft, param, found)
  }
  return parts(within).some((part) => occurs(draft, param, part))
}

/** Of two types that fit each other. */
export const moreGeneral = (a: CelType, b: CelType): CelType => (lessSpecific(a, b) ? a : b)

function lessSpecific(a: CelType, b: CelType): boolean {
  if (a.sort === 'dyn' || a.sort === 'param') return true
  if (b.sort === 'dyn' || b.sort === 'param') return false
  if (a.sort !== b.sort) return false
  switch (a.sort) {
    case 'list':
    case 'map':
    case 'optional': {
      const other = parts(b)
      return parts(a).every((part, i) => lessSpecific(part, other[i]!))
    }
    case 'type':
      return true
    default:
      return sameType(a, b)
  }
}
