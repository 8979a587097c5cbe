import { badRequest } from '#apimachinery/api-error'

/** Where the next page starts: behind `after` (`namespace/name` or `name`), at a revision. */
export interface ContinueToken {
  readonly revision: number
  readonly after: string
}

/** In the original's form: `start` is the first key that may follow, which ends in a zero byte. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url')
}

/** Throws 400 for what we never gave out. `revision` is -1 in tokens that go on with the newest state. */
export function decodeContinue(token: string): ContinueToken {
  let read: { v?: unknown; rv?: unknown; start?: unknown }
  try {
    read = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as typeof read
  } catch {
    throw badRequest('invalid continue token: continue key is not valid')
  }
  if (typeof read !== 'object' || read === null || read.v !== 'meta.k8s.io/v1') throw badRequest('invalid continue token: continue key is not valid')
  const { rv, start } = read
  if (typeof rv !== 'number' || rv === 0) throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '' || start.includes('..')) throw badRequest('invalid continue token: continue key is not valid')
  return { revision: rv, after: start.endsWith('\0') ? start.slice(0, -1) : start }
}
