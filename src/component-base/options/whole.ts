import type { Option } from './option'

/** The options of a component by the names that code uses: `{ securePort: option(types.int, 'secure-port', 6443, ...) }`. */
export type AnyOptions = { readonly [name: string]: Option<any> }
export type OptionsOf<S extends AnyOptions> = { readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never }

/** Every option that was wrong, each with its name, its value and the remedy. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError'
  readonly problems: readonly string[]
  constructor(component: string, problems: readonly string[]) {
    super(`${component}: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Makes partial options whole: what is not given takes its default, what is given is checked.
 * @param component For messages: `kube-apiserver`.
 * @throws OptionsError with everything that is wrong.
 */
export function wholeOptions<S extends AnyOptions>(component: string, set: S, given: Partial<OptionsOf<S>> = {}): OptionsOf<S> {
  const whole: Record<string, unknown> = {}
  const problems: string[] = []
  for (const name of Object.keys(given)) if (!(name in set)) problems.push(`unknown option ${name}: ${suggest(name, Object.keys(set))}`)
  for (const [name, option] of Object.entries(set)) {
    const value: unknown = given[name]
    whole[name] = option.default
    if (value === undefined) continue
    const wrong = problem(option, value, (read) => (whole[name] = read))
    if (wrong) problems.push(`${name} (--${option.flag}): ${wrong}`)
  }
  if (problems.length > 0) throw new OptionsError(component, problems)
  return whole as OptionsOf<S>
}

function problem(option: Option<any>, value: unknown, accept: (read: unknown) => void): string | undefined {
  try {
    const read: unknown = option.type.read(value)
    const wrong = option.check?.(read)
    if (wrong) return `${JSON.stringify(option.type.show(read))} ${wrong}`
    accept(read)
    return undefined
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return `${JSON.stringify(value)} ${error.message}`
  }
}

/** Flags that the original component has and this one has not: why, and what to do instead; and the one value that changes nothing, where there is one. */
export type RefusedFlags = Readonly<Record<string, { readonly why: string; readonly only?: string }>>

/**
 * Reads flags into partial options, as the original components do: `--name=value`, `--name value`, `--bool`; `_` counts
 * as `-`; lists and maps add up. What is left (arguments without dashes) comes back beside them.
 * @param refused Flags of the original that are not built.
 * @throws OptionsError for unknown flags and for values that are missing or cannot be read.
 */
export function readFlags<S extends AnyOptions>(component: string, set: S, argv: readonly string[], refused: RefusedFlags = {}): { options: Partial<OptionsOf<S>>; rest: string[] } {
  const byFlag = new Map(Object.entries(set).map(([name, option]) => [option.flag, { name, option }]))
  const found: Record<string, unknown> = {}
  const rest: string[] = []
  const problems: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!
    if (argument === '--') {
      rest.push(...argv.slice(i + 1))
      break
    }
    if (!argument.startsWith('--')) {
      rest.push(argument)
      continue
    }
    const equals = argument.indexOf('=')
    const flag = argument.slice(2, equals < 0 ? undefined : equals).replaceAll('_', '-')
    const known = byFlag.get(flag)
    const about = refused[flag]
    if (!known && about) {
      const isNext = equals < 0 && about.only !== 'true' && about.only !== 'false' && argv[i + 1] !== undefined && !argv[i + 1]!.startsWith('--')
      const value = equals >= 0 ? argument.slice(equals + 1) : isNext ? argv[++i]! : 'true'
      if (value !== about.only) problems.push(`--${flag} is not supported: ${about.why}`)
      continue
    }
    if (!known) {
      problems.push(`unknown flag --${flag}: ${suggest(flag, [...byFlag.keys()].map((name) => name), '--')}`)
      continue
    }
    const { name, option } = known
    const value: unknown = equals >= 0 ? argument.slice(equals + 1) : (option.type.bare ?? argv[++i])
    if (value === undefined) {
      problems.push(`flag --${flag} needs a value (${option.type.name})`)
      continue
    }
    const wrong = problem(option, value, (read) => (found[name] = name in found && option.type.merge ? option.type.merge(found[name], read) : read))
    if (wrong) problems.push(`--${flag}: ${wrong}`)
  }
  if (problems.length > 0) throw new OptionsError(component, problems)
  return { options: found as Partial<OptionsOf<S>>, rest }
}

/** Every flag with its value as it would be given. */
export const shownFlags = <S extends AnyOptions>(set: S, values: OptionsOf<S>): Record<string, string> =>
  Object.fromEntries(Object.entries(set).map(([name, { flag, type }]) => [flag, type.show(values[name as keyof S])]))

/** One line a flag, for help. */
export function describeFlags(set: AnyOptions): string[] {
  return Object.values(set).map(({ flag, type, help, default: value }) => `--${flag} ${type.name}  ${help}${type.show(value) === '' ? '' : ` (default ${type.show(value)})`}`)
}

function suggest(name: string, known: readonly string[], prefix = ''): string {
  const near = known.map((k) => ({ k, d: distance(name.toLowerCase(), k.toLowerCase()) })).sort((a, b) => a.d - b.d)[0]
  return near && near.d <= 3 ? `did you mean ${prefix}${near.k}?` : 'see --help for those that are known'
}

/** Levenshtein's: how many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
