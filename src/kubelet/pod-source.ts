import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import type { Informer, Informers } from '#client/informer'

export type PodHandler = (pod: Pod | undefined, old: Pod | undefined) => void

/** Where a kubelet learns which pods are its own. */
export interface PodSource {
  /** Settles when every pod that was there at the start has been delivered: nothing is killed before. */
  readonly synced: Promise<void>
  /** Delivers what is there, then what changes; `pod` undefined: gone. */
  subscribe(handler: PodHandler): Disposable
}

/** A watch of the node's own: what a kubelet on a real machine has. */
export function nodePodSource(informers: Informers, nodeName: string): PodSource {
  const informer = informers.get(pods, { fieldSelector: `spec.nodeName=${nodeName}` })
  return {
    get synced() {
      return informer.synced
    },
    subscribe: (handler) => informer.on(handler),
  }
}

/** One watch over all pods for many kubelets of a process: a pod finds its node by name, not by asking each. */
export function sharedPodSource(informer: Informer<Pod>): (nodeName: string) => PodSource {
  const handlers = new Map<string, PodHandler>()
  let subscription: Disposable | undefined
  const deliver: PodHandler = (pod, old) => {
    const nodeName = (pod ?? old)?.spec.nodeName
    if (!nodeName) return
    // Bound just now: for its node the pod is new.
    handlers.get(nodeName)?.(pod, old?.spec.nodeName === nodeName ? old : undefined)
  }
  return (nodeName) => ({
    get synced() {
      return informer.synced
    },
    subscribe(handler) {
      if (handlers.has(nodeName)) throw new Error(`node ${nodeName} has a kubelet already`)
      if (subscription) {
        informer.index('spec.nodeName', (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
        handlers.set(nodeName, handler)
        for (const pod of informer.by('spec.nodeName', nodeName)) handler(pod, undefined)
      } else {
        handlers.set(nodeName, handler)
        subscription = informer.on(deliver)
      }
      return {
        [Symbol.dispose]() {
          handlers.delete(nodeName)
          if (handlers.size > 0) return
          subscription?.[Symbol.dispose]()
          subscription = undefined
        },
      }
    },
  })
}
