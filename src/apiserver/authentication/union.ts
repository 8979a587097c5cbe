import { unauthorized } from '#apimachinery/api-error'
import type { Authenticator, Credentials, Remarks, UserInfo } from './authenticator'
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users'

/** Whether requests that nobody knows go on as `system:anonymous`: all, none, or those of these paths. */
export type Anonymous = boolean | readonly string[]
export type Authenticate = (credentials: Credentials, path?: string, remarks?: Remarks) => UserInfo | Promise<UserInfo>

/**
 * Asks each in order; the first that knows the user counts, and the user joins `system:authenticated`. When none does, the
 * request is anonymous where that is allowed, and refused with 401 where it is not. An authenticator that finds its
 * credentials wrong refuses the request: a bad token does not make one anonymous.
 */
export function authenticateWith(authenticators: readonly Authenticator[], { anonymous }: { anonymous: Anonymous }): Authenticate {
  // One object for each user that an authenticator hands out again and again (certificates, static tokens).
  const joined = new WeakMap<UserInfo, UserInfo>()
  const join = (user: UserInfo): UserInfo => {
    if (user.name === anonymousName || user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup)) return user
    let member = joined.get(user)
    if (!member) joined.set(user, (member = { ...user, groups: [...user.groups, authenticatedGroup] }))
    return member
  }
  const nobody = (path: string): UserInfo => {
    if (typeof anonymous === 'boolean' ? anonymous : anonymous.includes(path)) return anonymousUser
    throw unauthorized()
  }
  const from = (index: number, credentials: Credentials, path: string, remarks: Remarks | undefined): UserInfo | Promise<UserInfo> => {
    for (let i = index; i < authenticators.length; i++) {
      const user = authenticators[i]!.authenticate(credentials, remarks)
      if (user instanceof Promise) return user.then((settled) => (settled ? join(settled) : from(i + 1, credentials, path, remarks)))
      if (user) return join(user)
    }
    return nobody(path)
  }
  return (credentials, path = '', remarks) => from(0, credentials, path, remarks)
}
