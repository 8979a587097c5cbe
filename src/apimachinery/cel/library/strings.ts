import { fail } from '../runtime/errors'
import { work } from '../runtime/work'
import { each, type FunctionDeclaration } from './overload'
import { formatText } from './string-format'

type Int = number | bigint

/** Texts are counted in characters: those without surrogates can be cut as they are. */
const charactersOf = (text: string): readonly string[] | string => (/[\ud800-\udbff]/.test(text) ? [...text] : text)
const cut = (characters: readonly string[] | string, start: number, end?: number): string =>
  (typeof characters === 'string' ? characters.slice(start, end) : characters.slice(start, end).join(''))

function charAt(text: string, index: Int): string {
  const characters = charactersOf(text)
  const i = Number(index)
  if (i < 0 || i > characters.length) fail(`index out of range: ${index}`)
  return characters[i] ?? ''
}

/** Where in `text` the UTF-16 unit `unit` is, in characters. */
const characterAt = (text: string, unit: number): number => (unit < 0 ? -1 : charactersOf(text.slice(0, unit)).length)

function indexOf(text: string, part: string, offset: Int = 0): Int {
  if (part === '') return offset
  if (offset < 0) fail(`index out of range: ${offset}`)
  const characters = charactersOf(text)
  if (offset >= characters.length) return -1
  return characterAt(text, text.indexOf(part, cut(characters, 0, Number(offset)).length))
}

function lastIndexOf(text: string, part: string, offset?: Int): Int {
  const characters = charactersOf(text)
  if (part === '') return offset ?? characters.length
  if (offset === undefined) return characterAt(text, text.lastIndexOf(part))
  if (offset < 0) fail(`index out of range: ${offset}`)
  return offset >= characters.length ? -1 : characterAt(text, text.lastIndexOf(part, cut(characters, 0, Number(offset)).length))
}

function substring(text: string, start: Int, end?: Int): string {
  const characters = charactersOf(text)
  if (end !== undefined && start > end) fail(`invalid substring range. start: ${start}, end: ${end}`)
  for (const index of [start, end ?? start]) if (index < 0 || index > characters.length) fail(`index out of range: ${index}`)
  return cut(characters, Number(start), end === undefined ? undefined : Number(end))
}

function replace(text: string, old: string, by: string, count: Int = -1): string {
  const limit = count < 0 ? Infinity : Number(count)
  const pieces: string[] = []
  let rest = 0
  let done = 0
  if (old === '') {
    for (const character of text) {
      if (done >= limit) break
      work(by.length)
      pieces.push(by, character)
      rest += character.length
      done++
    }
    return pieces.join('') + (done < limit && rest === text.length ? by : text.slice(rest))
  }
  for (let at = text.indexOf(old); at >= 0 && done < limit; at = text.indexOf(old, rest)) {
    work(by.length)
    pieces.push(text.slice(rest, at), by)
    rest = at + old.length
    done++
  }
  return pieces.join('') + text.slice(rest)
}

function split(text: string, separator: string, count: Int = -1): string[] {
  const limit = Number(count)
  if (limit === 0) return []
  const all = separator === '' ? [...text] : text.split(separator)
  return limit < 0 || all.length <= limit ? all : [...all.slice(0, limit - 1), all.slice(limit - 1).join(separator)]
}

function join(list: readonly unknown[], separator = ''): string {
  for (const item of list) if (typeof item !== 'string') fail(`join: invalid input: ${String(item)}`)
  return list.join(separator)
}

const quotes: Readonly<Record<string, string>> = {
  '\u0007': String.raw`\a`, '\b': String.raw`\b`, '\f': String.raw`\f`, '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t`,
  '\v': String.raw`\v`, '\\': '\\\\', '"': String.raw`\"`,
}
// oxlint-disable-next-line no-control-regex
const quote = (text: string): string => `"${text.replaceAll(/[\u0007-\r\\"]/g, (character) => quotes[character] ?? character)}"`

/** What Go's `strings.TrimSpace` takes away; JavaScript's own knows U+FEFF too, but not U+0085. */
const blank = String.raw`[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+`
const ends = new RegExp(`^${blank}|${blank}$`, 'g')
const trim = (text: string): string => text.replaceAll(ends, '')

/** cel-go's extension `strings`, version 2. `indexOf` and `lastIndexOf` of lists are Kubernetes' own. */
export const strings: readonly FunctionDeclaration[] = [
  each('charAt', { string_char_at_int: ['string.(int) -> string', charAt] }),
  each('indexOf', { string_index_of_string: ['string.(string) -> int', indexOf], string_index_of_string_int: ['string.(string, int) -> int', indexOf] }),
  each('lastIndexOf', { string_last_index_of_string: ['string.(string) -> int', lastIndexOf], string_last_index_of_string_int: ['string.(string, int) -> int', lastIndexOf] }),
  each('lowerAscii', { string_lower_ascii: ['string.() -> string', (text: string) => text.replaceAll(/[A-Z]+/g, (upper) => upper.toLowerCase())] }),
  each('upperAscii', { string_upper_ascii: ['string.() -> string', (text: string) => text.replaceAll(/[a-z]+/g, (lower) => lower.toUpperCase())] }),
  each('replace', {
    string_replace_string_string: ['string.(string, string) -> string', replace], string_replace_string_string_int: ['string.(string, string, int) -> string', replace],
  }),
  each('split', { string_split_string: ['string.(string) -> list(string)', split], string_split_string_int: ['string.(string, int) -> list(string)', split] }),
  each('substring', { string_substring_int: ['string.(int) -> string', substring], string_substring_int_int: ['string.(int, int) -> string', substring] }),
  each('trim', { string_trim: ['string.() -> string', trim] }),
  each('format', { string_format: ['string.(list(dyn)) -> string', formatText] }),
  each('strings.quote', { strings_quote: ['(string) -> string', quote] }),
  each('join', { list_join: ['list(string).() -> string', join], list_join_string: ['list(string).(string) -> string', join] }),
]
