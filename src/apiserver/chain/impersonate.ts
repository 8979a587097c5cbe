import { impersonatedUser, type Impersonate } from '../authentication/impersonation'
import type { Exchange } from '../exchange'
import { attributesOf } from './attributes'

/** Whoever may, goes on as somebody else. The first stop behind the audit: what was found out before is written down here. */
export const impersonation = (impersonate: Impersonate) => (exchange: Exchange): void | Promise<void> => {
  const { annotations, audit } = exchange
  if (annotations && audit) for (const [key, value] of annotations) audit.annotate(key, value)
  if (exchange.inProcess || !asks(exchange.headers)) return
  const wanted = impersonatedUser(exchange.headers)
  if (!wanted) return
  return impersonate(wanted, attributesOf(exchange)).then(({ user, constraint }) => {
    exchange.user = user
    audit?.impersonated(user, constraint)
  })
}

function asks(headers: Exchange['headers']): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true
  return false
}
