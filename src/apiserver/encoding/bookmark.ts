import type { KubeObject } from '#apimachinery/object'
import type { Kind } from '../kinds'

/** An empty object of the kind that carries nothing but how far the watch is. */
export function bookmarkOf(kind: Kind, revision: number, initialEventsEnd: boolean): KubeObject {
  const metadata = {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
  }
  return { kind: kind.resource.kind, apiVersion: kind.apiVersion, metadata } as unknown as KubeObject
}
