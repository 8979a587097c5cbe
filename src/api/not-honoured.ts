import type { KubeObject } from '#apimachinery/object'
import type { Pod, PodSpec } from './core/v1/types'

/**
 * What the API takes and nothing acts on yet: whoever creates it is told so by a `Warning` header, by name. The list only
 * shrinks; `not-built.ts` has what kinds lack of the original's own rules.
 */
export const notHonoured: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {
  '/pods': (pod) => ofPodSpec((pod as Pod).spec),
  'admissionregistration.k8s.io/mutatingadmissionpolicies': say('admission policies are not evaluated by this version'),
  'networking.k8s.io/networkpolicies': say('network policies are not enforced by this version'),
  'resource.k8s.io/resourceclaims': say('dynamic resource allocation is not built in this version: the claim stays unallocated'),
  'storage.k8s.io/volumeattachments': say('the attach/detach controller is not built in this version'),
}

function say(text: string): () => readonly string[] {
  const texts = [text]
  return () => texts
}

const ofPodSpec = ({ resourceClaims }: PodSpec): readonly string[] =>
  resourceClaims?.length ? ['spec.resourceClaims: dynamic resource allocation is not built in this version'] : []
