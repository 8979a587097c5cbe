import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CgroupFiles } from './cgroups'
import { control, removeEmptyTree, removeTree } from './files'

/** One hierarchy per controller, mounted side by side: the pod's cgroup is made in each. `mounts`: where they are. */
export function cgroupsV1(mounts: ReadonlyMap<string, string>, unified?: string): CgroupFiles {
  const hierarchies = [...new Set(mounts.values())]
  // On hybrid machines the runtime makes the pod's cgroup in the unified hierarchy too.
  const everywhere = unified === undefined ? hierarchies : [...hierarchies, unified]
  return {
    async ensure(path, { cpuShares, cpuQuota, memoryLimitBytes }) {
      await Promise.all(hierarchies.map((mount) => mkdir(join(mount, path), { recursive: true })))
      const cpuset = mounts.get('cpuset')
      if (cpuset) await inheritCpuset(cpuset, path)
      const cpu = mounts.get('cpu')
      if (cpu && cpuShares !== undefined) await control(join(cpu, path), 'cpu.shares', cpuShares)
      if (cpu && cpuQuota !== undefined) {
        await control(join(cpu, path), 'cpu.cfs_period_us', 100_000)
        await control(join(cpu, path), 'cpu.cfs_quota_us', cpuQuota)
      }
      const memory = mounts.get('memory')
      if (memory && memoryLimitBytes !== undefined) await control(join(memory, path), 'memory.limit_in_bytes', memoryLimitBytes)
    },
    async remove(path) {
      await Promise.all(everywhere.map((mount) => removeTree(join(mount, path))))
    },
    async removeEmpty(path) {
      await Promise.all(everywhere.map((mount) => removeEmptyTree(join(mount, path))))
    },
  }
}

/** A new cpuset is empty, and nothing can run in it: it takes what its parent has, from the top down. */
async function inheritCpuset(mount: string, path: string): Promise<void> {
  let at = mount
  for (const part of path.split('/').filter((one) => one !== '')) {
    const next = join(at, part)
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if ((await readFile(join(next, file), 'utf8')).trim() === '') await control(next, file, (await readFile(join(at, file), 'utf8')).trim())
    }
    at = next
  }
}
