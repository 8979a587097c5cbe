import type { Pod } from '#api/core/v1/types'
import { podCgroupResources } from '../pod/resources'
import { podQos } from '../pod/qos'

/** The cgroups of pods. `v1.ts` and `v2.ts` write the files of either kernel interface. */
export interface Cgroups {
  /** Makes the pod's cgroup below that of its QoS class; resolves with the parent that the runtime is given. */
  ensurePod(pod: Pod): Promise<string>
  /** Kills what is left in it and removes it, in whichever class it is. */
  removePod(uid: string): Promise<void>
  /** Removes the classes where no pod is left in them: another kubelet's stay. */
  removeClasses(): Promise<void>
}

/** What a kernel interface has to do; `path` is within the hierarchy: `/kubepods/burstable/pod<uid>`. */
export interface CgroupFiles {
  ensure(path: string, limits: CgroupLimits): Promise<void>
  remove(path: string): Promise<void>
  /** Where nothing is below it and nothing runs in it; otherwise it stays. */
  removeEmpty(path: string): Promise<void>
}
export interface CgroupLimits { cpuShares?: number; cpuQuota?: number; memoryLimitBytes?: number }

/** `root`: `/` on a node that has the machine for itself. */
export function createCgroups(files: CgroupFiles, root: string): Cgroups {
  const base = `${root.replace(/\/$/, '')}/kubepods`
  const parents = { Guaranteed: base, Burstable: `${base}/burstable`, BestEffort: `${base}/besteffort` }
  let made: Promise<void> | undefined
  const ensureClasses = async (): Promise<void> => {
    await files.ensure(base, {})
    await files.ensure(parents.Burstable, {})
    await files.ensure(parents.BestEffort, { cpuShares: 2 })
  }
  return {
    async ensurePod(pod) {
      made ??= ensureClasses().catch((error: unknown) => {
        made = undefined
        throw error
      })
      await made
      const path = `${parents[podQos(pod)]}/pod${pod.metadata.uid ?? ''}`
      await files.ensure(path, podCgroupResources(pod))
      return path
    },
    async removePod(uid) {
      await Promise.all(Object.values(parents).map((parent) => files.remove(`${parent}/pod${uid}`)))
    },
    async removeClasses() {
      for (const path of [parents.Burstable, parents.BestEffort, base]) await files.removeEmpty(path)
      made = undefined
    },
  }
}
