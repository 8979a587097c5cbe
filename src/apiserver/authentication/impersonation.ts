import { badRequest } from '#apimachinery/api-error'
import type { Attributes, Authorizer } from '../authorization/authorizer'
import type { Credentials, UserInfo } from './authenticator'
import { impersonationModes, type Impersonated, type ImpersonationMode } from './impersonation-modes'


const extraPrefix = 'impersonate-extra-'

/**
 * Who the request wants to be, by its `Impersonate-*` headers; undefined when it asks for nothing. A header that was sent
 * several times must come as a list, since names of groups may hold commas.
 */
export function impersonatedUser(headers: Credentials['headers']): UserInfo | undefined {
  const values = (name: string): readonly string[] => {
    const value = headers[name]
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  }
  const name = values('impersonate-user')[0] ?? ''
  const uid = values('impersonate-uid')[0] ?? ''
  const groups = values('impersonate-group')
  const extra: Record<string, string[]> = {}
  for (const header of Object.keys(headers)) {
    if (header.startsWith(extraPrefix)) (extra[unescape(header.slice(extraPrefix.length))] ??= []).push(...values(header))
  }
  if (name !== '') return { name, ...(uid ? { uid } : {}), groups, ...(Object.keys(extra).length > 0 ? { extra } : {}) }
  if (uid !== '' || groups.length > 0 || Object.keys(extra).length > 0) {
    const list = (texts: readonly string[]): string => (texts.length > 0 ? `[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}` : '[]string(nil)')
    const map = Object.entries(extra).map(([key, texts]) => `${JSON.stringify(key)}:${list(texts)}`).join(', ')
    // As the original prints what it was asked for.
    const wanted = `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:map[string][]string${map === '' ? '(nil)' : `{${map}}`}}`
    throw badRequest(`requested ${wanted} without impersonating a user name`)
  }
  return undefined
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch (error) {
    if (error instanceof URIError) return key
    throw error
  }
}

export type Impersonate = (wanted: UserInfo, request: Attributes) => Promise<Impersonated>

/** Users whose way is remembered; which one it was only says what is tried first. */
const remembered = 10_000

/**
 * The user that a request goes on as: the ways are tried one after another, the one that led somewhere the last time first. When none does,
 * the first refusal counts.
 * @param constrained Whether the narrow ways are there, beside the one that there always was.
 * @throws ApiError 403 that names what may not be impersonated.
 */
export function impersonator(authorizer: Authorizer, constrained = true): Impersonate {
  const modes = impersonationModes(authorizer, constrained)
  const lastOf = new Map<string, ImpersonationMode>()
  return async (wanted, request) => {
    const { name } = request.user
    const last = lastOf.get(name)
    let refusal: unknown
    for (const mode of last ? [last, ...modes.filter((other) => other !== last)] : modes) {
      try {
        const impersonated = await mode.check(wanted, request)
        if (!impersonated) continue
        lastOf.delete(name)
        if (lastOf.size >= remembered) lastOf.delete(lastOf.keys().next().value!)
        lastOf.set(name, mode)
        return impersonated
      } catch (error) {
        refusal ??= error
      }
    }
    throw refusal
  }
}
