import { ApiError } from '#apimachinery/api-error'
import type { Attributes, Authorizer, Decision } from '../authorization/authorizer'
import { forbiddenError } from '../authorization/forbidden'
import type { Exchange } from '../exchange'
import { attributesOf } from './attributes'

/** Whether this user may. */
export const authorize = (authorizer: Authorizer) => (exchange: Exchange): void | Promise<void> => {
  const attributes = attributesOf(exchange)
  const decision = authorizer.authorize(attributes)
  if (decision instanceof Promise) return decision.then((made) => check(made, attributes, exchange))
  check(decision, attributes, exchange)
}

function check({ verdict, reason, error }: Decision, attributes: Attributes, { audit, target }: Exchange): void {
  if (verdict === 'allow') {
    audit?.annotate('authorization.k8s.io/decision', 'allow')
    audit?.annotate('authorization.k8s.io/reason', reason)
    return
  }
  if (error !== undefined) {
    audit?.annotate('authorization.k8s.io/reason', 'internal error')
    throw new ApiError(500, 'InternalError', `Internal Server Error: ${JSON.stringify(target)}: ${error}`)
  }
  audit?.annotate('authorization.k8s.io/decision', 'forbid')
  audit?.annotate('authorization.k8s.io/reason', reason)
  throw forbiddenError(attributes, reason)
}
