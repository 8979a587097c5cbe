import { unauthorized } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import type { Authenticator, Credentials, Remarks, UserInfo } from './authenticator'
import { anonymousName, anonymousUser, authenticatedGroup, unauthenticatedGroup } from './users'

/** Whether requests that nobody knows go on as `system:anonymous`: all, none, or those of these paths. */
export type Anonymous = boolean | readonly string[]
export type Authenticate = (credentials: Credentials, path?: string, remarks?: Remarks) => UserInfo | Promise<UserInfo>

export interface UnionOptions {
  readonly anonymous: Anonymous
  /** Told why credentials are not good, where no other ones are. */
  readonly refused?: ((reason: string) => void) | undefined
}

/**
 * Asks each in order; the first that knows the user counts, and the user joins `system:authenticated`. When none does, the
 * request is anonymous where that is allowed, and refused with 401 where it is not. An authenticator that finds its
 * credentials wrong keeps the request from being anonymous: a bad token does not make one nobody.
 */
export function authenticateWith(authenticators: readonly Authenticator[], { anonymous, refused }: UnionOptions): Authenticate {
  // One object for each user that an authenticator hands out again and again (certificates, static tokens).
  const joined = new WeakMap<UserInfo, UserInfo>()
  const join = (user: UserInfo): UserInfo => {
    if (user.name === anonymousName || user.groups.includes(authenticatedGroup) || user.groups.includes(unauthenticatedGroup)) return user
    let member = joined.get(user)
    if (!member) joined.set(user, (member = { ...user, groups: [...user.groups, authenticatedGroup] }))
    return member
  }
  const nobody = (path: string, problem: unknown): UserInfo => {
    if (problem !== undefined) {
      refused?.(messageOf(problem))
      throw unauthorized()
    }
    if (typeof anonymous === 'boolean' ? anonymous : anonymous.includes(path)) return anonymousUser
    throw unauthorized()
  }
  const from = (index: number, credentials: Credentials, path: string, remarks: Remarks | undefined, before: unknown): UserInfo | Promise<UserInfo> => {
    let problem = before
    for (let i = index; i < authenticators.length; i++) {
      try {
        const user = authenticators[i]!.authenticate(credentials, remarks)
        if (user instanceof Promise) {
          const known = problem
          return user.then((settled) => (settled ? join(settled) : from(i + 1, credentials, path, remarks, known)), (error: unknown) => from(i + 1, credentials, path, remarks, known ?? error))
        }
        if (user) return join(user)
      } catch (error) {
        problem ??= error
      }
    }
    return nobody(path, problem)
  }
  return (credentials, path = '', remarks) => from(0, credentials, path, remarks, undefined)
}
