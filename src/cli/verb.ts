import type { AnyOptions, OptionsOf, RefusedFlags } from '#component-base/options/whole'

/** A verb of the command line: one file in `verbs/`, loaded when it is called. */
export interface Verb<S extends AnyOptions = AnyOptions> {
  /** What follows `navarch`: `up [--sim N] [flags]`. */
  readonly usage: string
  /** What it does and why, in a few lines: the top of its `--help`. */
  readonly about: string
  /** Flags of the original that are not built, with why. */
  readonly refused?: RefusedFlags
  /** Its flags. */
  readonly options: S
  /** Those that are met first, by their names in `options`: the help shows the others behind them. None: all are alike. */
  readonly first?: readonly (keyof S & string)[]
  /** Command lines that teach, each with what it is for. */
  readonly examples: readonly (readonly [command: string, purpose: string])[]
  /** Resolves with the exit code. Errors are shown by their message: they name cause and remedy. */
  run(options: OptionsOf<S>, rest: readonly string[], terminal: Terminal): Promise<number>
}

export interface Terminal {
  /** Results: to stdout. */
  print(text: string): void
  /** Everything beside results: to stderr. */
  say(text: string): void
}

export const defineVerb = <S extends AnyOptions>(verb: Verb<S>): Verb<S> => verb
