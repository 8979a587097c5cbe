import { RE2JS } from 're2js'
import { celError, fail, noSuchOverload } from '../runtime/errors'
import { each, type FunctionDeclaration } from './overload'

/** Patterns that expressions carry are few; those that they compute may be any number. */
const most = 500
const compiled = new Map<string, RE2JS>()

/** What Go's `regexp` would compile, in linear time; its words when it would not. */
export function patternOf(pattern: string): RE2JS {
  let found = compiled.get(pattern)
  if (found) return found
  try {
    found = RE2JS.compile(pattern)
  } catch (error) {
    throw celError(error instanceof Error ? error.message : String(error))
  }
  if (compiled.size >= most) compiled.delete(compiled.keys().next().value!)
  compiled.set(pattern, found)
  return found
}

export const matches = (text: unknown, pattern: unknown): boolean => (typeof text === 'string' && typeof pattern === 'string' ? patternOf(pattern).test(text) : noSuchOverload())

function findable(pattern: string): RE2JS {
  try {
    return patternOf(pattern)
  } catch (error) {
    return fail(`Illegal regex: ${(error as Error).message}`)
  }
}

function findAll(text: string, pattern: string, count: number): string[] {
  const found: string[] = []
  const matcher = findable(pattern).matcher(text)
  while ((count < 0 || found.length < count) && matcher.find()) found.push(matcher.group() ?? '')
  return found
}

export const regex: readonly FunctionDeclaration[] = [
  each('find', { string_find_string: ['string.(string) -> string', (text: string, pattern: string) => findAll(text, pattern, 1)[0] ?? ''] }),
  each('findAll', {
    string_find_all_string: ['string.(string) -> list(string)', (text: string, pattern: string) => findAll(text, pattern, -1)],
    string_find_all_string_int: ['string.(string, int) -> list(string)', (text: string, pattern: string, count: number | bigint) => findAll(text, pattern, Number(count))],
  }),
]
