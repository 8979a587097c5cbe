import { refusedFlags } from '#cluster/refused-flags'
import { systemClock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import { writeKubeconfig } from '#client/kubeconfig'
import { startControlPlane } from '#cluster/control-plane'
import { kubeconfigFor } from '#cluster/kubeconfig'
import { controlPlaneOptions, logLevel } from '#cluster/options'
import { openStore } from '#cluster/open-store'
import { StateDirectory } from '#cluster/state-directory'
import { createLog } from '#component-base/log-writer'
import { spawnWorker } from '../spawn-worker'
import { stopSignal } from '../stop-signals'
import { defineVerb } from '../verb'

export const apiserver = defineVerb({
  usage: 'apiserver [flags]',
  about: `Runs the API server alone, without controllers, scheduler or nodes, with the flags that kube-apiserver has. The administrator's
kubeconfig is written to admin.conf in the data directory (and to --kubeconfig, where given); the address is printed once it answers.`,
  options: controlPlaneOptions,
  refused: refusedFlags,
  first: ['dataDir', 'kubeconfig', 'securePort', 'bindAddress', 'tlsSans', 'etcdServers', 'v'],
  examples: [
    ['navarch apiserver --data-dir ./api --secure-port 0', 'on any free port'],
    ['navarch apiserver --etcd-servers http://127.0.0.1:2379', 'on an etcd cluster'],
  ],
  async run(options, _rest, { print, say }) {
    const directory = new StateDirectory(options.dataDir)
    const log = createLog(systemClock, { level: logLevel(options.v) })
    const disposables = createDisposables()
    const stopping = new AbortController()
    const stop = stopSignal(say)
    try {
      disposables.use(directory.lock())
      const store = disposables.use(await openStore(options, directory.store, { clock: systemClock, log }))
      const controlPlane = disposables.use(await startControlPlane(options, { store, pkiDirectory: directory.pki, spawnWorker, clock: systemClock, log, signal: stopping.signal }))
      const config = kubeconfigFor(controlPlane)
      await writeKubeconfig(directory.kubeconfig, config)
      if (options.kubeconfig) await writeKubeconfig(options.kubeconfig, config)
      const { url } = controlPlane.apiServer
      disposables.use(directory.publish({ pid: process.pid, startedAt: new Date().toISOString(), url, kubeconfig: options.kubeconfig || directory.kubeconfig, sim: 0, ...(options.apiWorkers > 0 ? { apiWorkers: options.apiWorkers } : {}) }))
      print(url)
      await stop
      stopping.abort(new Error('the API server is stopping'))
    } finally {
      await disposables[Symbol.asyncDispose]()
    }
    return 0
  },
})
