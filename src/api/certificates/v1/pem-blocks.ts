/** A block of a PEM text. */
export interface PemBlock {
  /** `CERTIFICATE`. */
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Uint8Array
}

const block = /(?:^|\n)-----BEGIN ((?:(?!-----)[^\n])*)-----[ \t]*\r?\n((?:(?!-----(?:BEGIN|END) )[\s\S])*)-----END \1-----[ \t]*\r?(?=\n|$)/g

/** The blocks in order. What is no block is passed over, as Go does. */
export function* pemBlocks(text: string): Iterable<PemBlock> {
  for (const [, type = '', body = ''] of text.matchAll(block)) {
    const lines = body.split('\n')
    const headers = lines.findIndex((line) => !line.includes(':'))
    const bytes = decode(lines.slice(Math.max(headers, 0)).join(''))
    if (bytes) yield { type, hasHeaders: headers > 0, bytes }
  }
}

function decode(text: string): Uint8Array | undefined {
  const clean = text.replaceAll(/[ \t\r\n]/g, '')
  if (clean.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return undefined
  return Uint8Array.from(atob(clean), (letter) => letter.charCodeAt(0))
}

/** A field of bytes, which is base64, as text; empty for what is none. */
export function textOf(base64: string | null | undefined): string {
  try {
    return atob(base64 ?? '')
  } catch {
    return ''
  }
}
