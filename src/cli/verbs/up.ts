import { refusedFlags } from '#cluster/refused-flags'
import { nodes } from '#api/core/v1/node'
import { systemClock } from '#base/clock'
import { type Cluster, startCluster } from '#cluster/cluster'
import { checkControlPlaneHost, checkNodeHost } from '#cluster/host/preflight'
import type { Finding } from '#cluster/host/check'
import { nodeAddress as addressOfThisMachine } from '#cluster/host/node-address'
import { installPackages } from '#cluster/host/install'
import { type ClusterOptions, clusterOptions, logLevel } from '#cluster/options'
import { openStore } from '#cluster/open-store'
import { StateDirectory } from '#cluster/state-directory'
import { addContext, userKubeconfig } from '#cluster/user-kubeconfig'
import { orAborted } from '#base/abort'
import { createDisposables } from '#base/disposal'
import { writeKubeconfig } from '#client/kubeconfig'
import { createLog } from '#component-base/log-writer'
import { inBackground, report, startInBackground } from '../detach'
import { type Progress, terminalProgress } from '../progress'
import { spawnWorker } from '../spawn-worker'
import { stopSignal } from '../stop-signals'
import { defineVerb, type Terminal } from '../verb'

export const up = defineVerb({
  usage: 'up [--sim N] [-d] [flags]',
  about: `Brings a cluster up: API server, controllers and scheduler, and this machine as a node that runs real containers (root and
containerd are needed), or with --sim N simulated nodes (nothing is needed). Stays in the foreground; Ctrl-C stops it. Real
containers go on without it and are taken over by the next start; navarch down stops them.

The containers of simulated nodes are pretended. They do what sleep 30, true, false and exit 1 say, those of Jobs end well after a
second, and all others run until they are stopped. Images named does-not-exist, or with the tag 404, fail to be pulled.

The cluster is written to the file of --kubeconfig as its current context; without it, to KUBECONFIG or ~/.kube/config.`,
  options: clusterOptions,
  refused: refusedFlags,
  first: ['sim', 'install', 'detach', 'dataDir', 'kubeconfig', 'securePort', 'bindAddress', 'etcdServers', 'containerRuntimeEndpoint', 'v'],
  examples: [
    ['navarch up --sim 3', 'three simulated nodes; no root'],
    ['sudo navarch up --install -d', 'a real node in the background, with the Debian packages it needs'],
    ['navarch up --sim 0 --data-dir ./two --secure-port 7443', 'a second cluster beside it: a control plane alone'],
    ['navarch up --sim 3 --api-workers 2', 'two processes serve the API, controllers and scheduler have a third'],
    ['navarch up --sim 3 --etcd-servers http://10.0.0.5:2379', 'one of several control planes on an etcd cluster'],
  ],
  async run(options, _rest, terminal) {
    const directory = new StateDirectory(options.dataDir)
    const running = directory.running()
    if (running) throw new Error(`a cluster is running on ${directory.path} already, since ${running.startedAt} at ${running.url} (process ${running.pid}). Stop it with: navarch down --data-dir ${directory.path}`)
    directory.create()
    const progress = inBackground ? reportedProgress() : terminalProgress()
    if (options.detach && !inBackground) {
      const started = startInBackground(process.argv.slice(2), directory.log, (message) => ('step' in message ? progress.step(message.step) : 'note' in message ? progress.note(message.note) : undefined))
      const text = await started.catch((error: unknown) => {
        progress.failed()
        throw error
      })
      progress.done()
      terminal.print(text)
      return 0
    }
    try {
      return await runCluster(options, directory, progress, terminal)
    } catch (error) {
      progress.failed()
      report({ failed: (error as Error).message })
      throw error
    }
  },
})

async function runCluster(options: ClusterOptions, directory: StateDirectory, progress: Progress, terminal: Terminal): Promise<number> {
  const began = performance.now()
  const log = createLog(systemClock, { level: logLevel(options.v) })
  const disposables = createDisposables()
  // Asked for early: Ctrl-C during the start stops cleanly too.
  const starting = new AbortController()
  const stop = stopSignal(terminal.say)
  void stop.then((signal) => starting.abort(new Error(`stopped by ${signal} before the cluster was ready`)))
  const { signal } = starting
  try {
    disposables.use(directory.lock())
    progress.step('looking at this machine')
    await checkHost(options, progress)
    progress.step(options.etcdServers.length > 0 ? 'connecting to etcd' : 'opening the store')
    const store = disposables.use(await openStore(options, directory.store, { clock: systemClock, log }))
    const nodeAddress = options.sim === undefined ? options.nodeIP || addressOfThisMachine() : undefined
    const nodeComponents = nodeAddress ? (await import('#cluster/real-node')).realNode(directory, nodeAddress, log) : undefined
    const cluster = disposables.use(
      await startCluster(options, { log, store, signal, pkiDirectory: directory.pki, spawnWorker, progress: (text) => progress.step(text), ...(nodeComponents ? { nodeComponents, nodeAddress } : {}) }),
    )
    const config = cluster.kubeconfig()
    await writeKubeconfig(directory.kubeconfig, config)
    const kubeconfig = options.kubeconfig || userKubeconfig()
    await addContext(kubeconfig, config)
    disposables.use(directory.publish({ pid: process.pid, startedAt: new Date().toISOString(), url: cluster.url, kubeconfig, ...(options.sim === undefined ? {} : { sim: options.sim }), ...(options.apiWorkers > 0 ? { apiWorkers: options.apiWorkers } : {}) }))
    if (options.sim !== 0) {
      progress.step(options.sim === undefined ? 'waiting for the node to be Ready' : `waiting for ${options.sim} nodes to be Ready`)
      await orAborted(readyNodes(cluster, options.sim ?? 1), signal)
    }
    progress.done()
    const text = welcome(cluster, kubeconfig, options, performance.now() - began)
    terminal.print(text)
    report({ ready: text })
    await stop
  } finally {
    await disposables[Symbol.asyncDispose]()
  }
  return 0
}

async function checkHost(options: ClusterOptions, progress: Progress): Promise<void> {
  const look = async (): Promise<Finding[]> => {
    const controlPlane = await checkControlPlaneHost(options)
    if (options.sim !== undefined) return controlPlane
    const { cniBinDirs, runtimeRuns } = await import('#cluster/real-node')
    return [...controlPlane, ...(await checkNodeHost({ ...options, cniBinDirs, runtimeRunning: await runtimeRuns(options.containerRuntimeEndpoint) }))]
  }
  let findings = await look()
  const packages = findings.flatMap((finding) => (finding.verdict === 'fail' ? (finding.packages ?? []) : []))
  if (options.install && packages.length > 0 && process.getuid?.() === 0) {
    await installPackages([...new Set(packages)], (text) => progress.step(text))
    findings = await look()
  }
  for (const { verdict, what, seen, remedy } of findings) if (verdict === 'warn') progress.note(`! ${what}: ${seen}. ${remedy ?? ''}`)
  const failed = findings.filter(({ verdict }) => verdict === 'fail')
  if (failed.length === 0) return
  const list = failed.map(({ what, seen, remedy }) => `  ${what}: ${seen}\n    -> ${remedy}`).join('\n')
  throw new Error(`this machine is not ready:\n${list}${options.sim === undefined ? '\nOr without a real node: navarch up --sim 3' : ''}`)
}

/** Resolves when so many nodes say that they are Ready. */
function readyNodes(cluster: Cluster, count: number): Promise<void> {
  const informer = cluster.informers.get(nodes)
  return new Promise((resolve) => {
    const ready = new Set<string>()
    const subscription = informer.on((node, old) => {
      const name = (node ?? old)!.metadata.name
      if (node?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) ready.add(name)
      else ready.delete(name)
      if (ready.size < count) return
      resolve()
      queueMicrotask(() => subscription[Symbol.dispose]())
    })
  })
}

function welcome(cluster: Cluster, kubeconfig: string, { sim }: ClusterOptions, ms: number): string {
  const what = sim === 0 ? 'control plane' : sim === undefined ? 'cluster with this machine as its node' : `cluster with ${sim} simulated node${sim === 1 ? '' : 's'}`
  const env = kubeconfig === userKubeconfig() ? '' : `KUBECONFIG=${kubeconfig} `
  return `The ${what} is ready after ${(ms / 1000).toFixed(1)} s: ${cluster.url}

  ${env}kubectl get nodes
  ${env}kubectl create deployment web --image=nginx --replicas=3
  ${env}kubectl get pods --watch`
}

function reportedProgress(): Progress {
  return { step: (step) => report({ step }), note: (note) => report({ note }), done: () => undefined, failed: () => undefined }
}
