import type { Attributes, Authorizer, Decision } from '../authorization/authorizer'
import { forbiddenError } from '../authorization/forbidden'
import type { Exchange } from '../exchange'

/** Whether this user may. */
export const authorize = (authorizer: Authorizer) => (exchange: Exchange): void | Promise<void> => {
  const { info, user } = exchange
  const { isResource, verb, path, group, version, resource, subresource, namespace, name, query } = info
  const attributes: Attributes = { isResource, verb, path, group, version, resource, subresource, namespace, name, user, ...(query.size === 0 ? undefined : selectors(query)) }
  const decision = authorizer.authorize(attributes)
  if (decision instanceof Promise) return decision.then((made) => check(made, attributes, exchange))
  check(decision, attributes, exchange)
}

function check(decision: Decision, attributes: Attributes, { audit }: Exchange): void {
  const allowed = decision.verdict === 'allow'
  audit?.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid')
  audit?.annotate('authorization.k8s.io/reason', decision.reason)
  if (!allowed) throw forbiddenError(attributes, decision.reason)
}

function selectors(query: URLSearchParams): Pick<Attributes, 'fieldSelector' | 'labelSelector'> {
  const fieldSelector = query.get('fieldSelector')
  const labelSelector = query.get('labelSelector')
  return { ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) }
}
