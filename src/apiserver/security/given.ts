import type { AnyOptions, OptionsOf } from '#component-base/options/whole'

/** Whether an option has another value than its default: flags that exclude each other may both stand at their defaults. */
export function isGiven<S extends AnyOptions>(set: S, options: OptionsOf<S>, name: keyof S & string): boolean {
  const { type, default: otherwise } = set[name]!
  return type.show(options[name]) !== type.show(otherwise)
}
