import type { Container, EphemeralContainer, PodSpec } from './types'

export type ContainerList = 'initContainers' | 'containers' | 'ephemeralContainers'

/** Every container of a pod with where it stands: init containers first, as they run. */
export function eachContainer(spec: PodSpec, visit: (container: Container | EphemeralContainer, list: ContainerList, index: number) => void): void {
  spec.initContainers?.forEach((container, i) => visit(container, 'initContainers', i))
  spec.containers?.forEach((container, i) => visit(container, 'containers', i))
  spec.ephemeralContainers?.forEach((container, i) => visit(container, 'ephemeralContainers', i))
}

/** A sidecar: an init container that keeps running beside the others. */
export const isRestartable = (container: { restartPolicy?: string }): boolean => container.restartPolicy === 'Always'
