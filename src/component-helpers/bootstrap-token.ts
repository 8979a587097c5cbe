import type { Secret } from '#api/core/v1/types'

/** Secrets of this type in kube-system are bootstrap tokens: what a node that has nothing yet joins a cluster with. */
export const bootstrapTokenType = 'bootstrap.kubernetes.io/token'
export const bootstrapTokenNamespace = 'kube-system'
/** `bootstrap-token-` and the token's id. */
export const bootstrapTokenPrefix = 'bootstrap-token-'
export const bootstrappersGroup = 'system:bootstrappers'

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const namePattern = /^bootstrap-token-([a-z0-9]{6})$/
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/

/** `abcdef.0123456789abcdef` taken apart; undefined for any other text. */
export function parseBootstrapToken(token: string): { id: string; secret: string } | undefined {
  const [, id, secret] = tokenPattern.exec(token) ?? []
  return id && secret ? { id, secret } : undefined
}

/** The id that a secret's name says. */
export const bootstrapTokenIdOf = (secretName: string): string | undefined => namePattern.exec(secretName)?.[1]

/** A value of a bootstrap token's secret as text; `''` when it is not there. */
export function bootstrapTokenValue({ data }: Pick<Secret, 'data'>, key: 'token-id' | 'token-secret' | 'expiration' | 'auth-extra-groups' | 'usage-bootstrap-signing' | 'usage-bootstrap-authentication'): string {
  const value = data?.[key]
  return value ? new TextDecoder().decode(Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0))) : ''
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/** Milliseconds until a token ends: Infinity when it never does, 0 when it has, or when its time cannot be read. */
export function bootstrapTokenTimeLeft(secret: Pick<Secret, 'data'>, now: number): number {
  const text = bootstrapTokenValue(secret, 'expiration')
  if (text === '') return Infinity
  const end = rfc3339.test(text) ? Date.parse(text) : NaN
  return end > now ? end - now : 0
}

/** The groups that a token's bearer is in, sorted; undefined where one of them may not be given by a token. */
export function bootstrapTokenGroups(secret: Pick<Secret, 'data'>): string[] | undefined {
  const extra = bootstrapTokenValue(secret, 'auth-extra-groups')
  const groups = extra === '' ? [] : extra.split(',')
  if (!groups.every((group) => groupPattern.test(group))) return undefined
  return [...new Set([bootstrappersGroup, ...groups])].sort()
}
