import { dataDirOption } from '#cluster/options'
import type { StoppedPods } from '#cluster/stop-real-node'
import { StateDirectory } from '#cluster/state-directory'
import { systemClock } from '#base/clock'
import { defineVerb, type Terminal } from '../verb'

export const down = defineVerb({
  usage: 'down [--data-dir DIR]',
  about: 'Stops a cluster, and the containers of its node. What it stores stays: navarch up brings the same cluster back.',
  options: dataDirOption,
  examples: [
    ['navarch down', 'stop the cluster in the usual place'],
    ['navarch down --data-dir ./two', 'stop another one'],
  ],
  async run({ dataDir }, _rest, terminal) {
    const directory = new StateDirectory(dataDir)
    await stopCluster(directory, terminal)
    return 0
  },
})

/** Longest wait for a process to end after it was asked to. */
const patience = 30_000

/** Ends the process of a cluster, then the pods that it left and a runtime of its own. Says what there was to do. */
export async function stopCluster(directory: StateDirectory, { say }: Terminal, options: { forGood?: boolean } = {}): Promise<StoppedPods> {
  const running = directory.running()
  if (running) {
    process.kill(running.pid, 'SIGTERM')
    const until = systemClock.monotonic() + patience
    while (directory.running()) {
      if (systemClock.monotonic() > until) throw new Error(`process ${running.pid} did not end within ${patience / 1000} s: see ${directory.log}, or end it with kill -9 ${running.pid}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    say(`stopped the cluster of ${directory.path}`)
  } else say(`no cluster is running on ${directory.path}`)
  const { stopRealNode } = await import('#cluster/stop-real-node')
  const pods = await stopRealNode(directory, options)
  if (pods.stopped > 0) say(`stopped ${pods.stopped} pod${pods.stopped === 1 ? '' : 's'} of its node`)
  return pods
}
