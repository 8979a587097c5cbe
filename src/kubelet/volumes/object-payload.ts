import { configmaps } from '#api/core/v1/config-map'
import { secrets } from '#api/core/v1/secret'
import type { DownwardAPIVolumeFile, KeyToPath, Pod } from '#api/core/v1/types'
import { fieldValue, resourceValue } from '../pod/field-path'
import { MountError } from '../pod-host'
import type { VolumeContext } from './volume-plugin'

export type Files = Map<string, { data: Uint8Array; mode: number }>

export async function configMapFiles(name: string, items: readonly KeyToPath[] | undefined, optional: boolean, mode: number, { objects, pod }: VolumeContext): Promise<Files> {
  const map = await objects.get(configmaps, pod, name)
  if (!map) {
    if (optional) return new Map()
    throw new MountError(`configmap "${name}" not found`)
  }
  const data = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(map.data ?? {})) data.set(key, Buffer.from(value))
  for (const [key, value] of Object.entries(map.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'))
  return project(data, items, optional, mode, `configmap references non-existent config key`)
}

export async function secretFiles(name: string, items: readonly KeyToPath[] | undefined, optional: boolean, mode: number, { objects, pod }: VolumeContext): Promise<Files> {
  const secret = await objects.get(secrets, pod, name)
  if (!secret) {
    if (optional) return new Map()
    throw new MountError(`secret "${name}" not found`)
  }
  const data = new Map<string, Uint8Array>(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
  return project(data, items, optional, mode, `references non-existent secret key`)
}

/** All keys under their own names, or those that are asked for under the paths that are given. */
function project(data: ReadonlyMap<string, Uint8Array>, items: readonly KeyToPath[] | undefined, optional: boolean, mode: number, complaint: string): Files {
  if (!items?.length) return new Map([...data].map(([key, bytes]) => [key, { data: bytes, mode }]))
  const files: Files = new Map()
  for (const item of items) {
    const bytes = data.get(item.key)
    if (bytes) files.set(clean(item.path), { data: bytes, mode: item.mode ?? mode })
    else if (!optional) throw new MountError(`${complaint}: ${item.key}`)
  }
  return files
}

export function downwardFiles(items: readonly DownwardAPIVolumeFile[] | undefined, mode: number, { pod, node, hostIps }: VolumeContext): Files {
  const files: Files = new Map()
  // The host's addresses are known before the pod's first status.
  const shown: Pod = { ...pod, status: { ...pod.status, ...(hostIps[0] ? { hostIP: hostIps[0], hostIPs: hostIps.map((ip) => ({ ip })) } : {}) } }
  for (const item of items ?? []) {
    const text = item.fieldRef ? fieldValue(shown, item.fieldRef.fieldPath) : item.resourceFieldRef ? resourceValue(pod, item.resourceFieldRef, undefined, node) : ''
    files.set(clean(item.path), { data: Buffer.from(text), mode: item.mode ?? mode })
  }
  return files
}

/** A path that stays within its volume; the API server lets no other through. */
export function clean(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0 || path.startsWith('/') || parts.includes('..') || parts[0]!.startsWith('..')) throw new MountError(`invalid path "${path}" in a volume`)
  return parts.join('/')
}
