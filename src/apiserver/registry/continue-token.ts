import { badRequest } from '#apimachinery/api-error'
import { JsonError, scanJson } from '#apimachinery/codec/json-scan'

/** Where the next page starts: behind `after` (`namespace/name` or `name`), at a revision. */
export interface ContinueToken {
  readonly revision: number
  readonly after: string
}

/** In the original's form: `start` is the first key that may follow, which ends in a zero byte. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url')
}

/** Where a text stops being base64url without padding; undefined: nowhere. */
function base64Error(text: string): number | undefined {
  const at = text.search(/[^A-Za-z0-9_-]/)
  if (at >= 0) return at
  return text.length % 4 === 1 ? text.length - 1 : undefined
}

const quoted = (byte: string): string => `'${/\p{C}/u.test(byte) ? `\\u00${byte.charCodeAt(0).toString(16)}` : byte}'`

/** Throws 400 for what we never gave out. `revision` is -1 in tokens that go on with the newest state. */
export function decodeContinue(token: string): ContinueToken {
  let read: { v?: unknown; rv?: unknown; start?: unknown }
  const bad = base64Error(token)
  if (bad !== undefined) throw badRequest(`invalid continue token: continue key is not valid: illegal base64 data at input byte ${bad}`)
  // Byte by byte, as the original looks at it.
  const text = Buffer.from(token, 'base64url').toString('latin1')
  if (text.charCodeAt(0) >= 0x80) throw badRequest(`invalid continue token: continue key is not valid: invalid character ${quoted(text[0]!)} looking for beginning of value`)
  try {
    scanJson(text)
    read = JSON.parse(text) as typeof read
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(`invalid continue token: continue key is not valid: ${error.message}`)
    throw error
  }
  if (typeof read !== 'object' || read === null || read.v !== 'meta.k8s.io/v1') throw badRequest('invalid continue token: continue key is not valid')
  const { rv, start } = read
  if (typeof rv !== 'number' || rv === 0) throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '' || start.includes('..')) throw badRequest('invalid continue token: continue key is not valid')
  return { revision: rv, after: start.endsWith('\0') ? start.slice(0, -1) : start }
}
