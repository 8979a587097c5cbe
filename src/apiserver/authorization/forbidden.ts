import { ApiError } from '#apimachinery/api-error'
import type { Attributes } from './authorizer'

/** `User "x" cannot list resource "pods" in API group "" in the namespace "default"`, the reason after a colon. */
export function forbiddenMessage({ user, isResource, verb, path, group, resource, subresource, namespace }: Attributes): string {
  const who = `User ${JSON.stringify(user.name)}`
  if (!isResource) return harmless(`${who} cannot ${verb} path ${JSON.stringify(path)}`)
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  return harmless(`${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`)
}

/** Names come from the request: a browser must not take the answer for a page. */
const harmless = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The 403 for a request that no authorizer allowed. */
export function forbiddenError(attributes: Attributes, reason: string): ApiError {
  const message = reason ? `${forbiddenMessage(attributes)}: ${reason}` : forbiddenMessage(attributes)
  const { isResource, group, resource, name } = attributes
  if (!isResource) return new ApiError(403, 'Forbidden', `forbidden: ${message}`, {})
  const subject = `${resource}${group ? `.${group}` : ''}${name ? ` ${JSON.stringify(name)}` : ''}`
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${message}`, { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource })
}
