import type { KubeObject } from './object'
import type { ObjectSubresource, RestSubresource, ScaleSubresource, Strategy } from './resource'

/** The status endpoint: writes status, carries everything else over, and never owns the spec. */
export function statusOnly<T extends KubeObject & { spec?: unknown; status?: unknown }>(extra: Partial<Strategy<T>> = {}): ObjectSubresource<T> {
  return {
    sort: 'object',
    resetFields: [['spec']],
    ...extra,
    prepareForUpdate(object, old, context) {
      if (old.spec === undefined) delete object.spec
      else object.spec = old.spec
      extra.prepareForUpdate?.(object, old, context)
    },
  }
}

/** As `statusOnly`, of newer kinds: the metadata is carried over too. */
export function statusWithoutMetadata<T extends KubeObject & { spec?: unknown; status?: unknown }>(extra: Partial<Strategy<T>> = {}): ObjectSubresource<T> {
  return statusOnly<T>({
    ...extra,
    resetFields: [['metadata'], ['spec']],
    prepareForUpdate(object, old, context) {
      carryMetadata(object, old)
      extra.prepareForUpdate?.(object, old, context)
    },
  })
}

function carryMetadata({ metadata }: KubeObject, old: KubeObject): void {
  const [own, before] = [metadata as unknown as Record<string, unknown>, old.metadata as unknown as Readonly<Record<string, unknown>>]
  for (const field of ['deletionTimestamp', 'generation', 'selfLink', 'labels', 'annotations', 'finalizers', 'ownerReferences']) {
    if (before[field] === undefined) delete own[field]
    else own[field] = before[field]
  }
}

/** The scale endpoint over paths such as `spec.replicas`. */
export function scaleThrough(specReplicas: string, statusReplicas: string, selector?: string): ScaleSubresource {
  return { sort: 'scale', specReplicas: specReplicas.split('.'), statusReplicas: statusReplicas.split('.'), ...(selector ? { selector: selector.split('.') } : {}) }
}

/** An endpoint with a type of its own, which `src/apiserver/rest` implements. */
export function rest(verbs: readonly string[], gvk: { group: string; version: string; kind: string }): RestSubresource {
  return { sort: 'rest', verbs, gvk }
}
