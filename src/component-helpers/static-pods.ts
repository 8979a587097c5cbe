import type { Pod } from '#api/core/v1/types'

const sourceAnnotation = 'kubernetes.io/config.source'
const mirrorAnnotation = 'kubernetes.io/config.mirror'

type Meta = Pick<Pod, 'metadata'>

/** Comes from a file or URL of the node, not from the API. */
export function isStaticPod({ metadata }: Meta): boolean {
  const source = metadata.annotations?.[sourceAnnotation]
  return source !== undefined && source !== 'api'
}

/** Stands in the API for a static pod; its annotation holds the static pod's hash. */
export const isMirrorPod = ({ metadata }: Meta): boolean => metadata.annotations?.[mirrorAnnotation] !== undefined
