import { impersonate, impersonatedUser } from '../authentication/impersonation'
import type { Authorizer } from '../authorization/authorizer'
import type { Exchange } from '../exchange'

/** Whoever may, goes on as somebody else. */
export const impersonation = (authorizer: Authorizer) => (exchange: Exchange): void | Promise<void> => {
  if (exchange.inProcess || !asks(exchange.headers)) return
  const wanted = impersonatedUser(exchange.headers)
  if (!wanted) return
  return impersonate(exchange.user, wanted, authorizer).then((user) => {
    exchange.user = user
    exchange.audit?.impersonated(user)
  })
}

function asks(headers: Exchange['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}
