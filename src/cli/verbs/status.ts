import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { connectionOf, readKubeconfig } from '#client/kubeconfig'
import { dataDirOption } from '#cluster/options'
import { StateDirectory } from '#cluster/state-directory'
import { defineVerb } from '../verb'

export const status = defineVerb({
  usage: 'status [--data-dir DIR]',
  about: 'Shows whether a cluster runs, where, and how its nodes and pods are. The exit code is 0 when it runs and answers, 1 when not.',
  options: dataDirOption,
  examples: [['navarch status', 'the cluster in the usual place']],
  async run({ dataDir }, _rest, { print, say }) {
    const directory = new StateDirectory(dataDir)
    const running = directory.running()
    if (!running) {
      say(`no cluster is running on ${directory.path}. Bring one up with: navarch up`)
      return 1
    }
    print(`running since ${running.startedAt} as process ${running.pid}`)
    print(`API server    ${running.url}`)
    if (running.apiWorkers) print(`API workers   ${running.apiWorkers}`)
    print(`kubeconfig    ${running.kubeconfig}`)
    await using transport = createHttpTransport(await connectionOf(await readKubeconfig(directory.kubeconfig)), { userAgent: 'navarch-status' })
    const client = createClient(transport)
    const [allNodes, allPods] = await Promise.all([client.list(nodes), client.list(pods)])
    const ready = allNodes.items.filter((node) => node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    print(`nodes         ${ready.length} of ${allNodes.items.length} ready${running.sim === undefined ? '' : ' (simulated)'}`)
    const phases = new Map<string, number>()
    for (const { status } of allPods.items) phases.set(status.phase ?? 'Unknown', (phases.get(status.phase ?? 'Unknown') ?? 0) + 1)
    print(`pods          ${allPods.items.length === 0 ? 'none' : [...phases].map(([phase, n]) => `${n} ${phase}`).join(', ')}`)
    return 0
  },
})
