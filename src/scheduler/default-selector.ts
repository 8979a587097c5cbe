import { replicasets } from '#api/apps/v1/replica-set'
import { statefulsets } from '#api/apps/v1/stateful-set'
import { replicationcontrollers } from '#api/core/v1/replication-controller'
import { services } from '#api/core/v1/service'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { Informers } from '#client/informer'
import type { DefaultSelector } from './plugins/pod-topology-spread'

/** The pods that a pod's siblings are: those of its Services and of the workload that owns it. */
export function defaultSelectorFrom(informers: Informers): DefaultSelector {
  const caches = { services: informers.get(services), sets: informers.get(replicasets), stateful: informers.get(statefulsets), controllers: informers.get(replicationcontrollers) }
  const compiled = new Map<string, ReturnType<DefaultSelector>>()

  return ({ metadata }) => {
    const labels: Record<string, string> = {}
    for (const { spec } of caches.services.list(metadata.namespace)) {
      if (spec.selector && Object.entries(spec.selector).every(([key, value]) => metadata.labels?.[key] === value)) Object.assign(labels, spec.selector)
    }
    const owner = metadata.ownerReferences?.find((reference) => reference.controller)
    const key = `${metadata.namespace}/${owner?.name}`
    let expressions: LabelSelector['matchExpressions']
    const ofSet = owner?.kind === 'ReplicaSet' ? caches.sets.get(key) : owner?.kind === 'StatefulSet' ? caches.stateful.get(key) : undefined
    if (ofSet) {
      Object.assign(labels, ofSet.spec.selector.matchLabels)
      expressions = ofSet.spec.selector.matchExpressions
    } else if (owner?.kind === 'ReplicationController') Object.assign(labels, caches.controllers.get(key)?.spec.selector)
    if (Object.keys(labels).length === 0 && !expressions?.length) return undefined

    const text = JSON.stringify([labels, expressions])
    let selector = compiled.get(text)
    if (!selector) {
      if (compiled.size > 1000) compiled.clear()
      compiled.set(text, (selector = { text, selector: selectorOfObject({ matchLabels: labels, matchExpressions: expressions }) }))
    }
    return selector
  }
}
