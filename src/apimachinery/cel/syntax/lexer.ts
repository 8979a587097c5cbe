import type { Fault } from './errors'

export interface Token {
  /** `symbol` stands for operators, brackets and the words `true`, `false`, `null`, `in`. */
  readonly kind: 'symbol' | 'name' | 'escaped' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'end'
  readonly text: string
  readonly at: number
}

const escape = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])`
const string = [
  `"""(?:${escape}|[^\\\\])*?"""`, `'''(?:${escape}|[^\\\\])*?'''`, String.raw`[rR]"""[^]*?"""`, String.raw`[rR]'''[^]*?'''`,
  `"(?:${escape}|[^\\\\"\\n\\r])*"`, `'(?:${escape}|[^\\\\'\\n\\r])*'`, String.raw`[rR]"[^"\n\r]*"`, String.raw`[rR]'[^'\n\r]*'`,
].join('|')

/** The start of an escape that goes wrong further on. */
const half = String.raw`\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)`
const hidden = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y
/** The longest match wins, an earlier kind among equals. */
const kinds: readonly [Token['kind'], RegExp][] = [
  ['symbol', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
  ['double', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['uint', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['int', /0x[0-9a-fA-F]+|\d+/y],
  ['string', new RegExp(string, 'y')],
  ['bytes', new RegExp(`[bB](?:${string})`, 'y')],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['escaped', /`[A-Za-z0-9_.\-/ ]+`/y],
]
const words = new Set(['true', 'false', 'null', 'in'])
const unfinished = new RegExp(`[bB]?(?:"(?:${escape}|${half}|[^\\\\"\\n\\r])*|'(?:${escape}|${half}|[^\\\\'\\n\\r])*|[rR]"[^"\\n\\r]*|[rR]'[^'\\n\\r]*)|[=&|]|`, 'y')

export function tokensOf(text: string, faults: Fault[]): Token[] {
  const tokens: Token[] = []
  let at = 0
  const matched = (pattern: RegExp): string => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0] ?? ''
  }
  for (;;) {
    at += matched(hidden).length
    if (at >= text.length) break
    let [kind, found]: [Token['kind'], string] = ['symbol', '']
    for (const [one, pattern] of kinds) {
      const candidate = matched(pattern)
      if (candidate.length > found.length) [kind, found] = [one, candidate]
    }
    if (found === '') {
      const wrong = text.slice(at, at + Math.max(matched(unfinished).length, 0))
      const next = text.codePointAt(at + wrong.length)
      const skipped = wrong + (next === undefined ? '' : String.fromCodePoint(next))
      faults.push({ at, message: `Syntax error: token recognition error at: '${visible(skipped)}'` })
      at += skipped.length
      continue
    }
    tokens.push({ kind: kind === 'name' && words.has(found) ? 'symbol' : kind, text: found, at })
    at += found.length
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: text.length })
  return tokens
}

/** How the original shows what stands in a text. */
export const visible = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
