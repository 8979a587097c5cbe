import { readFile, readdir, rm } from 'node:fs/promises'
import { removeDevice } from '#cni/host'
import { connectCri } from '#kubelet/cri/connection'
import { answers } from '#kubelet/cri/containerd'
import { createCriRuntimeService } from '#kubelet/cri/runtime-service'
import { podUidLabel } from '#kubelet/pod/labels'
import { linuxMounts } from '#kubelet/volumes/mounts'
import { findProgram, run } from './host/command'
import { machineSocket, ownSocket } from './real-node'
import type { StateDirectory } from './state-directory'

/** Stops and removes the pods that this cluster's node left in the runtime. Returns how many there were. */
export async function stopRealNode(directory: StateDirectory): Promise<number> {
  const uids = new Set(await readdir(directory.at('kubelet', 'pods')).catch(absentIsNone))
  if (uids.size === 0) return 0
  let stopped = 0
  for (const socket of [ownSocket, machineSocket]) {
    if (!(await answers(socket))) continue
    await using connection = await connectCri(socket)
    const runtime = createCriRuntimeService(connection)
    const sandboxes = (await runtime.listPodSandboxes()).filter(({ labels }) => uids.has(labels[podUidLabel] ?? ''))
    await Promise.all(
      sandboxes.map(async ({ id }) => {
        await runtime.stopPodSandbox(id)
        await runtime.removePodSandbox(id)
      }),
    )
    stopped += sandboxes.length
  }
  return stopped
}

/** Removes what a node leaves on the machine beside its pods: mounts, the bridge, rules, the runtime of our own. */
export async function removeRealNode(directory: StateDirectory): Promise<void> {
  if (process.getuid?.() !== 0) return
  await endOwnRuntime(directory)
  for (const mount of await linuxMounts.below(directory.path)) await linuxMounts.ensureUnmounted(mount)
  const nft = await findProgram('nft')
  if (nft) for (const family of ['ip', 'ip6']) await run(nft, ['delete', 'table', family, 'navarch-proxy'])
  const conflist = '/etc/cni/net.d/10-navarch.conflist'
  const configured = await readFile(conflist, 'utf8').catch(absentIsNone)
  if (configured.length > 0) {
    await rm(conflist, { force: true })
    await removeDevice('cni0').catch(() => undefined)
  }
  await rm('/run/navarch', { recursive: true, force: true })
}

/** A containerd of our own lives on when its cluster is killed: it is found by its configuration file. */
async function endOwnRuntime(directory: StateDirectory): Promise<void> {
  const config = directory.at('containerd', 'config.toml')
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(absentIsNone)).toString().split('\0')
    if (command[0]?.endsWith('containerd') && command.includes(config)) process.kill(Number(pid), 'SIGTERM')
  }
}

function absentIsNone(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ESRCH' || error.code === 'ENOTDIR') return []
  throw error
}
