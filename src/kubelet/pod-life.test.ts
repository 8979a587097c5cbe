import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import { createFakeImageService } from './fake/image-service'
import { createFakeRuntimeService } from './fake/runtime-service'
import { createKubelet, type RunningKubelet } from './kubelet'
import { pretendedMachine } from './node/machine'
import { podLifeSuite } from './pod-life-suite'
import { noHost } from './pod-host'
import { alwaysWell } from './prober/probe-runner'

podLifeSuite('a kubelet over a fake runtime', async () => {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const rules = { outcome: ({ image }: { image: { image: string } }) => (image.image.includes('brief') ? { runMs: 100, exitCode: 3 } : {}) }
  const runtime = createFakeRuntimeService({ clock, rules })
  const informers = createInformers(client, { clock, log: silent })
  let kubelet: RunningKubelet | undefined
  const settle = (): Promise<void> => clock.advance(500)
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
      const { sandboxes, containers } = await runtime.overview()
      const own = sandboxes.filter(({ metadata }) => metadata.name === name)
      return { sandboxes: own.length, running: containers.filter(({ podSandboxId, state }) => state === 'running' && own.some(({ id }) => id === podSandboxId)).length }
    },
    settle,
    async stopKubelet() {
      const stopping = kubelet![Symbol.asyncDispose]()
      await settle()
      await stopping
      kubelet = undefined
    },
    async startKubelet() {
      const made = createKubelet({ nodeName: 'n1' }, { client, informers, runtime, images: createFakeImageService({}), host: noHost, machine: pretendedMachine('n1', { cpu: '4', memory: '8Gi' }), probes: alwaysWell })
      kubelet = await made.start({ log: silent, clock, signal: new AbortController().signal })
      await settle()
      await kubelet.ready
    },
    async [Symbol.asyncDispose]() {
      if (kubelet) await node.stopKubelet()
      await informers[Symbol.asyncDispose]()
    },
  }
  await node.startKubelet()
  return node
})
