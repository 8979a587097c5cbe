import { access, readFile, readdir } from 'node:fs/promises'
import { systemClock } from '#base/clock'
import { silent } from '#component-base/log'
import { connectCri } from '#kubelet/cri/connection'
import { answers, startContainerd } from '#kubelet/cri/containerd'
import { createCriRuntimeService } from '#kubelet/cri/runtime-service'
import { podUidLabel, readContainerNotes } from '#kubelet/pod/labels'
import { RuntimeError, type RuntimeService } from '#kubelet/runtime-service'
import { absentIsNone } from './absent'
import { ownRuntimeOptions } from './own-runtime'
import { machineSocket, ownSocket } from './real-node'
import type { StateDirectory } from './state-directory'

/** What a stopped node had: the UIDs of its pods, those that had ended among them. */
export interface StoppedPods {
  /** How many were there to stop. */
  readonly stopped: number
  readonly uids: ReadonlySet<string>
}

/**
 * Stops the pods that this cluster's node left in the runtime, and then a runtime of our own. What ran stays known, so that the
 * next start counts its restarts; with `forGood` it is removed, and nobody is given time to end.
 */
export async function stopRealNode(directory: StateDirectory, { forGood = false } = {}): Promise<StoppedPods> {
  const uids = new Set(await readdir(directory.at('kubelet', 'pods')).catch(absentIsNone))
  const own = await access(directory.at('containerd', 'config.toml')).then(() => true, () => false)
  // Containers outlive the daemon; only a daemon ends them properly.
  if (own && !(await answers(ownSocket)) && (await processes(isShimOf(ownSocket))).length > 0)
    await startContainerd(await ownRuntimeOptions(directory), { clock: systemClock, log: silent, signal: new AbortController().signal })
  let stopped = 0
  for (const socket of [ownSocket, machineSocket]) {
    if ((socket === ownSocket && !own) || (socket === machineSocket && uids.size === 0) || !(await answers(socket))) continue
    await using connection = await connectCri(socket)
    const runtime = createCriRuntimeService(connection)
    // Everything in a runtime of our own is ours; elsewhere it is ours when we have a directory for it.
    const sandboxes = (await runtime.listPodSandboxes()).filter(({ labels }) => socket === ownSocket || uids.has(labels[podUidLabel] ?? ''))
    await Promise.all(
      sandboxes.map(async ({ id, state, labels }) => {
        if (labels[podUidLabel]) uids.add(labels[podUidLabel])
        if (state === 'ready') stopped++
        if (forGood) return withinPatience(removeSandbox(runtime, id))
        if (state === 'ready') await endContainers(runtime, id)
        await runtime.stopPodSandbox(id)
      }),
    )
  }
  if (own) await endOwnRuntime(directory)
  // What a damaged runtime could not end; the pods' cgroups take the processes with them.
  if (own && forGood) for (const pid of await processes(isShimOf(ownSocket))) process.kill(pid, 'SIGKILL')
  return { stopped, uids }
}

async function removeSandbox(runtime: RuntimeService, id: string): Promise<void> {
  await runtime.stopPodSandbox(id)
  await runtime.removePodSandbox(id)
}

/** A runtime whose state was damaged may never answer: what is to be removed for good does not depend on it. */
async function withinPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, 15_000)))
  await Promise.race([work.catch((error: unknown) => (isRuntimeError(error) ? undefined : Promise.reject(error))), patience])
  clearTimeout(timer)
}

const isRuntimeError = (error: unknown): boolean => error instanceof RuntimeError

/** By their signal, each with the grace period that its pod gave it. */
async function endContainers(runtime: RuntimeService, podSandboxId: string): Promise<void> {
  const running = await runtime.listContainers({ podSandboxId, state: 'running' })
  await Promise.all(running.map(async ({ id }) => runtime.stopContainer(id, readContainerNotes((await runtime.containerStatus(id)).annotations).gracePeriodSeconds)))
}

/** A containerd of our own lives on when its cluster is killed: it is found by its configuration file. Resolves when it has ended. */
async function endOwnRuntime(directory: StateDirectory): Promise<void> {
  const config = directory.at('containerd', 'config.toml')
  const isOurs = (command: readonly string[]): boolean => command[0]?.endsWith('containerd') === true && command.includes(config)
  for (const pid of await processes(isOurs)) process.kill(pid, 'SIGTERM')
  const until = systemClock.monotonic() + 10_000
  while ((await processes(isOurs)).length > 0) {
    if (systemClock.monotonic() > until) throw new Error(`the containerd of ${config} does not end: see ${directory.at('containerd', 'containerd.log')}`)
    // Not the clock's: its waits do not keep a process alive that has nothing else to do.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const isShimOf = (socket: string) => (command: readonly string[]): boolean => command[0]?.includes('containerd-shim') === true && command.includes(socket)

/** Processes that live, by their command. */
async function processes(wanted: (command: readonly string[]) => boolean): Promise<number[]> {
  const found: number[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    // What has ended and is only waited for has no command any more.
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(absentIsNone)).toString().split('\0')
    if (wanted(command)) found.push(Number(pid))
  }
  return found
}
