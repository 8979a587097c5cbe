import { join } from 'node:path'
import { pods } from '#api/core/v1/pod'
import { connectCri } from './cri/connection'
import { createCriRuntimeService } from './cri/runtime-service'
import { podLifeSuite } from './pod-life-suite'
import { shell, startTestNode } from './test-node'

podLifeSuite('a kubelet over containerd', async () => {
  const node = await startTestNode(245)
  // The kubelet's own connection ends with it.
  const connection = await connectCri(join(node.directory, 'state', 'containerd.sock'))
  const runtime = createCriRuntimeService(connection)
  return {
    lasting: shell('trap "exit 0" TERM; while true; do sleep 0.05; done'),
    brief: shell('sleep 0.2; exit 3'),
    create: node.create, delete: node.delete, pod: node.pod, until: node.until, stopKubelet: node.stopKubelet, startKubelet: node.startKubelet,
    vanish: (name) => node.api.vanish(pods, `default/${name}`),
    async inRuntime(name) {
      const { sandboxes, containers } = await runtime.overview()
      const own = sandboxes.filter(({ metadata }) => metadata.name === name)
      return { sandboxes: own.length, running: containers.filter(({ podSandboxId, state }) => state === 'running' && own.some(({ id }) => id === podSandboxId)).length }
    },
    settle: () => new Promise((resolve) => setTimeout(resolve, 500)),
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]()
      await node[Symbol.asyncDispose]()
    },
  }
})
