import type { CelType } from '../contract'
import type { Expr } from '../syntax/ast'
import { listCost, structCost } from './actual'
import { exactly, largest, plus, scaled, times, type Range } from './sizes'

/** An argument as the estimate knows it. */
export interface Operand {
  readonly expr: Expr
  readonly type: CelType
  /** Without bounds where nothing is known. */
  readonly size: Range
  readonly known: boolean
  /** Of what a list holds, by its declared type. */
  itemSize(): Range
}

export interface Estimate {
  /** At worst, without the arguments. */
  readonly cost: number
  readonly result?: Range
}

const perCharacter = 0.1
const perPatternCharacter = 0.25
const checkCost = 350_000
const longestFormat = 64
const longestFormatPattern = 128
/** The bytes of an address. */
const address: Range = { min: 4, max: 16 }

type Estimator = (target: Operand | undefined, args: readonly Operand[], overload: string) => Estimate | undefined

const one: Estimate = { cost: 1 }
const walked = (size: Range, factor = 1): number => scaled(size, factor * perCharacter).max
const matched = (text: Range, pattern: Range): number => times(scaled(plus(text, exactly(1)), perCharacter), scaled(pattern, perPatternCharacter)).max

const firstArgument = (factor: number, sized = false): Estimator => (_, [first]) => first && { cost: walked(first.size, factor), ...(sized && { result: first.size }) }
const ofTarget: Estimator = (target) => target && { cost: walked(target.size), result: target.size }
const selector: Estimator = (_, [text]) => text && { cost: listCost + walked(text.size) + scaled(scaled(text.size, 0.5), listCost + structCost).max }

const overItems: Estimator = (target) => {
  if (!target) return undefined
  if (target.type.sort !== 'list') return { cost: walked(target.size) }
  const { sort } = target.type.item
  const each = sort === 'string' || sort === 'bytes' ? 1 + walked(target.itemSize()) : 1
  return { cost: times(target.size, exactly(each)).max }
}

const replaced: Estimator = (target, [old, by]) => {
  if (!target || !old || !by) return undefined
  const text = target.size
  const longest = old.size.min === 0 ? (text.max + 1) * by.size.max + text.max : by.size.max <= old.size.min ? text.max : Math.ceil(text.max / old.size.min) * by.size.max
  const shortest = old.size.max === 0 ? (text.min + 1) * by.size.min + text.min : old.size.max <= by.size.min ? text.min : Math.ceil(text.min / old.size.max) * by.size.min
  return { cost: walked(text, 2), result: { min: Math.min(shortest, largest), max: Math.min(longest, largest) } }
}

const split: Estimator = (target, args) => {
  if (!target) return undefined
  const limit = args[1]?.expr
  const max = limit?.kind === 'literal' && limit.of === 'int' ? Number(limit.value) : target.size.max
  return { cost: walked(target.size, 2), result: { min: 0, max: max < 0 ? largest : max } }
}

const joined: Estimator = (target, [separator]) => {
  if (!target) return undefined
  let size = target.type.sort === 'list' ? times(target.size, target.itemSize()) : exactly(0)
  if (separator) size = plus(size, times(separator.size, { min: Math.max(target.size.min - 1, 0), max: Math.max(target.size.max - 1, 0) }))
  return { cost: walked(size), result: size }
}

const found: Estimator = (target, [pattern]) => target && pattern && { cost: matched(target.size, pattern.size), result: { min: 0, max: target.size.max } }

const compared = (extra: number, text: string): Estimator => (_, [other], overload) =>
  other && { cost: scaled(plus(address, address), perCharacter).max + extra + (overload === text ? walked(other.size) : 0) }

const equality: Estimator = (_, [a, b]) => {
  const [x, y] = [a!.type, b!.type]
  if (x.sort !== 'opaque' || y.sort !== 'opaque' || x.name !== y.name) return undefined
  if (x.name === 'kubernetes.NamedFormat') return { cost: Math.ceil(longestFormat * perCharacter) }
  if (x.name === 'kubernetes.URL') return { cost: b!.known ? walked(b!.size) : 1 }
  return one
}

const byFunction: Readonly<Record<string, Estimator>> = {
  check: () => ({ cost: checkCost }),
  ...Object.fromEntries([
    'serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed', 'reason', 'error', 'errored', 'masked', 'prefixLength', 'family',
    'isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast', 'format.named', 'sign', 'asInteger', 'isInteger', 'asApproximateFloat',
    'isGreaterThan', 'isLessThan', 'compareTo', 'add', 'sub', 'major', 'minor', 'patch', 'getScheme', 'getHostname', 'getHost', 'getPort', 'getEscapedPath', 'getQuery',
  ].map((name) => [name, () => one])),
  fieldSelector: selector, labelSelector: selector,
  ...Object.fromEntries(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'].map((name) => [name, overItems])),
  url: firstArgument(1, true), 'jsonpatch.escapeKey': firstArgument(1, true),
  lowerAscii: ofTarget, upperAscii: ofTarget, substring: ofTarget, trim: ofTarget,
  replace: replaced, split, join: joined, find: found, findAll: found,
  ...Object.fromEntries(['cidr', 'isIP', 'isCIDR', 'quantity', 'isQuantity', 'semver', 'isSemver'].map((name) => [name, firstArgument(1)])),
  ip: (target, args, overload) => (overload === 'cidr_ip' ? one : firstArgument(1)(target, args, overload)),
  'ip.isCanonical': firstArgument(2),
  containsIP: compared(0, 'cidr_contains_ip_string'),
  containsCIDR: compared(scaled(address, perCharacter).max + 1, 'cidr_contains_cidr_string'),
  validate: (_, [text]) => text && { cost: scaled(scaled(text.size, perCharacter), longestFormatPattern * perPatternCharacter).max },
  '_==_': equality,
}

/** The number that stands in the expression. */
function constant({ expr }: Operand, otherwise: number): number {
  return expr.kind === 'literal' && expr.of === 'int' ? Math.max(Number(expr.value), 0) : otherwise
}

/** Unsigned numbers go round below zero. */
const difference = (a: number, b: number): number => (a < b ? largest : a - b)

const allocated = (factor: number, size: Range, result = size): Estimate => ({ cost: Math.min(scaled(size, factor).max + 1 + listCost, largest), result })
const squared = (factor: number, size: Range): Estimate => allocated(factor, times(size, size))
const crossed = (factor: number): Estimator => (_, [a, b]) => a && b && { cost: scaled(times(a.size, b.size), factor).max + 1 }

const byExtension: Readonly<Record<string, Estimator>> = {
  list_slice: (target, [start, end]) => target && start && end && allocated(1, exactly(difference(constant(end, target.size.max), constant(start, 0)))),
  lists_range: (_, [count]) => count && allocated(1, exactly(constant(count, largest))),
  list_reverse: (target) => target && allocated(1, target.size),
  list_flatten: (target) => target && allocated(1, target.size),
  list_flatten_int: (target, [depth]) => target && allocated(depth ? constant(depth, largest) : 1, target.size),
  list_distinct: (target) => target && squared(2, target.size),
  list_sets_contains_list: crossed(1), list_sets_intersects_list: crossed(1), list_sets_equivalent_list: crossed(2),
}

function extension(overload: string): Estimator | undefined {
  const sort = /^list_(\w+?)_sort(ByAssociatedKeys)?$/.exec(overload)
  if (!sort) return byExtension[overload]
  const factor = sort[1] === 'string' || sort[1] === 'bytes' ? 2 + perCharacter : 2
  return (target, [keys]) => (sort[2] ? keys && squared(factor, keys.size) : target && squared(factor, target.size))
}

const shorter: Estimator = (_, [a, b]) => ({ cost: scaled({ min: 0, max: Math.min(a!.size.max, b!.size.max) }, perCharacter).max })
const together: Estimator = (_, [a, b]) => {
  const size = plus(a!.size, b!.size)
  return { cost: walked(size), result: size }
}

const byOverload: Readonly<Record<string, Estimator>> = {
  string_format: (target) => target && { cost: walked(target.size) },
  string_to_bytes: (_, [text]) => text && { cost: walked(text.size), result: scaled(text.size, 4) },
  bytes_to_string: (_, [bytes]) => bytes && { cost: walked(bytes.size), result: { min: Math.floor(bytes.size.min / 4), max: bytes.size.max } },
  strings_quote: (_, [text]) => text && { cost: walked(text.size), result: plus(scaled(text.size, 2), exactly(2)) },
  starts_with_string: firstArgument(1), ends_with_string: firstArgument(1),
  in_list: (_, [, list]) => list && { cost: list.size.max },
  matches_string: found,
  contains_string: (target, [part]) => target && part && { cost: times(scaled(target.size, perCharacter), scaled(part.size, perCharacter)).max },
  logical_or: () => ({ cost: 0 }), logical_and: () => ({ cost: 0 }), conditional: () => ({ cost: 0 }),
  add_string: together, add_bytes: together, add_list: (_, [a, b]) => ({ cost: 1, result: plus(a!.size, b!.size) }),
  ...Object.fromEntries(['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [[`${name}_string`, shorter], [`${name}_bytes`, shorter]])),
  equals: shorter, not_equals: shorter,
}

export function estimateCall(name: string, overload: string, target: Operand | undefined, args: readonly Operand[]): Estimate {
  const own = Object.hasOwn(byFunction, name) ? byFunction[name] : undefined
  const estimate = extension(overload)?.(target, args, overload) ?? own?.(target, args, overload) ?? byOverload[overload]?.(target, args, overload) ?? one
  return { ...estimate, cost: Math.min(estimate.cost, largest) }
}

