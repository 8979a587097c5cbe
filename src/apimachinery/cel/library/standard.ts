import { add, divide, modulo, multiply, negate, subtract } from '../runtime/arithmetic'
import { compare, equal } from '../runtime/compare'
import { toBool, toBytes, toDouble, toDuration, toInt, toText, toTimestamp, toUint } from '../runtime/conversions'
import { fail, noSuchOverload } from '../runtime/errors'
import { timePart, type TimePart } from '../runtime/time'
import { isMap, mapHas, sizeOf, type Duration, type Timestamp } from '../runtime/values'
import { matches } from './regex'
import { each, shared, type FunctionDeclaration } from './overload'

const numbers = ['int64', 'uint64', 'double'] as const
const named = { int64: 'int', uint64: 'uint', double: 'double' } as const

function comparison(operator: string, prefix: string, holds: (order: number) => boolean): FunctionDeclaration {
  const ids: Record<string, string> = {}
  for (const one of ['bool', 'string', 'bytes', 'timestamp', 'duration']) ids[`${prefix}_${one}`] = `(${one}, ${one}) -> bool`
  for (const a of numbers) for (const b of numbers) ids[a === b ? `${prefix}_${a}` : `${prefix}_${a}_${b}`] = `(${named[a]}, ${named[b]}) -> bool`
  return shared(operator, (a: unknown, b: unknown) => holds(compare(a, b, operator)), ids)
}

function contained(item: unknown, container: unknown): boolean {
  if (Array.isArray(container)) return container.some((one) => equal(one, item))
  return isMap(container) ? mapHas(container, item) : noSuchOverload()
}

const inText = (name: string, id: string, test: (text: string, part: string) => boolean): FunctionDeclaration =>
  shared(name, (text: unknown, part: unknown) => (typeof text === 'string' && typeof part === 'string' ? test(text, part) : noSuchOverload()), { [id]: 'string.(string) -> bool' })

const ofTime = (name: TimePart, id: string): FunctionDeclaration => each(name, {
  [id]: ['timestamp.() -> int', (time: Timestamp) => timePart(name, time, '')],
  [`${id}_with_tz`]: ['timestamp.(string) -> int', (time: Timestamp, zone: string) => timePart(name, time, zone)],
  ...(spans[name] && { [spans[name].id]: ['duration.() -> int', ({ nanos }: Duration) => Number(nanos / spans[name]!.nanos)] }),
})

const spans: Partial<Record<TimePart, { id: string; nanos: bigint }>> = {
  getHours: { id: 'duration_to_hours', nanos: 3_600_000_000_000n }, getMinutes: { id: 'duration_to_minutes', nanos: 60_000_000_000n },
  getSeconds: { id: 'duration_to_seconds', nanos: 1_000_000_000n }, getMilliseconds: { id: 'duration_to_milliseconds', nanos: 1_000_000n },
}

/** The functions and operators of the language itself. `&&`, `||`, `?:`, `==` and selection are the compiler's; only their types are here. */
export const standard: readonly FunctionDeclaration[] = [
  shared('_?_:_', noSuchOverload, { conditional: '(bool, A, A) -> A' }),
  shared('_&&_', noSuchOverload, { logical_and: '(bool, bool) -> bool' }),
  shared('_||_', noSuchOverload, { logical_or: '(bool, bool) -> bool' }),
  shared('@not_strictly_false', noSuchOverload, { not_strictly_false: '(bool) -> bool' }),
  shared('_==_', equal, { equals: '(A, A) -> bool' }),
  shared('_!=_', (a: unknown, b: unknown) => !equal(a, b), { not_equals: '(A, A) -> bool' }),
  shared('!_', (value: unknown) => (typeof value === 'boolean' ? !value : noSuchOverload()), { logical_not: '(bool) -> bool' }),
  shared('_[_]', noSuchOverload, { index_list: '(list(A), int) -> A', index_map: '(map(A, B), A) -> B',
    optional_list_index_int: '(optional(list(V)), int) -> optional(V)', optional_map_index_value: '(optional(map(K, V)), K) -> optional(V)' }),
  shared('@in', contained, { in_list: '(A, list(A)) -> bool', in_map: '(A, map(A, B)) -> bool' }),
  shared('_+_', add, {
    add_bytes: '(bytes, bytes) -> bytes', add_double: '(double, double) -> double', add_duration_duration: '(duration, duration) -> duration',
    add_duration_timestamp: '(duration, timestamp) -> timestamp', add_timestamp_duration: '(timestamp, duration) -> timestamp', add_int64: '(int, int) -> int',
    add_list: '(list(A), list(A)) -> list(A)', add_string: '(string, string) -> string', add_uint64: '(uint, uint) -> uint',
  }),
  shared('_-_', subtract, {
    subtract_double: '(double, double) -> double', subtract_duration_duration: '(duration, duration) -> duration', subtract_int64: '(int, int) -> int',
    subtract_timestamp_duration: '(timestamp, duration) -> timestamp', subtract_timestamp_timestamp: '(timestamp, timestamp) -> duration', subtract_uint64: '(uint, uint) -> uint',
  }),
  shared('_*_', multiply, { multiply_double: '(double, double) -> double', multiply_int64: '(int, int) -> int', multiply_uint64: '(uint, uint) -> uint' }),
  shared('_/_', divide, { divide_double: '(double, double) -> double', divide_int64: '(int, int) -> int', divide_uint64: '(uint, uint) -> uint' }),
  shared('_%_', modulo, { modulo_int64: '(int, int) -> int', modulo_uint64: '(uint, uint) -> uint' }),
  shared('-_', negate, { negate_double: '(double) -> double', negate_int64: '(int) -> int' }),
  comparison('_<_', 'less', (order) => order < 0),
  comparison('_<=_', 'less_equals', (order) => order <= 0),
  comparison('_>_', 'greater', (order) => order > 0),
  comparison('_>=_', 'greater_equals', (order) => order >= 0),
  shared('size', (value: unknown) => sizeOf(value) ?? fail('no such overload: size'), {
    size_bytes: '(bytes) -> int', bytes_size: 'bytes.() -> int', size_list: '(list(A)) -> int', list_size: 'list(A).() -> int',
    size_map: '(map(A, B)) -> int', map_size: 'map(A, B).() -> int', size_string: '(string) -> int', string_size: 'string.() -> int',
  }),
  shared('type', noSuchOverload, { type: '(A) -> type(A)' }),
  shared('dyn', (value: unknown) => value, { to_dyn: '(A) -> dyn' }),
  each('bool', { bool_to_bool: ['(bool) -> bool', toBool], string_to_bool: ['(string) -> bool', toBool] }),
  each('bytes', { bytes_to_bytes: ['(bytes) -> bytes', toBytes], string_to_bytes: ['(string) -> bytes', toBytes] }),
  each('double', {
    double_to_double: ['(double) -> double', toDouble], int64_to_double: ['(int) -> double', toDouble],
    string_to_double: ['(string) -> double', toDouble], uint64_to_double: ['(uint) -> double', toDouble],
  }),
  each('duration', { duration_to_duration: ['(duration) -> duration', toDuration], int64_to_duration: ['(int) -> duration', toDuration],
    string_to_duration: ['(string) -> duration', toDuration] }),
  each('int', {
    int64_to_int64: ['(int) -> int', toInt], double_to_int64: ['(double) -> int', toInt], duration_to_int64: ['(duration) -> int', toInt],
    string_to_int64: ['(string) -> int', toInt],
    timestamp_to_int64: ['(timestamp) -> int', toInt], uint64_to_int64: ['(uint) -> int', toInt],
  }),
  each('string', {
    string_to_string: ['(string) -> string', toText], bool_to_string: ['(bool) -> string', toText],
    bytes_to_string: ['(bytes) -> string', toText], double_to_string: ['(double) -> string', toText],
    duration_to_string: ['(duration) -> string', toText], int64_to_string: ['(int) -> string', toText],
    timestamp_to_string: ['(timestamp) -> string', toText], uint64_to_string: ['(uint) -> string', toText],
    ip_to_string: ['(net.IP) -> string', String], cidr_to_string: ['(net.CIDR) -> string', String],
  }),
  each('timestamp', {
    timestamp_to_timestamp: ['(timestamp) -> timestamp', toTimestamp], int64_to_timestamp: ['(int) -> timestamp', toTimestamp],
    string_to_timestamp: ['(string) -> timestamp', toTimestamp],
  }),
  each('uint', { uint64_to_uint64: ['(uint) -> uint', toUint], double_to_uint64: ['(double) -> uint', toUint],
    int64_to_uint64: ['(int) -> uint', toUint], string_to_uint64: ['(string) -> uint', toUint] }),
  inText('contains', 'contains_string', (text, part) => text.includes(part)),
  inText('endsWith', 'ends_with_string', (text, part) => text.endsWith(part)),
  inText('startsWith', 'starts_with_string', (text, part) => text.startsWith(part)),
  shared('matches', matches, { matches: '(string, string) -> bool', matches_string: 'string.(string) -> bool' }),
  ofTime('getFullYear', 'timestamp_to_year'),
  ofTime('getMonth', 'timestamp_to_month'),
  ofTime('getDayOfYear', 'timestamp_to_day_of_year'),
  ofTime('getDayOfMonth', 'timestamp_to_day_of_month'),
  ofTime('getDate', 'timestamp_to_day_of_month_1_based'),
  ofTime('getDayOfWeek', 'timestamp_to_day_of_week'),
  ofTime('getHours', 'timestamp_to_hours'),
  ofTime('getMinutes', 'timestamp_to_minutes'),
  ofTime('getSeconds', 'timestamp_to_seconds'),
  ofTime('getMilliseconds', 'timestamp_to_milliseconds'),
]
