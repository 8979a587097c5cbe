import type { Input, KubeObject, NamespacedName, ObjectList } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client, DeleteOptions, ListOptions, PatchOptions, WriteOptions } from './client'
import { collectionPath, objectPath } from './paths'
import type { Call, Transport, WatchEvent } from './transport'

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const satisfies Record<PatchOptions['type'], string>

const metadataOfOne = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
const metadataOfList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/**
 * A client over a transport: in-process or `http-transport.ts`. An object that is given to a write belongs to the
 * receiver afterwards; give it parts of cached (frozen) objects only as copies (`clone`).
 */
export function createClient(transport: Transport): Client {
  const ask = async <A>(call: Call): Promise<A> => (await transport.request(call)).body as A

  return {
    transport,

    get: (resource, name, { subresource, resourceVersion, signal } = {}) =>
      ask({ method: 'GET', path: objectPath(resource, name, subresource), query: { resourceVersion }, signal }),

    list: <T extends KubeObject>(resource: ResourceRef<T>, options: ListOptions = {}) =>
      ask<ObjectList<T>>({
        method: 'GET', path: collectionPath(resource, options.namespace), query: listQuery(options),
        accept: options.metadataOnly ? metadataOfList : undefined, signal: options.signal,
      }),

    watch<T extends KubeObject>(resource: ResourceRef<T>, options: Parameters<Client['watch']>[1], deliver: (events: readonly WatchEvent<T>[]) => void) {
      const { namespace, metadataOnly, signal, ...query } = options
      return transport.watch(
        {
          method: 'GET', path: collectionPath(resource, namespace), query: { ...query, watch: true },
          accept: metadataOnly ? metadataOfOne : undefined, signal,
        },
        deliver as (events: readonly WatchEvent[]) => void,
      )
    },

    create: (resource, object, options = {}) =>
      ask({
        method: 'POST', path: collectionPath(resource, namespaceFor(resource, object)), query: writeQuery(options),
        body: withKind(resource, object), signal: options.signal,
      }),

    update: (resource, object, options = {}) =>
      ask({
        method: 'PUT', path: objectPath(resource, nameOf(object), options.subresource), query: writeQuery(options),
        body: withKind(resource, object), signal: options.signal,
      }),

    patch: (resource, name, patch, options) =>
      ask({
        method: 'PATCH', path: objectPath(resource, name, options.subresource), query: writeQuery(options),
        body: patch, contentType: patchTypes[options.type], signal: options.signal,
      }),

    apply: (resource, object, options) =>
      ask({
        method: 'PATCH', path: objectPath(resource, nameOf(object), options.subresource),
        query: { ...writeQuery(options), force: options.force }, body: withKind(resource, object),
        contentType: 'application/apply-patch+yaml', signal: options.signal,
      }),

    async delete(resource, name, options = {}) {
      await ask({ method: 'DELETE', path: objectPath(resource, name), body: deleteBody(options), signal: options.signal })
    },

    async deleteCollection(resource, options) {
      await ask({
        method: 'DELETE', path: collectionPath(resource, options.namespace), query: listQuery(options),
        body: deleteBody(options), signal: options.signal,
      })
    },

    subresource: (resource, name, subresource, method, body) => ask({ method, path: objectPath(resource, name, subresource), body }),
  }
}

const listQuery = (options: ListOptions): Call['query'] => ({
  labelSelector: options.labelSelector, fieldSelector: options.fieldSelector, limit: options.limit, continue: options.continue,
  resourceVersion: options.resourceVersion, resourceVersionMatch: options.resourceVersionMatch,
})

const writeQuery = ({ fieldManager, dryRun, fieldValidation }: WriteOptions): Call['query'] => ({
  fieldManager, dryRun: dryRun ? 'All' : undefined, fieldValidation,
})

function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions, dryRun }: DeleteOptions): unknown {
  return {
    apiVersion: 'v1', kind: 'DeleteOptions',
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }), ...(propagationPolicy ? { propagationPolicy } : {}),
    ...(preconditions ? { preconditions } : {}), ...(dryRun ? { dryRun: ['All'] } : {}),
  }
}

const withKind = <T extends KubeObject>(resource: ResourceRef<T>, object: Input<T>): unknown => ({
  apiVersion: groupVersionOf(resource), kind: resource.kind, ...object,
})

type Meta = { metadata?: { name?: string; namespace?: string } }
const nameOf = (object: unknown): NamespacedName => ({ namespace: (object as Meta).metadata?.namespace, name: (object as Meta).metadata?.name ?? '' })

function namespaceFor(resource: ResourceRef, object: unknown): string | undefined {
  if (!resource.namespaced) return undefined
  const { namespace } = nameOf(object)
  if (!namespace) throw new TypeError(`${resource.resource}: metadata.namespace is needed, the kind is namespaced`)
  return namespace
}
