import { unauthorized } from '#apimachinery/api-error'
import type { Authenticator, Credentials, UserInfo } from './authenticator'
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users'

/**
 * Asks each in order; the first that knows the user counts, and the user joins `system:authenticated`. When none does, the
 * request is anonymous where that is allowed, and refused with 401 where it is not. An authenticator that finds its
 * credentials wrong refuses the request: a bad token does not make one anonymous.
 */
export function authenticateWith(authenticators: readonly Authenticator[], options: { anonymous: boolean }): (credentials: Credentials) => UserInfo | Promise<UserInfo> {
  // One object for each user that an authenticator hands out again and again (certificates, static tokens).
  const joined = new WeakMap<UserInfo, UserInfo>()
  const join = (user: UserInfo): UserInfo => {
    if (user.name === anonymousName || user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup)) return user
    let member = joined.get(user)
    if (!member) joined.set(user, (member = { ...user, groups: [...user.groups, authenticatedGroup] }))
    return member
  }
  const nobody = (): UserInfo => {
    if (options.anonymous) return anonymousUser
    throw unauthorized()
  }
  const from = (index: number, credentials: Credentials): UserInfo | Promise<UserInfo> => {
    for (let i = index; i < authenticators.length; i++) {
      const user = authenticators[i]!.authenticate(credentials)
      if (user instanceof Promise) return user.then((settled) => (settled ? join(settled) : from(i + 1, credentials)))
      if (user) return join(user)
    }
    return nobody()
  }
  return (credentials) => from(0, credentials)
}
