import { ApiError, notFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { Exchange, Result } from '../exchange'
import { objectOf } from '../cache/entry'
import type { Kind } from '../kinds'
import { admitOnly } from '../registry/admission'
import { get } from '../registry/get'
import { restOf, type Registry } from '../registry/registry'
import { readObject } from './body'
import { connectOptions, isConnection } from './connect'
import { notAllowed, notServed } from './dispatch'
import { servePatch } from './patches'
import { serveGet } from './reads'
import { serveScale } from './scale'
import { writeRequest } from './write-request'
import { serveUpdate } from './writes'

/** Status and its like go through the registry with another strategy; the rest have files of their own. */
export async function serveSubresource(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { info, method } = exchange
  const subresource = kind.resource.subresources[info.subresource]
  if (!subresource && kind.resource.customResource) throw notFound({ group: kind.group, resource: kind.resource.resource }, info.name)
  if (!subresource || info.name === '') throw notServed()
  // Only what is passed on to others knows HEAD.
  if (method === 'HEAD' && subresource.sort !== 'rest') throw notAllowed()
  if (subresource.sort === 'object') {
    if (info.verb === 'get') return serveGet(registry, exchange, kind)
    if (info.verb === 'update') return serveUpdate(registry, exchange, kind)
    if (info.verb === 'patch') return servePatch(registry, exchange, kind)
    throw notAllowed()
  }
  if (subresource.sort === 'scale') return serveScale(registry, exchange, kind, subresource)
  const endpoint = restOf(registry, kind)?.subresources?.[info.subresource]
  // OPTIONS is no verb of the API, but whoever is behind a proxy may have an answer to it.
  if (!subresource.verbs.includes(info.verb) && (method !== 'OPTIONS' || info.subresource !== 'proxy')) throw notAllowed()
  if (!endpoint) {
    throw new ApiError(501, '', `${kind.resource.resource}/${info.subresource} is not served: nothing in this server answers it (${method})`)
  }
  const write = writeRequest(exchange, kind, registry, method === 'PUT' ? 'update' : method === 'PATCH' ? 'patch' : 'create')
  if (isConnection(subresource)) await admitOnly(registry, { ...write, options: {} }, 'CONNECT', connectOptions(subresource, exchange))
  return endpoint({
    exchange, kind, registry,
    clock: registry.clock,
    async parent() {
      const entry = await get(registry, kind, info.namespace, info.name)
      return { entry, object: objectOf(kind.resource, entry) }
    },
    async decode<B>() {
      const { value } = await readObject(exchange, subresource.gvk.kind)
      exchange.audit?.requestObject(value)
      const object = value as B & KubeObject
      object.metadata ??= {} as KubeObject['metadata']
      // Requests of tokens are completed first; namespaces are asked about when they are written.
      if (info.verb === 'create' && info.subresource !== 'token') await admitOnly(registry, write, 'CREATE', object)
      return object
    },
    write,
  })
}
