const simple: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
const escapes = /\\(?:([xX])([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g

/** What a literal of text says, or undefined with the reason told to `fault`. The lexer saw to it that escapes are well formed. */
export function stringValue(literal: string, fault: (message: string) => void): string {
  const [content, raw] = contentOf(literal)
  if (raw) return content
  return content.replaceAll(escapes, (_, x?: string, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
    if (other !== undefined) return simple[other] ?? other
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8)
    if (x === undefined && octal === undefined && (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))) {
      fault('invalid unicode code point')
      return ''
    }
    return String.fromCodePoint(code)
  })
}

/** Octal and hexadecimal escapes are bytes; what else is written, is UTF-8. */
export function bytesValue(literal: string, fault: (message: string) => void): Uint8Array {
  const [content, raw] = contentOf(literal.slice(1))
  const encoder = new TextEncoder()
  if (raw) return encoder.encode(content)
  const bytes: number[] = []
  let last = 0
  for (const match of content.matchAll(escapes)) {
    bytes.push(...encoder.encode(content.slice(last, match.index)))
    const [whole, , hex, short, long, octal, other] = match
    if (short !== undefined || long !== undefined) fault('unable to unescape string')
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16))
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8))
    else bytes.push(...encoder.encode(simple[other!] ?? other!))
    last = match.index + whole.length
  }
  bytes.push(...encoder.encode(content.slice(last)))
  return Uint8Array.from(bytes)
}

function contentOf(literal: string): [content: string, raw: boolean] {
  literal = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const raw = literal.startsWith('r') || literal.startsWith('R')
  if (raw) literal = literal.slice(1)
  const quotes = literal.length >= 6 && (literal.startsWith('"""') || literal.startsWith("'''")) ? 3 : 1
  return [literal.slice(quotes, -quotes), raw]
}
