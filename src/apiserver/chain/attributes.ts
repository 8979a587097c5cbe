import type { Attributes } from '../authorization/authorizer'
import type { Exchange } from '../exchange'

/** Verbs that are about many objects; selectors of others say nothing. */
const selecting = new Set(['list', 'watch', 'deletecollection'])

/** What a request asks for, as authorizers see it. */
export function attributesOf({ info, user }: Pick<Exchange, 'info' | 'user'>): Attributes {
  const { isResource, verb, path, group, version, resource, subresource, namespace, name, query } = info
  return { isResource, verb, path, group, version, resource, subresource, namespace, name, user, ...(query.size > 0 && selecting.has(verb) ? selectors(query) : undefined) }
}

function selectors(query: URLSearchParams): Pick<Attributes, 'fieldSelector' | 'labelSelector'> {
  const fieldSelector = query.get('fieldSelector')
  const labelSelector = query.get('labelSelector')
  return { ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) }
}
