import type { KubeObject } from '#apimachinery/object'

/** Texts for `Warning` headers, by `group/resource`. */
export type NotHonoured = Readonly<Record<string, (object: KubeObject) => readonly string[]>>

/**
 * What the API takes and nothing acts on yet: whoever creates it is told so by a `Warning` header, by name. The list only
 * shrinks; `not-built.ts` has what kinds lack of the original's own rules.
 */
export const notHonoured: NotHonoured = {
  'coordination.k8s.io/leasecandidates': say('coordinated leader election is not built in this version: nobody is chosen among candidates'),
  'resource.k8s.io/devicetaintrules': say('dynamic resource allocation is not built in this version: the taint is not acted on'),
  'resource.k8s.io/resourceclaims': say('dynamic resource allocation is not built in this version: the claim stays unallocated'),
  'resource.k8s.io/resourcepoolstatusrequests': say('dynamic resource allocation is not built in this version: the request is not answered'),
  'scheduling.k8s.io/podgroups': say('gang scheduling is not built in this version: the pods of a group are placed one by one'),
  'storage.k8s.io/volumeattachments': say('the attach/detach controller is not built in this version'),
}

/** What the pod network that comes with a real node does not do; another network may, and simulated pods send nothing. */
export const notHonouredByOwnNetwork: NotHonoured = {
  'networking.k8s.io/networkpolicies': say('network policies are not enforced by the built-in pod network of this version'),
}

function say(text: string): () => readonly string[] {
  const texts = [text]
  return () => texts
}
