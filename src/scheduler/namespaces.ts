import { namespaces } from '#api/core/v1/namespace'
import { matchesLabels, selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { Informers } from '#client/informer'
import type { NamespacesMatching } from './framework/affinity-terms'

/** Namespaces by their labels, for terms that select them. */
export function namespacesFrom(informers: Informers): NamespacesMatching {
  const all = informers.get(namespaces)
  return (selector) => {
    const compiled = selectorOfObject(selector)
    return all.list().flatMap(({ metadata }) => (matchesLabels(compiled, metadata.labels) ? [metadata.name] : []))
  }
}
