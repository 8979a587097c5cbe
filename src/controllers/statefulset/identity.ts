import type { Input } from '#apimachinery/object'
import { statefulsets } from '#api/apps/v1/stateful-set'
import type { StatefulSet } from '#api/apps/v1/types'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '#api/core/v1/types'
import { clone } from '#base/clone'
import { controllerReference } from '#controller-runtime/owners'

export const revisionLabel = 'controller-revision-hash'
const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'

export const podName = ({ metadata }: StatefulSet, ordinal: number): string => `${metadata.name}-${ordinal}`
export const claimName = (claim: PersistentVolumeClaim, set: StatefulSet, ordinal: number): string => `${claim.metadata.name}-${set.metadata.name}-${ordinal}`

/** The number at the end of a pod's name, where the rest is the set's name. */
export function ordinalOf({ metadata }: Pod, set: StatefulSet): number | undefined {
  const match = /^(.*)-(\d+)$/.exec(metadata.name)
  return match && match[1] === set.metadata.name ? Number(match[2]) : undefined
}

export const firstOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0

/** The pod of an ordinal: its name, its host name in the governing service's domain, and its own claims as volumes. */
export function podFor(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Input<Pod> {
  const name = podName(set, ordinal)
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const spec = clone(template.spec)
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => ({
    name: claim.metadata.name, persistentVolumeClaim: { claimName: claimName(claim, set, ordinal), readOnly: false },
  }))
  const own = new Set(claims.map((volume) => volume.name))
  spec.volumes = [...claims, ...(spec.volumes ?? []).filter((volume) => !own.has(volume.name))] as typeof spec.volumes
  spec.hostname = name
  spec.subdomain = set.spec.serviceName
  return {
    metadata: {
      namespace: set.metadata.namespace, name, labels: { ...labels, [revisionLabel]: revision, [podNameLabel]: name, [podIndexLabel]: String(ordinal) },
      annotations: { ...annotations }, ...(finalizers ? { finalizers: [...finalizers] } : {}), ownerReferences: [controllerReference(statefulsets, set)],
    },
    spec,
  }
}

export function claimsFor(set: StatefulSet, ordinal: number): Input<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    metadata: {
      namespace: set.metadata.namespace, name: claimName(template, set, ordinal), labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata.annotations ? { annotations: { ...template.metadata.annotations } } : {}),
    },
    spec: clone(template.spec) as Input<PersistentVolumeClaim['spec']>,
  }))
}
