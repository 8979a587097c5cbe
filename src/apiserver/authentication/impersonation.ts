import { badRequest } from '#apimachinery/api-error'
import type { Attributes, Authorizer } from '../authorization/authorizer'
import { forbiddenError } from '../authorization/forbidden'
import type { Credentials, UserInfo } from './authenticator'
import { anonymousName, authenticatedGroup, serviceAccountGroups, serviceAccountOf, unauthenticatedGroup } from './users'

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
    const wanted = JSON.stringify({ ...(uid ? { uid } : {}), ...(groups.length > 0 ? { groups } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) })
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

/**
 * The user that the request goes on as. Each part of the wanted identity must be allowed by itself (verb `impersonate`).
 * Groups that are not asked for are those of a service account, or none; `system:authenticated` is added.
 * @throws ApiError 403 that names what may not be impersonated.
 */
export async function impersonate(requestor: UserInfo, wanted: UserInfo, authorizer: Authorizer): Promise<UserInfo> {
  const account = serviceAccountOf(wanted.name)
  const ask = async (resource: string, name: string, more: Partial<Attributes> = {}): Promise<void> => {
    const group = resource === 'uids' || resource === 'userextras' ? 'authentication.k8s.io' : ''
    const attributes: Attributes = {
      isResource: true, verb: 'impersonate', path: '', group, version: 'v1', resource, subresource: '', namespace: '', name, user: requestor, ...more,
    }
    const decision = await authorizer.authorize(attributes)
    if (decision.verdict !== 'allow') throw forbiddenError(attributes, decision.reason)
  }
  if (account) await ask('serviceaccounts', account.name, { namespace: account.namespace })
  else await ask('users', wanted.name)
  if (wanted.uid) await ask('uids', wanted.uid)
  for (const group of wanted.groups) await ask('groups', group)
  for (const [key, values] of Object.entries(wanted.extra ?? {})) for (const value of values) await ask('userextras', value, { subresource: key })

  const groups = wanted.groups.length === 0 && account ? serviceAccountGroups(account.namespace) : [...wanted.groups]
  const add = wanted.name === anonymousName ? unauthenticatedGroup : authenticatedGroup
  if (!groups.includes(add) && !groups.includes(unauthenticatedGroup)) groups.push(add)
  return { ...wanted, groups }
}
