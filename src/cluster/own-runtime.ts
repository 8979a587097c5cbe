import type { ContainerdOptions } from '#kubelet/cri/containerd-config'
import { containerdOptionsFor } from './host/containerd-options'
import { findCniBinDir } from './host/preflight'
import type { StateDirectory } from './state-directory'

/** Where CNI plugins may be, most wanted first: Debian's folder, then everybody else's. */
export const cniBinDirs = ['/usr/lib/cni', '/opt/cni/bin']

/** Where a containerd of our own keeps what does not outlive a reboot. */
export const ownRuntimeState = '/run/navarch/containerd'

/** How a containerd of our own runs on this machine, for the cluster of a data directory. */
export async function ownRuntimeOptions(directory: StateDirectory): Promise<ContainerdOptions> {
  return containerdOptionsFor({
    root: directory.at('containerd'), state: ownRuntimeState, cniBinDir: (await findCniBinDir(cniBinDirs)) ?? cniBinDirs[0]!,
    // As containerd's own packages have it: what a user put there for a registry counts here too.
    registryConfigPath: '/etc/containerd/certs.d',
  })
}
