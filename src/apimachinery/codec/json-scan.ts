// Reads JSON text without making values: says why a text is none in Go's words, and finds what JSON.parse hides.

/** The text is no JSON; the message is Go's. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
}

/** Deeper texts are refused: recursive code runs out of stack long before Go's own limit of 10,000. */
export const maxDepth = 2000

export interface Findings {
  /** Paths of fields that an object has twice: `metadata.name`, once each, at most 100, in the order of the text. */
  readonly duplicates: readonly string[]
  /** Integers that no number holds exactly, with their paths. */
  readonly inexact: readonly { readonly path: string; readonly literal: string }[]
  /** How many fields stand before the first one of a path, and before the second one of a path that is there twice. */
  readonly places: ReadonlyMap<string, number>
  readonly duplicatePlaces: ReadonlyMap<string, number>
}

/** Throws JsonError where the text is no JSON. */
export function scanJson(text: string): Findings {
  return new Scanner(text).all()
}

const quote = 34
const backslash = 92

class Scanner {
  readonly #text: string
  #at = 0
  readonly #path: (string | number)[] = []
  readonly #duplicates = new Map<string, number>()
  readonly #places = new Map<string, number>()
  #fields = 0
  readonly #inexact: { path: string; literal: string }[] = []

  constructor(text: string) {
    this.#text = text
  }

  all(): Findings {
    this.#value()
    this.#space()
    if (this.#at < this.#text.length) throw this.#unexpected('after top-level value')
    return { duplicates: [...this.#duplicates.keys()], inexact: this.#inexact, places: this.#places, duplicatePlaces: this.#duplicates }
  }

  #value(): void {
    this.#space()
    const character = this.#text[this.#at]
    switch (character) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        this.#string()
        return
      case 't':
        return this.#literal('true')
      case 'f':
        return this.#literal('false')
      case 'n':
        return this.#literal('null')
      default:
        if (character === '-' || isDigit(character)) return this.#number()
        throw this.#unexpected('looking for beginning of value')
    }
  }

  #object(): void {
    this.#deeper()
    this.#at++
    this.#space()
    const seen = new Set<string>()
    if (this.#text[this.#at] === '}') this.#at++
    else
      for (;;) {
        this.#space()
        if (this.#text[this.#at] !== '"') throw this.#unexpected('looking for beginning of object key string')
        const key = this.#string()
        this.#path[this.#path.length - 1] = key
        const path = this.#pathText()
        if (!this.#places.has(path)) this.#places.set(path, this.#fields)
        if (seen.has(key)) {
          if (this.#duplicates.size < 100 && !this.#duplicates.has(path)) this.#duplicates.set(path, this.#fields)
        } else seen.add(key)
        this.#fields++
        this.#space()
        if (this.#text[this.#at] !== ':') throw this.#unexpected('after object key')
        this.#at++
        this.#value()
        this.#space()
        const next = this.#text[this.#at]
        if (next === '}') {
          this.#at++
          break
        }
        if (next !== ',') throw this.#unexpected('after object key:value pair')
        this.#at++
      }
    this.#path.pop()
  }

  #array(): void {
    this.#deeper()
    this.#at++
    this.#space()
    if (this.#text[this.#at] === ']') this.#at++
    else
      for (let index = 0; ; index++) {
        this.#path[this.#path.length - 1] = index
        this.#value()
        this.#space()
        const next = this.#text[this.#at]
        if (next === ']') {
          this.#at++
          break
        }
        if (next !== ',') throw this.#unexpected('after array element')
        this.#at++
      }
    this.#path.pop()
  }

  #deeper(): void {
    if (this.#path.length >= maxDepth) throw new JsonError('exceeded max depth')
    this.#path.push('')
  }

  #string(): string {
    const start = this.#at++
    let escaped = false
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code)) throw this.#unexpected('')
      if (code === quote) break
      if (code < 32) throw this.#unexpected('in string literal')
      this.#at++
      if (code !== backslash) continue
      escaped = true
      const escape = this.#text[this.#at]
      if (escape === undefined || !'"\\/bfnrtu'.includes(escape)) throw this.#unexpected('in string escape code')
      this.#at++
      if (escape !== 'u') continue
      for (let i = 0; i < 4; i++) {
        if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? '')) throw this.#unexpected('in \\u hexadecimal character escape')
        this.#at++
      }
    }
    this.#at++
    return escaped ? (JSON.parse(this.#text.slice(start, this.#at)) as string) : this.#text.slice(start + 1, this.#at - 1)
  }

  #literal(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.#text[this.#at] !== word[i]) throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`)
      this.#at++
    }
  }

  #number(): void {
    const start = this.#at
    if (this.#text[this.#at] === '-') this.#at++
    if (this.#text[this.#at] === '0') this.#at++
    else this.#digits('in numeric literal')
    let whole = true
    if (this.#text[this.#at] === '.') {
      whole = false
      this.#at++
      this.#digits('after decimal point in numeric literal')
    }
    const exponent = this.#text[this.#at]
    if (exponent === 'e' || exponent === 'E') {
      whole = false
      this.#at++
      const sign = this.#text[this.#at]
      if (sign === '+' || sign === '-') this.#at++
      this.#digits('in exponent of numeric literal')
    }
    if (!whole || this.#at - start < 16) return
    const literal = this.#text.slice(start, this.#at)
    if (!Number.isSafeInteger(Number(literal)) && BigInt(literal) !== BigInt(Number(literal))) this.#inexact.push({ path: this.#pathText(), literal })
  }

  #digits(context: string): void {
    if (!isDigit(this.#text[this.#at])) throw this.#unexpected(context)
    while (isDigit(this.#text[this.#at])) this.#at++
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.#at++
    }
  }

  #unexpected(context: string): JsonError {
    if (this.#at >= this.#text.length) return new JsonError('unexpected end of JSON input')
    return new JsonError(`invalid character ${shown(this.#text.codePointAt(this.#at)!)} ${context}`)
  }

  #pathText(): string {
    let text = ''
    for (const segment of this.#path) text += typeof segment === 'number' ? `[${segment}]` : text === '' ? segment : `.${segment}`
    return text
  }
}

const isDigit = (character: string | undefined): boolean => character !== undefined && character >= '0' && character <= '9'

const named: Readonly<Record<number, string>> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 39: `\\'`, 92: '\\\\' }

/** As Go shows a byte: the first of those that UTF-8 makes of the character. */
function shown(point: number): string {
  if (named[point]) return `'${named[point]}'`
  const byte = point < 0x80 ? point : point < 0x800 ? 0xc0 | (point >> 6) : point < 0x10000 ? 0xe0 | (point >> 12) : 0xf0 | (point >> 18)
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  return `'${String.fromCharCode(byte)}'`
}
