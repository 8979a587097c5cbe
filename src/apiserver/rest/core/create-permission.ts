import { forbidden } from '#apimachinery/api-error'
import type { Authorizer } from '../../authorization/authorizer'
import type { RestEndpoint } from '../rest'

/** WebSockets begin with a GET: who may only read pods is not to run commands in them, so the right to create is asked for whatever the method. */
export const mustMayCreate = (authorizer: Authorizer | undefined, endpoint: RestEndpoint): RestEndpoint => async (call) => {
  const { exchange: { info, user } } = call
  if (authorizer && info.verb !== 'create') {
    const { isResource, path, group, version, resource, subresource, namespace, name } = info
    const { verdict, reason } = await authorizer.authorize({ isResource, verb: 'create', path, group, version, resource, subresource, namespace, name, user })
    if (verdict !== 'allow') throw forbidden({ group, resource }, name, reason)
  }
  return endpoint(call)
}
