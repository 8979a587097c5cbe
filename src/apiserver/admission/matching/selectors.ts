import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { notFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { isEverything, matchesLabels, type Selector, selectorOfObject } from '#apimachinery/selectors/label-selector'
import { namespaces } from '#api/core/v1/namespace'
import type { Namespace } from '#api/core/v1/types'
import { getOrLive, type ObjectReader } from '../../authentication/objects'
import type { AdmissionRequest } from '../plugin'
import { namespaceOf } from './place'

/** What webhooks and policies say about which namespaces and objects they are for. */
export interface Selectors {
  readonly namespaces: Selector
  readonly objects: Selector
}

export const selectorsOf = ({ namespaceSelector, objectSelector }: { namespaceSelector?: LabelSelector; objectSelector?: LabelSelector }): Selectors => ({
  namespaces: selectorOfObject(namespaceSelector ?? {}), objects: selectorOfObject(objectSelector ?? {}),
})

/** The object alone decides; an update counts with what it was before, too. */
export function objectMatches({ objects }: Selectors, { object, old }: Pick<AdmissionRequest, 'object' | 'old'>): boolean {
  if (isEverything(objects)) return true
  const matches = (one: KubeObject | undefined): boolean => one !== undefined && matchesLabels(objects, one.metadata?.labels)
  return matches(object) || matches(old)
}

/**
 * The namespace that a request is in, or is about; undefined: none, or one that is only being made. A promise only where it is not in
 * memory. Throws 404 where there is none, as the original does.
 */
export function namespaceFor(request: AdmissionRequest, objects: ObjectReader): Namespace | undefined | Promise<Namespace> {
  const name = namespaceOf(request)
  return name === '' || isMadeNow(request) ? undefined : namespaceNamed(name, objects)
}

const isNamespace = ({ resource }: AdmissionRequest): boolean => resource.resource === 'namespaces' && resource.group === ''
const isMadeNow = (request: AdmissionRequest): boolean => isNamespace(request) && request.subresource === '' && request.object !== undefined && request.operation !== 'DELETE'

/** `namespace` as `namespaceFor` found it. */
export function matchesIn({ namespaces: selector }: Selectors, request: AdmissionRequest, namespace: Namespace | undefined): boolean {
  if (isEverything(selector)) return true
  if (isMadeNow(request)) return matchesLabels(selector, request.object!.metadata.labels)
  // Cluster-scoped objects are in no namespace that could let them off.
  return namespace ? matchesLabels(selector, namespace.metadata.labels) : true
}

/** The same with one look, where only some ask for the namespace. */
export function namespaceMatches(selectors: Selectors, request: AdmissionRequest, objects: ObjectReader): boolean | Promise<boolean> {
  if (isEverything(selectors.namespaces)) return true
  const found = namespaceFor(request, objects)
  return found instanceof Promise ? found.then((namespace) => matchesIn(selectors, request, namespace)) : matchesIn(selectors, request, found)
}

export function namespaceNamed(name: string, objects: ObjectReader): Namespace | Promise<Namespace> {
  const there = (found: Namespace | undefined): Namespace => {
    if (!found) throw notFound({ resource: 'namespaces' }, name)
    return found
  }
  const found = getOrLive(objects, namespaces, { name })
  return found instanceof Promise ? found.then(there) : there(found)
}
