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

/** A promise only where the namespace is not in memory. Throws 404 where there is none, as the original does. */
export function namespaceMatches({ namespaces: selector }: Selectors, request: AdmissionRequest, objects: ObjectReader): boolean | Promise<boolean> {
  if (isEverything(selector)) return true
  const name = namespaceOf(request)
  const isNamespace = request.resource.resource === 'namespaces' && request.resource.group === ''
  // Cluster-scoped objects are in no namespace that could let them off.
  if (name === '' && !isNamespace) return true
  if (isNamespace && request.subresource === '' && request.object && request.operation !== 'DELETE') return matchesLabels(selector, request.object.metadata.labels)
  const found = namespaceNamed(name, objects)
  return found instanceof Promise ? found.then(({ metadata }) => matchesLabels(selector, metadata.labels)) : matchesLabels(selector, found.metadata.labels)
}

export function namespaceNamed(name: string, objects: ObjectReader): Namespace | Promise<Namespace> {
  const there = (found: Namespace | undefined): Namespace => {
    if (!found) throw notFound({ resource: 'namespaces' }, name)
    return found
  }
  const found = getOrLive(objects, namespaces, { name })
  return found instanceof Promise ? found.then(there) : there(found)
}
