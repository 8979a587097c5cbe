import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CgroupFiles } from './cgroups'
import { control, removeEmptyTree, removeTree } from './files'

const wanted = ['cpu', 'memory', 'pids', 'cpuset', 'io', 'hugetlb']

/** The unified hierarchy, mounted at `mount`. */
export function cgroupsV2(mount: string): CgroupFiles {
  return {
    async ensure(path, { cpuShares, cpuQuota, memoryLimitBytes }) {
      const directory = join(mount, path)
      await enableDown(mount, path)
      if (cpuShares !== undefined) await control(directory, 'cpu.weight', cpuWeight(cpuShares))
      if (cpuQuota !== undefined) await control(directory, 'cpu.max', `${cpuQuota} 100000`)
      if (memoryLimitBytes !== undefined) await control(directory, 'memory.max', memoryLimitBytes)
    },
    remove: (path) => removeTree(join(mount, path)),
    removeEmpty: (path) => removeEmptyTree(join(mount, path)),
  }
}

/** Controllers are passed from parent to child: each directory on the way hands on what it has. */
async function enableDown(mount: string, path: string): Promise<void> {
  let at = mount
  for (const part of path.split('/').filter((one) => one !== '')) {
    const has = (await readFile(join(at, 'cgroup.controllers'), 'utf8')).trim().split(' ')
    const on = (await readFile(join(at, 'cgroup.subtree_control'), 'utf8')).trim().split(' ')
    const missing = wanted.filter((name) => has.includes(name) && !on.includes(name))
    if (missing.length > 0) await control(at, 'cgroup.subtree_control', missing.map((name) => `+${name}`).join(' '))
    at = join(at, part)
    await mkdir(at, { recursive: true })
  }
  if (dirname(at) === at) throw new Error('cgroup: the root cannot be a pod\'s')
}

/** The kernel's scale of v1 shares (2..262144) laid onto v2 weights (1..10000). */
export function cpuWeight(shares: number): number {
  return shares <= 2 ? 1 : Math.floor(1 + ((shares - 2) * 9999) / 262_142)
}
