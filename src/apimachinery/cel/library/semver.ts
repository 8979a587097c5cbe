import { fail } from '../runtime/errors'
import { quoted } from '../runtime/go-numbers'
import { compareTexts } from '../runtime/compare'
import { int, Opaque } from '../runtime/values'
import { each, type FunctionDeclaration } from './overload'

interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint]
  readonly pre: readonly (bigint | string)[]
}

class Semver extends Opaque {
  readonly typeName = 'kubernetes.Semver'
  readonly version: Version
  constructor(version: Version) {
    super()
    this.version = version
  }
  equals(other: Opaque): boolean {
    return compare(this.version, (other as Semver).version) === 0
  }
}

const number = (text: string): bigint | string => {
  if (text === '') return `strconv.ParseUint: parsing ${quoted(text)}: invalid syntax`
  return BigInt(text) < 2n ** 64n ? BigInt(text) : `strconv.ParseUint: parsing ${quoted(text)}: value out of range`
}

/** A text where it is no version: why. */
function parse(text: string): Version | string {
  if (text === '') return 'Version string empty'
  const parts = splitIn(text, 3)
  if (parts.length !== 3) return 'No Major.Minor.Patch elements found'
  const [major, minor, rest] = parts as [string, string, string]
  const plus = rest.indexOf('+')
  const build = plus < 0 ? undefined : rest.slice(plus + 1)
  const beforeBuild = plus < 0 ? rest : rest.slice(0, plus)
  const dash = beforeBuild.indexOf('-')
  const pre = dash < 0 ? undefined : beforeBuild.slice(dash + 1)
  const numbers: bigint[] = []
  for (const [name, digits] of [['major', major], ['minor', minor], ['patch', dash < 0 ? beforeBuild : beforeBuild.slice(0, dash)]] as const) {
    if (/\D/.test(digits)) return `Invalid character(s) found in ${name} number ${quoted(digits)}`
    if (/^0\d/.test(digits)) return `${name[0]!.toUpperCase()}${name.slice(1)} number must not contain leading zeroes ${quoted(digits)}`
    const found = number(digits)
    if (typeof found === 'string') return found
    numbers.push(found)
  }
  const found: (bigint | string)[] = []
  for (const one of pre?.split('.') ?? []) {
    if (one === '') return 'Prerelease is empty'
    if (/^0\d+$/.test(one)) return `Numeric PreRelease version must not contain leading zeroes ${quoted(one)}`
    if (!/^[0-9A-Za-z-]+$/.test(one)) return `Invalid character(s) found in prerelease ${quoted(one)}`
    found.push(/^\d+$/.test(one) ? BigInt(one) : one)
  }
  for (const one of build?.split('.') ?? []) {
    if (one === '') return 'Build meta data is empty'
    if (!/^[0-9A-Za-z-]+$/.test(one)) return `Invalid character(s) found in build meta data ${quoted(one)}`
  }
  return { numbers: numbers as [bigint, bigint, bigint], pre: found }
}

/** In at most `count` pieces, the last with what is left. */
function splitIn(text: string, count: number): string[] {
  const all = text.split('.')
  return all.length <= count ? all : [...all.slice(0, count - 1), all.slice(count - 1).join('.')]
}

/** `v1`, `01.2`: what people write. */
function normalized(text: string): Version | string {
  const parts = splitIn(text.replace(/^v/, ''), 3).map((part) => (part.length > 1 ? part.replace(/^0+/, '').replace(/^(?!\d)/, '0') : part))
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) return 'short version cannot contain PreRelease/Build meta data'
  while (parts.length < 3) parts.push('0')
  return parse(parts.join('.'))
}

function compare(a: Version, b: Version): -1 | 0 | 1 {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i]! < b.numbers[i]! ? -1 : 1
  if (a.pre.length === 0 || b.pre.length === 0) return a.pre.length === b.pre.length ? 0 : a.pre.length === 0 ? 1 : -1
  for (let i = 0; i < a.pre.length && i < b.pre.length; i++) {
    const [x, y] = [a.pre[i]!, b.pre[i]!]
    if (x === y) continue
    if (typeof x === 'bigint') return typeof y === 'string' || x < y ? -1 : 1
    return typeof y === 'string' && compareTexts(x, y) < 0 ? -1 : 1
  }
  return a.pre.length === b.pre.length ? 0 : a.pre.length < b.pre.length ? -1 : 1
}

const read = (text: string, tolerant = false): Version | string => (tolerant ? normalized(text) : parse(text))
export function semverOf(text: string, tolerant?: boolean): Semver {
  const found = read(text, tolerant)
  return typeof found === 'string' ? fail(found) : new Semver(found)
}
const isSemver = (text: string, tolerant?: boolean): boolean => typeof read(text, tolerant) !== 'string'
const part = (name: string, i: 0 | 1 | 2): FunctionDeclaration =>
  each(name, { [`semver_${name}`]: ['kubernetes.Semver.() -> int', ({ version }: Semver) => int(version.numbers[i])] })

export const semvers: readonly FunctionDeclaration[] = [
  each('semver', { string_to_semver: ['(string) -> kubernetes.Semver', semverOf], string_bool_to_semver: ['(string, bool) -> kubernetes.Semver', semverOf] }),
  each('isSemver', { is_semver_string: ['(string) -> bool', isSemver], is_semver_string_bool: ['(string, bool) -> bool', isSemver] }),
  each('isGreaterThan', { semver_is_greater_than: ['kubernetes.Semver.(kubernetes.Semver) -> bool', (a: Semver, b: Semver) => compare(a.version, b.version) > 0] }),
  each('isLessThan', { semver_is_less_than: ['kubernetes.Semver.(kubernetes.Semver) -> bool', (a: Semver, b: Semver) => compare(a.version, b.version) < 0] }),
  each('compareTo', { semver_compare_to: ['kubernetes.Semver.(kubernetes.Semver) -> int', (a: Semver, b: Semver) => compare(a.version, b.version)] }),
  part('major', 0),
  part('minor', 1),
  part('patch', 2),
]
