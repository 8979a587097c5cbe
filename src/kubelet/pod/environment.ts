import type { ConfigMap, Container, Pod, Secret } from '#api/core/v1/types'
import { expand } from './expansion'
import type { Allocatable } from './field-path'
import { fieldValue, resourceValue } from './field-path'

export interface EnvSources {
  /** Undefined: there is none of that name. */
  configMap(name: string): Promise<ConfigMap | undefined>
  secret(name: string): Promise<Secret | undefined>
  /** `<NAME>_SERVICE_HOST` and its like, for services that were there when the pod started. */
  services: Readonly<Record<string, string>>
  /** The pod's addresses, once the sandbox is up. */
  podIps: readonly string[]
  hostIps: readonly string[]
  node: Allocatable
}

/** A container that cannot be configured: `CreateContainerConfigError` with this message. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError'
}

/** A container's environment, in order, references to earlier variables replaced. */
export async function environment(pod: Pod, container: Container, sources: EnvSources): Promise<{ key: string; value: string }[]> {
  const result = new Map<string, string>()
  const invalid: string[] = []
  for (const from of container.envFrom ?? []) {
    const prefix = from.prefix ?? ''
    if (from.configMapRef) {
      const name = from.configMapRef.name ?? ''
      const map = await sources.configMap(name)
      if (!map) {
        if (from.configMapRef.optional) continue
        throw new ContainerConfigError(`configmap "${name}" not found`)
      }
      for (const [key, value] of Object.entries(map.data ?? {})) set(prefix + key, value)
    } else if (from.secretRef) {
      const name = from.secretRef.name ?? ''
      const secret = await sources.secret(name)
      if (!secret) {
        if (from.secretRef.optional) continue
        throw new ContainerConfigError(`secret "${name}" not found`)
      }
      for (const [key, value] of Object.entries(secret.data ?? {})) set(prefix + key, Buffer.from(value, 'base64').toString())
    }
  }
  function set(key: string, value: string): void {
    if (key === '' || key.includes('=')) invalid.push(key)
    else result.set(key, value)
  }

  const withAddresses = podWithAddresses(pod, sources)
  for (const variable of container.env ?? []) {
    let value = variable.value === undefined ? undefined : expand(variable.value, (name) => result.get(name) ?? sources.services[name])
    const from = variable.valueFrom
    if (value === undefined || value === '') {
      if (from?.fieldRef) value = fieldValue(withAddresses, from.fieldRef.fieldPath)
      else if (from?.resourceFieldRef) value = resourceValue(pod, from.resourceFieldRef, container, sources.node)
      else if (from?.configMapKeyRef) {
        const { name = '', key, optional } = from.configMapKeyRef
        const map = await sources.configMap(name)
        if (!map && !optional) throw new ContainerConfigError(`configmap "${name}" not found`)
        value = map?.data?.[key]
        if (value === undefined) {
          if (optional) continue
          throw new ContainerConfigError(`couldn't find key ${key} in ConfigMap ${pod.metadata.namespace ?? ''}/${name}`)
        }
      } else if (from?.secretKeyRef) {
        const { name = '', key, optional } = from.secretKeyRef
        const secret = await sources.secret(name)
        if (!secret && !optional) throw new ContainerConfigError(`secret "${name}" not found`)
        const encoded = secret?.data?.[key]
        if (encoded === undefined) {
          if (optional) continue
          throw new ContainerConfigError(`couldn't find key ${key} in Secret ${pod.metadata.namespace ?? ''}/${name}`)
        }
        value = Buffer.from(encoded, 'base64').toString()
      } else if (from?.fileKeyRef) {
        throw new ContainerConfigError(`env ${variable.name}: fileKeyRef is not supported by this kubelet`)
      }
    }
    result.set(variable.name, value ?? '')
  }
  for (const [key, value] of Object.entries(sources.services)) if (!result.has(key)) result.set(key, value)
  return [...result].map(([key, value]) => ({ key, value }))
}

/** The API's copy of the pod has no addresses before the first status: what the sandbox says comes first. */
function podWithAddresses(pod: Pod, { podIps, hostIps }: EnvSources): Pod {
  const ip = podIps[0] ?? pod.status.podIP
  const host = hostIps[0] ?? pod.status.hostIP
  return {
    ...pod,
    status: {
      ...pod.status,
      ...(ip ? { podIP: ip, podIPs: podIps.length > 0 ? podIps.map((one) => ({ ip: one })) : (pod.status.podIPs ?? [{ ip }]) } : {}),
      ...(host ? { hostIP: host, hostIPs: hostIps.length > 0 ? hostIps.map((one) => ({ ip: one })) : (pod.status.hostIPs ?? [{ ip: host }]) } : {}),
    },
  }
}
