import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#api/core/v1/types'
import { containerNameLabel, podUidLabel } from '../pod/labels'
import type { RuntimeService } from '../runtime-service'

export interface Usage { memoryBytes: number; diskBytes: number; inodes: number }

/** What a pod takes of its node, all in all and by container; of volumes those that live on the node's disk. */
export interface PodUsage extends Usage {
  containers: ReadonlyMap<string, Usage>
  /** Bytes, by the volume's name. */
  emptyDirs: ReadonlyMap<string, number>
}

export interface PodUsages {
  /** `withDisk`: walks through logs and volumes, which takes a while. */
  of(pods: readonly Pod[], options: { withDisk: boolean }): Promise<ReadonlyMap<string, PodUsage>>
}

export interface PodUsageDeps {
  runtime: Pick<RuntimeService, 'listContainerStats'>
  podDirectory(uid: string): string
  logDirectory(pod: Pod): string
}

/** Asks the runtime, and looks at the pods' directories. */
export function podUsages({ runtime, podDirectory, logDirectory }: PodUsageDeps): PodUsages {
  return {
    async of(pods, { withDisk }) {
      const byPod = new Map<string, Map<string, Usage>>()
      for (const { labels, metadata, memoryWorkingSetBytes = 0, writableLayer } of await runtime.listContainerStats()) {
        const uid = labels[podUidLabel] ?? ''
        let containers = byPod.get(uid)
        if (!containers) byPod.set(uid, (containers = new Map()))
        containers.set(labels[containerNameLabel] ?? metadata.name, { memoryBytes: memoryWorkingSetBytes, diskBytes: writableLayer?.usedBytes ?? 0, inodes: writableLayer?.inodesUsed ?? 0 })
      }
      const usages = new Map<string, PodUsage>()
      for (const pod of pods) {
        const uid = pod.metadata.uid ?? ''
        const containers = byPod.get(uid) ?? new Map<string, Usage>()
        const emptyDirs = new Map<string, number>()
        let extraInodes = 0
        if (withDisk) {
          for (const [name, usage] of containers) {
            const logs = await sizeOf(join(logDirectory(pod), name))
            containers.set(name, { ...usage, diskBytes: usage.diskBytes + logs.bytes, inodes: usage.inodes + logs.inodes })
          }
          for (const { name, emptyDir } of pod.spec.volumes ?? []) {
            if (!emptyDir || emptyDir.medium === 'Memory') continue
            const { bytes, inodes } = await sizeOf(join(podDirectory(uid), 'volumes', 'kubernetes.io~empty-dir', name))
            emptyDirs.set(name, bytes)
            extraInodes += inodes
          }
        }
        const all = [...containers.values()]
        const sum = (field: keyof Usage): number => all.reduce((total, usage) => total + usage[field], 0)
        const inVolumes = [...emptyDirs.values()].reduce((total, bytes) => total + bytes, 0)
        usages.set(uid, { memoryBytes: sum('memoryBytes'), diskBytes: sum('diskBytes') + inVolumes, inodes: sum('inodes') + extraInodes, containers, emptyDirs })
      }
      return usages
    },
  }
}

/** What a directory tree takes on disk. What vanishes meanwhile takes nothing. */
async function sizeOf(path: string): Promise<{ bytes: number; inodes: number }> {
  try {
    const info = await lstat(path)
    let total = { bytes: info.blocks * 512, inodes: 1 }
    if (info.isDirectory())
      for (const name of await readdir(path)) {
        const { bytes, inodes } = await sizeOf(join(path, name))
        total = { bytes: total.bytes + bytes, inodes: total.inodes + inodes }
      }
    return total
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { bytes: 0, inodes: 0 }
    throw error
  }
}
