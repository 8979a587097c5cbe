import { mkdirSync, readFileSync } from 'node:fs'
import { type ContainerdOptions, containerdOptions, snapshotterFor } from '#kubelet/cri/containerd-config'

/** How a containerd of our own must be configured on this host: found out, not assumed. */
export function containerdOptionsFor(given: Pick<ContainerdOptions, 'root' | 'state' | 'cniBinDir' | 'registryConfigPath'>): ContainerdOptions {
  mkdirSync(given.root, { recursive: true })
  return containerdOptions({
    ...given,
    restrictOomScoreAdj: !hasCapability(sysResource),
    disableApparmor: read('/sys/module/apparmor/parameters/enabled') !== 'Y',
    snapshotter: snapshotterFor(given.root),
  })
}

/** Lowering another process's oom_score_adj takes this one, which root in a container often lacks. */
const sysResource = 24

function hasCapability(bit: number): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)/m.exec(read('/proc/self/status') ?? '')?.[1] ?? '0'
  return ((BigInt(`0x${effective}`) >> BigInt(bit)) & 1n) === 1n
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
