import type { Container, EphemeralContainer, Pod } from '#api/core/v1/types'
import type { EnvSources } from '../pod/environment'
import { environment } from '../pod/environment'
import { expand } from '../pod/expansion'
import { containerAnnotations, containerLabels } from '../pod/labels'
import { linuxResources } from '../pod/resources'
import type { PodHost } from '../pod-host'
import type { ContainerConfig, Image } from '../runtime-service'
import { containerSecurityContext } from './security-context'

export interface ContainerSurroundings {
  host: PodHost
  env: EnvSources
  /** What the runtime calls the image. */
  imageRef: string
  image: Image | undefined
  nodeMemoryBytes: number
  /** Container whose processes an ephemeral container wants to see. */
  targetId?: string
}

/** A container as the runtime is told of it. Throws ContainerConfigError where the spec asks for what is not there. */
export async function containerConfig(pod: Pod, container: Container | EphemeralContainer, attempt: number, { host, env, imageRef, image, nodeMemoryBytes, targetId }: ContainerSurroundings): Promise<ContainerConfig> {
  const securityContext = containerSecurityContext(pod, container, image, targetId)
  const envs = await environment(pod, container as Container, env)
  const values = new Map(envs.map(({ key, value }) => [key, value]))
  const expanded = (text: string): string => expand(text, (name) => values.get(name))
  const mounts = await host.containerMounts(pod, container as Container, attempt, env.podIps)
  return {
    metadata: { name: container.name, attempt },
    image: { image: imageRef, ...(container.image ? { userSpecifiedImage: container.image } : {}) },
    ...(container.command ? { command: container.command.map(expanded) } : {}),
    ...(container.args ? { args: container.args.map(expanded) } : {}),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    envs,
    ...(mounts.length > 0 ? { mounts } : {}),
    labels: containerLabels(container as Container, pod),
    annotations: containerAnnotations(container as Container, pod, attempt),
    logPath: host.logPath(container as Container, attempt),
    ...(container.stdin ? { stdin: true } : {}),
    ...(container.stdinOnce ? { stdinOnce: true } : {}),
    ...(container.tty ? { tty: true } : {}),
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
    linux: { resources: linuxResources(pod, container as Container, { capacityBytes: nodeMemoryBytes }), securityContext },
  }
}
