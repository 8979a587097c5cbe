import { access, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeDevice } from '#cni/host'
import { masqueradeTable } from '#cni/masquerade'
import { createCgroups } from '#kubelet/cgroups/cgroups'
import { detectCgroups } from '#kubelet/cgroups/detect'
import { linuxMounts } from '#kubelet/volumes/mounts'
import { absentIsNone } from './absent'
import { findProgram, run } from './host/command'
import { heldAddresses } from './held-addresses'
import { podLogsDirectory } from './real-node'
import type { StateDirectory } from './state-directory'
import type { StoppedPods } from './stop-real-node'

/** Removes what a stopped node leaves on the machine: mounts, cgroups, logs, addresses, rules, the bridge, the runtime's state. */
export async function removeRealNode(directory: StateDirectory, { uids }: StoppedPods): Promise<void> {
  // A cluster of simulated nodes has no kubelet's directory, and another cluster's node may be on this machine.
  if (process.getuid?.() !== 0 || !(await access(directory.at('kubelet')).then(() => true, () => false))) return
  for (const where of [directory.path, '/run/navarch']) for (const mount of await linuxMounts.below(where)) await linuxMounts.ensureUnmounted(mount)
  const cgroups = createCgroups(await detectCgroups(), '/')
  for (const uid of uids) await cgroups.removePod(uid)
  await cgroups.removeClasses()
  for (const name of await readdir(podLogsDirectory).catch(absentIsNone)) if (uids.has(name.split('_').at(-1)!)) await rm(join(podLogsDirectory, name), { recursive: true, force: true })
  await heldAddresses(directory).release()
  const nft = await findProgram('nft')
  if (nft) for (const table of [['ip', 'navarch-proxy'], ['ip6', 'navarch-proxy'], ['ip', masqueradeTable], ['ip6', masqueradeTable], ['inet', 'navarch-guard']]) await run(nft, ['delete', 'table', ...table])
  const conflist = '/etc/cni/net.d/10-navarch.conflist'
  const configured = await readFile(conflist, 'utf8').catch(absentIsNone)
  if (configured.length > 0) {
    await rm(conflist, { force: true })
    await removeDevice('cni0')
  }
  await rm('/run/navarch', { recursive: true, force: true })
}
