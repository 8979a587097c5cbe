import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import type { ParamKind, ParamRef } from '#api/admissionregistration/v1/types'
import { keyOf, type KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { matchesLabels, selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { Clock } from '#base/clock'
import type { Informers } from '#client/informer'
import type { ObjectReader } from '../../authentication/objects'
import { resourceOfKind } from '../matching/resource-of-kind'
import { splitApiVersion } from '../matching/place'

/** What is wrong with how a policy or binding is set up: its failure policy says what becomes of the request. */
export class ConfigurationError extends Error {}

export interface Params extends Disposable {
  /** Where objects of a kind are kept; starts to follow them. Undefined: nothing serves that kind. */
  resource(kind: ParamKind): ResourceRef | undefined
  /** Resolves when these can be looked at, or should be by now; undefined: they can. */
  ready(resource: ResourceRef): Promise<void> | undefined
  /** The objects that a binding refers to. `namespace`: the request's. Throws `ConfigurationError`. */
  collect(kind: ParamKind, resource: ResourceRef, ref: ParamRef, namespace: string): readonly KubeObject[]
}

export interface ParamsDeps {
  readonly informers: Informers
  readonly objects: ObjectReader
  readonly clock: Clock
}

/** So long a request waits for parameters that were never asked for before. */
const patienceMs = 1000

/** Looks after the objects that policies are given: of any kind, followed from the first policy on that names it. */
export function createParams({ informers, objects, clock }: ParamsDeps): Params {
  const custom = new Map<string, ResourceRef>()
  const subscription = informers.get(customresourcedefinitions).on((definition, old) => {
    if (definition || !old) return
    // Nobody serves them any more: to ask again and again would be of no use.
    for (const [key, ref] of custom) {
      if (ref.group !== old.spec.group || ref.resource !== old.spec.names.plural) continue
      custom.delete(key)
      informers.drop(ref)
    }
  })
  return {
    resource({ apiVersion = '', kind = '' }) {
      const key = `${apiVersion} ${kind}`
      const known = custom.get(key)
      if (known) return known
      const ref = resourceOfKind(objects, apiVersion, kind)
      if (!ref) return undefined
      custom.set(key, ref)
      informers.get(ref)
      return ref
    },
    ready(resource) {
      const informer = informers.get(resource)
      if (informer.hasSynced) return undefined
      return new Promise((resolve) => {
        const timer = clock.after(patienceMs, resolve)
        void informer.synced.then(() => {
          timer[Symbol.dispose]()
          resolve()
        })
      })
    },
    collect(kind, resource, { name, namespace: asked, selector, parameterNotFoundAction }, requestNamespace) {
      const informer = informers.get(resource)
      if (!informer.hasSynced) throw new ConfigurationError(`paramKind kind \`${shown(kind)}\` not yet synced to use for admission`)
      let namespace: string | undefined
      if (resource.namespaced) {
        namespace = asked || requestNamespace
        if (!namespace) throw new ConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
      } else if (asked) throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
      let found: readonly KubeObject[]
      if (name) {
        const object = informer.get(keyOf({ metadata: { name, ...(namespace === undefined ? {} : { namespace }) } }))
        found = object ? [object] : []
      } else {
        const labels = selectorOfObject(selector ?? {})
        found = informer.list(namespace).filter(({ metadata }) => matchesLabels(labels, metadata.labels))
      }
      if (found.length === 0 && parameterNotFoundAction === 'Deny') throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction')
      return found
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}

/** As Go prints the kind. */
const shown = ({ apiVersion = '', kind = '' }: ParamKind): string => `&ParamKind{APIVersion:${apiVersion},Kind:${kind},}`

export function unknownKind({ apiVersion = '', kind = '' }: ParamKind): ConfigurationError {
  const { group, version } = splitApiVersion(apiVersion)
  return new ConfigurationError(`failed to find resource referenced by paramKind: '${group === '' ? '' : group}/${version}, Kind=${kind}'`)
}
