import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import { podLifeSuite } from '#kubelet/pod-life-suite'
import { sharedPodSource } from '#kubelet/pod-source'
import { startSimulatedNode } from './simulated-node'

podLifeSuite('a simulated node', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  let address = 1
  const simulated = await startSimulatedNode(
    { name: 'n1', rules: { outcome: ({ image }) => (image.image.includes('brief') ? { runMs: 100, exitCode: 3 } : {}) }, silent: true },
    { client, podSource: sharedPodSource(informers.get(pods))('n1'), address: '10.0.0.1', nextPodIp: () => `10.1.0.${++address}` },
    { clock, log: silent, signal: new AbortController().signal },
  )
  const settle = (): Promise<void> => clock.advance(500)
  await settle()
  await simulated.ready
  const within = async <T>(work: Promise<T>): Promise<T> => {
    await settle()
    return work
  }
  const node = {
    lasting: { image: 'lasting:1', imagePullPolicy: 'IfNotPresent', resources: {} },
    brief: { image: 'brief:1', imagePullPolicy: 'IfNotPresent', resources: {} },
    create(name: string, spec: object) {
      api.seed(pods, {
        apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1 },
        spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'Default', securityContext: {}, nodeName: 'n1', ...spec }, status: { phase: 'Pending' },
      })
    },
    delete(name: string, graceSeconds = 30) {
      const pod = api.read<Pod>(pods, `default/${name}`)!
      api.seed(pods, { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: graceSeconds } })
    },
    vanish: (name: string) => api.vanish(pods, `default/${name}`),
    pod: (name: string) => api.read<Pod>(pods, `default/${name}`),
    async until(name: string, what: (pod: Pod | undefined) => boolean) {
      for (let tries = 0; tries < 500; tries++) {
        if (what(node.pod(name))) return node.pod(name)
        await clock.advance(100)
      }
      throw new Error(`pod ${name} did not come so far: ${JSON.stringify(node.pod(name)?.status)}`)
    },
    async inRuntime(name: string) {
      const { sandboxes, containers } = await simulated.runtime.overview()
      const own = sandboxes.filter(({ metadata }) => metadata.name === name)
      return { sandboxes: own.length, running: containers.filter(({ podSandboxId, state }) => state === 'running' && own.some(({ id }) => id === podSandboxId)).length }
    },
    settle,
    stopKubelet: () => within(simulated.stop()),
    startKubelet: () => within(simulated.start()),
    async [Symbol.asyncDispose]() {
      await within(simulated.stop())
      await informers[Symbol.asyncDispose]()
    },
  }
  return node
})
