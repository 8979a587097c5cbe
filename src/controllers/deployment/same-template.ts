import type { PodTemplateSpec } from '#api/core/v1/types'
import { sameData } from '#base/clone'

export const templateHashLabel = 'pod-template-hash'

/** Whether two templates ask for the same pods; the label that names the template itself does not count. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return sameData(a.spec, b.spec) && sameData(withoutHash(a), withoutHash(b))
}

function withoutHash({ metadata }: PodTemplateSpec): unknown {
  if (!metadata?.labels || !(templateHashLabel in metadata.labels)) return metadata ?? {}
  const { [templateHashLabel]: _hash, ...labels } = metadata.labels
  return { ...metadata, labels: Object.keys(labels).length > 0 ? labels : undefined }
}
