import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceaccounts } from '#api/core/v1/service-account'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import type { Container, Event, Pod, PodSpec } from '#api/core/v1/types'
import { systemClock } from '#base/clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import type { FakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import { startContainerd } from './cri/containerd'
import { containerdOptions } from './cri/containerd-config'
import { importImage } from './cri/import-image'
import { ociArchive } from './cri/oci-archive'
import { createLinuxKubelet } from './linux-kubelet'
import type { RunningLinuxKubelet } from './linux-kubelet'
import { linuxMounts } from './volumes/mounts'

/** A real node for root tests: containerd, a bridge network and a kubelet of our own, before a small API. All of it goes again. */
export interface TestNode extends AsyncDisposable {
  readonly api: FakeApi
  readonly directory: string
  kubelet: RunningLinuxKubelet
  pod(name: string): Pod | undefined
  create(name: string, spec: Partial<PodSpec>, metadata?: Partial<Pod['metadata']>): void
  delete(name: string, graceSeconds?: number): void
  until(name: string, what: (pod: Pod | undefined) => boolean, seconds?: number): Promise<Pod | undefined>
  events(name: string): string[]
  stopKubelet(): Promise<void>
  startKubelet(): Promise<void>
}

export const busybox = 'docker.io/library/busybox:test'
export const shell = (script: string, more: Partial<Container> = {}): Container => ({ name: 'main', image: busybox, command: ['sh', '-c', script], resources: {}, imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', ...more })

export async function startTestNode(octet: number): Promise<TestNode> {
  const directory = mkdtempSync(join(tmpdir(), 'navarch-node-'))
  const cni = join(directory, 'cni')
  const bridge = `nvtest${octet}`
  mkdirSync(cni)
  writeFileSync(join(cni, '10-test.conflist'), JSON.stringify({
    cniVersion: '1.0.0', name: bridge,
    plugins: [{ type: 'bridge', bridge, isGateway: true, ipam: { type: 'host-local', dataDir: join(directory, 'ipam'), ranges: [[{ subnet: `10.${octet}.0.0/24` }]], routes: [{ dst: '0.0.0.0/0' }] } }],
  }))
  const abort = new AbortController()
  const containerd = await startContainerd(
    containerdOptions({ root: join(directory, 'root'), state: join(directory, 'state'), cniBinDir: '/usr/lib/cni', cniConfDir: cni, restrictOomScoreAdj: true, disableApparmor: true }),
    { clock: systemClock, log: silent, signal: abort.signal },
  )
  const image = join(directory, 'busybox.tar')
  const applets = ['sh', 'cat', 'echo', 'sleep', 'ls', 'id', 'grep', 'mount', 'head', 'tail', 'httpd', 'nc', 'wget', 'true', 'false', 'env', 'stat', 'touch', 'hostname', 'kill', 'dd', 'yes', 'seq', 'ip']
  writeFileSync(image, ociArchive({ name: busybox, architecture: 'amd64', files: { 'bin/busybox': { content: readFileSync('/usr/bin/busybox'), mode: 0o755 } }, links: Object.fromEntries(applets.map((name) => [`bin/${name}`, 'busybox'])), config: { Env: ['PATH=/bin'] } }))
  await importImage(image, { socket: containerd.socket })

  const api = createFakeApi({ clock: systemClock })
  api.seed(serviceaccounts, { metadata: { name: 'default', namespace: 'default' } })
  const client = createClient(api)
  const waiters = new Set<() => void>()
  const watching = client.watch(pods, { resourceVersion: '0', signal: abort.signal }, () => waiters.forEach((wake) => wake()))
  const cgroupRoot = `/navarch-test-${octet}`

  const startKubelet = async (): Promise<void> => {
    const informers = createInformers(client, { clock: systemClock, log: silent })
    const kubelet = await createLinuxKubelet(
      { nodeName: 'n1', nodeIps: [`10.${octet}.0.1`], criSocket: containerd.socket, rootDirectory: join(directory, 'kubelet'), podLogsDirectory: join(directory, 'logs'), cgroupRoot, clusterDns: ['10.96.0.10'] },
      { client, informers },
    ).start({ log: silent, clock: systemClock, signal: abort.signal })
    await kubelet.ready
    node.kubelet = { ...kubelet, async [Symbol.asyncDispose]() { await kubelet[Symbol.asyncDispose](); await informers[Symbol.asyncDispose]() } }
  }
  const node: TestNode = {
    api, directory,
    kubelet: undefined as unknown as RunningLinuxKubelet,
    pod: (name) => api.read<Pod>(pods, `default/${name}`),
    create(name, spec, metadata = {}) {
      api.seed(pods, {
        apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `${name}-0000`, generation: 1, ...metadata },
        spec: { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 2, dnsPolicy: 'ClusterFirst', securityContext: {}, schedulerName: 's', enableServiceLinks: true, nodeName: 'n1', ...spec }, status: { phase: 'Pending' },
      })
    },
    delete(name, graceSeconds = 2) {
      const pod = node.pod(name)!
      api.seed(pods, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: graceSeconds } })
    },
    async until(name, what, seconds = 30) {
      const end = Date.now() + seconds * 1000
      for (;;) {
        const pod = node.pod(name)
        if (what(pod)) return pod
        if (Date.now() > end) throw new Error(`pod ${name} did not come so far: ${JSON.stringify({ status: pod?.status, events: node.events(name) }, undefined, 1)}`)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, Math.max(1, end - Date.now()))
          function done(): void {
            clearTimeout(timer)
            waiters.delete(done)
            resolve()
          }
          waiters.add(done)
        })
      }
    },
    events: (name) => api.all<Event>(events).filter((event) => event.involvedObject.name === name).map((event) => `${event.reason}: ${event.message}`),
    stopKubelet: async () => node.kubelet[Symbol.asyncDispose](),
    startKubelet,
    async [Symbol.asyncDispose]() {
      for (const pod of api.all<Pod>(pods)) api.vanish(pods, `default/${pod.metadata.name}`)
      const end = Date.now() + 20_000
      while ((await node.kubelet.runtime.listPodSandboxes()).length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50))
      await node.kubelet[Symbol.asyncDispose]()
      abort.abort()
      await watching.catch(() => undefined)
      await containerd[Symbol.asyncDispose]()
      for (const path of await linuxMounts.below(directory)) await linuxMounts.ensureUnmounted(path)
      removeCgroups(cgroupRoot)
      // There is none where no pod had a network.
      if (existsSync(`/sys/class/net/${bridge}`)) execFileSync('ip', ['link', 'delete', bridge])
      rmSync(directory, { recursive: true, force: true })
    },
  }
  await startKubelet()
  return node
}

function removeCgroups(root: string): void {
  for (const controller of readdirSync('/sys/fs/cgroup')) {
    try {
      execFileSync('find', [`/sys/fs/cgroup/${controller}${root}`, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+'], { stdio: 'ignore' })
    } catch (error) {
      if ((error as { status?: number }).status === undefined) throw error
    }
  }
}
