import { fail, noSuchOverload } from '../runtime/errors'
import { characters, Double, doubleValue, Duration, isMap, mapSize, Optional, Timestamp, Uint } from '../runtime/values'
import { each, shared, type FunctionDeclaration } from './overload'

function isZero(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Uint8Array) return value.length === 0
  if (isMap(value)) return mapSize(value) === 0
  if (value instanceof Double) return doubleValue(value) === 0
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration) return value.nanos === 0n
  if (value instanceof Timestamp) return value.seconds === -62135596800 && value.nanos === 0
  return value instanceof Optional ? !value.hasValue || isZero(value.value) : typeof value === 'string' && characters(value) === 0
}

const unwrapped = (list: readonly unknown[]): unknown[] => list.flatMap((item) => {
  if (!(item instanceof Optional)) return fail(`value ${String(item)} is not optional`)
  return item.hasValue ? [item.value] : []
})

/** `or`, `orValue` and optional selection are the compiler's, since they do not evaluate all of their arguments. */
export const optionals: readonly FunctionDeclaration[] = [
  each('optional.of', { optional_of: ['(V) -> optional(V)', (value: unknown) => new Optional(value)] }),
  each('optional.ofNonZeroValue', { optional_ofNonZeroValue: ['(V) -> optional(V)', (value: unknown) => (isZero(value) ? Optional.none : new Optional(value))] }),
  each('optional.none', { optional_none: ['() -> optional(V)', () => Optional.none] }),
  each('value', { optional_value: ['optional(V).() -> V', (optional: Optional) => (optional.hasValue ? optional.value : fail('optional.none() dereference'))] }),
  each('hasValue', { optional_hasValue: ['optional(V).() -> bool', (optional: Optional) => optional.hasValue] }),
  shared('or', noSuchOverload, { optional_or_optional: 'optional(V).(optional(V)) -> optional(V)' }),
  shared('orValue', noSuchOverload, { optional_orValue_value: 'optional(V).(V) -> V' }),
  shared('_?._', noSuchOverload, { select_optional_field: '(dyn, string) -> optional(V)' }),
  shared('_[?_]', noSuchOverload, {
    list_optindex_optional_int: '(list(V), int) -> optional(V)', optional_list_optindex_optional_int: '(optional(list(V)), int) -> optional(V)',
    map_optindex_optional_value: '(map(K, V), K) -> optional(V)', optional_map_optindex_optional_value: '(optional(map(K, V)), K) -> optional(V)',
  }),
  each('first', { list_first: ['list(V).() -> optional(V)', (list: readonly unknown[]) => (list.length > 0 ? new Optional(list[0]) : Optional.none)] }),
  each('last', { list_last: ['list(V).() -> optional(V)', (list: readonly unknown[]) => (list.length > 0 ? new Optional(list.at(-1)) : Optional.none)] }),
  each('optional.unwrap', { optional_unwrap: ['(list(optional(V))) -> list(V)', unwrapped] }),
  each('unwrapOpt', { optional_unwrapOpt: ['list(optional(V)).() -> list(V)', unwrapped] }),
]
