import { readFile } from 'node:fs/promises'
import type { CgroupFiles } from './cgroups'
import { cgroupsV1 } from './v1'
import { cgroupsV2 } from './v2'

/** The interface that this machine's controllers hang on: v1 where any is mounted there (hybrid machines), else v2. */
export async function detectCgroups(mountTable = '/proc/mounts'): Promise<CgroupFiles> {
  const controllers = new Map<string, string>()
  let unified: string | undefined
  for (const line of (await readFile(mountTable, 'utf8')).split('\n')) {
    const [, at = '', type, options = ''] = line.split(' ')
    if (type === 'cgroup2') unified ??= at
    if (type !== 'cgroup') continue
    for (const name of options.split(',')) if (known.has(name) || name.startsWith('name=')) controllers.set(name, at)
  }
  if (controllers.size > 0) return cgroupsV1(controllers, unified)
  if (unified) return cgroupsV2(unified)
  throw new Error('no cgroup file system is mounted: mount cgroup2 at /sys/fs/cgroup')
}

const known: ReadonlySet<string> = new Set(['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'hugetlb', 'net_cls', 'net_prio', 'perf_event', 'rdma', 'misc'])
