import { ApiError, badRequest } from '#apimachinery/api-error'
import type { Verb } from '#apimachinery/resource'
import type { Exchange, Result } from '../exchange'
import type { Kind } from '../kinds'
import type { Registry } from '../registry/registry'
import { serveDelete, serveDeleteCollection } from './deletes'
import { servePatch } from './patches'
import { serveGet, serveList, serveOldWatch } from './reads'
import { serveSubresource } from './subresources'
import { serveCreate, serveUpdate } from './writes'

export const notServed = (): ApiError => new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})

/** The last stop for requests of the API: finds the kind and does the verb. */
export function dispatch(registry: Registry, exchange: Exchange): Promise<Result> {
  const { info } = exchange
  const kind = registry.kinds.find(info.group, info.version, info.resource)
  if (!kind || (!exchange.inProcess && !registry.kinds.serves(kind)) || (info.namespace !== '' && !kind.resource.namespaced && kind.resource.resource !== 'namespaces')) {
    // Nobody knows what is no built-in group.
    if (!exchange.inProcess && (kind?.resource.customResource || !registry.kinds.hasBuiltIn(info.group))) return Promise.resolve(nothingHere)
    throw notServed()
  }
  if (info.path.charCodeAt(1) === slash) return Promise.resolve(nothingHere)
  if (kind.resource.namespaced && info.namespace === '' && !exchange.inProcess && !kind.resource.customResource) {
    const problem = outsideNamespaces(exchange, kind)
    if (problem) throw problem
  }
  // One object of a namespace is nowhere else.
  if (kind.resource.customResource && kind.resource.namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch' && !exchange.inProcess) return Promise.resolve(nothingHere)
  if (kind.served.deprecated !== undefined) exchange.warnings.push(kind.served.deprecated)
  if (info.subresource !== '') {
    exchange.negotiate(kind)
    return serveSubresource(registry, exchange, kind)
  }
  // What is only ever answered to (reviews) has no table.
  exchange.negotiate(kind, kind.resource.verbs.some((verb) => verb !== 'create'), info.verb === 'list' || info.verb === 'watch')
  return serve(registry, exchange, kind)
}

function serve(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { info } = exchange
  const { verbs } = kind.resource
  const allowed = (verb: Verb): boolean => verbs.includes(verb)
  const hasName = /[^/]/.test(info.name)
  switch (info.verb) {
    case 'get':
      if (exchange.method === 'HEAD') break
      if (allowed('get')) return serveGet(registry, exchange, kind)
      break
    case 'list':
    case 'watch':
      if (exchange.method !== 'GET') break
      if (info.path.includes('/watch/')) {
        if (allowed('watch')) return serveOldWatch(registry, exchange, kind)
      } else if (allowed(info.verb)) return serveList(registry, exchange, kind)
      break
    case 'create':
      if (allowed('create') && (!hasName || kind.resource.customResource)) return serveCreate(registry, exchange, kind)
      break
    case 'update':
      if (allowed('update') && hasName) return serveUpdate(registry, exchange, kind)
      break
    case 'patch':
      if (allowed('patch') && hasName) return servePatch(registry, exchange, kind)
      break
    case 'delete':
      if (allowed('delete')) return serveDelete(registry, exchange, kind)
      break
    case 'deletecollection':
      if (allowed('deletecollection')) return serveDeleteCollection(registry, exchange, kind)
      break
  }
  // Custom resources have no router that knows which methods take a name.
  if (kind.resource.customResource && !hasName) throw badRequest('name must be provided')
  throw notAllowed()
}

/** What is in namespaces is listed and watched in all of them at once, and that is all: nobody deletes the objects of every namespace. */
function outsideNamespaces({ info, method }: Exchange, { resource }: Kind): ApiError | undefined {
  const list = resource.verbs.includes('list')
  if (list && method === 'GET' && (info.verb === 'list' || (info.verb === 'watch' && (info.name === '' || !info.path.includes('/watch/'))))) return undefined
  return list && info.subresource === '' && (info.name === '' || info.verb === 'list') ? notAllowed() : notServed()
}

const slash = 47

/** What no handler claims, in the words of Go's file server. */
export const nothingHere: Result = {
  sort: 'bytes', code: 404, contentType: 'text/plain; charset=utf-8', bytes: '404 page not found\n', headers: { 'x-content-type-options': 'nosniff' },
}

/** What a router without that route answers. */
export const notAllowed = (): ApiError => new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
