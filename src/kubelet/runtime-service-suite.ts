import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerEvent, PodSandboxConfig, RuntimeService } from './runtime-service'
import { isRuntimeNotFound } from './runtime-service'

export interface RuntimeUnderTest extends AsyncDisposable {
  runtime: RuntimeService
  /** What `createContainer` takes for an image that stays until it is stopped, and ends by itself within a second of that. */
  image: string
  command: readonly string[]
  logDirectory: string
}

/** What every RuntimeService does alike. */
export function runtimeServiceSuite(name: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(`RuntimeService: ${name}`, () => {
    let at: RuntimeUnderTest
    let runtime: RuntimeService
    beforeAll(async () => {
      at = await open()
      runtime = at.runtime
    })
    afterAll(async () => {
      await at?.[Symbol.asyncDispose]()
    })
    const labels = (uid: string) => ({ 'io.kubernetes.pod.uid': uid, 'io.kubernetes.pod.name': uid, 'io.kubernetes.pod.namespace': 'default' })
    const sandboxOf = (uid: string): PodSandboxConfig => ({
      metadata: { name: uid, uid, namespace: 'default', attempt: 0 }, labels: labels(uid), annotations: { note: 'kept' }, logDirectory: at.logDirectory,
      linux: { securityContext: { namespaceOptions: { network: 'node', pid: 'container', ipc: 'pod' } } },
    })
    const make = async (uid: string, attempt = 0): Promise<{ sandbox: string; container: string }> => {
      const config = sandboxOf(uid)
      const [there] = await runtime.listPodSandboxes({ labels: labels(uid) })
      const sandbox = there?.id ?? (await runtime.runPodSandbox(config))
      const container = await runtime.createContainer(sandbox, { metadata: { name: 'main', attempt }, image: { image: at.image }, command: at.command, labels: { ...labels(uid), 'io.kubernetes.container.name': 'main' }, annotations: { hash: 'x' }, logPath: `${uid}-${attempt}.log`, linux: {} }, config)
      return { sandbox, container }
    }

    test('says who it is, and that it is ready', async () => {
      expect((await runtime.version()).runtimeName).toMatch(/.+/)
      expect((await runtime.status()).conditions.find(({ type }) => type === 'RuntimeReady')?.status).toBe(true)
    })

    test('a container is created, runs, ends and is removed', async () => {
      const { sandbox, container } = await make('life')
      expect(await runtime.containerStatus(container)).toMatchObject({ id: container, state: 'created', metadata: { name: 'main', attempt: 0 }, annotations: { hash: 'x' } })
      await runtime.startContainer(container)
      const running = await runtime.containerStatus(container)
      expect(running.state).toBe('running')
      expect(running.startedAt).toBeGreaterThanOrEqual(running.createdAt)
      expect(await runtime.listContainers({ state: 'running', labels: labels('life') })).toMatchObject([{ id: container, podSandboxId: sandbox, state: 'running' }])
      await runtime.stopContainer(container, 2)
      const exited = await runtime.containerStatus(container)
      expect(exited.state).toBe('exited')
      expect(exited.finishedAt).toBeGreaterThanOrEqual(exited.startedAt)
      await runtime.removeContainer(container)
      await expect(runtime.containerStatus(container).catch((error: unknown) => isRuntimeNotFound(error))).resolves.toBe(true)
      await runtime.stopPodSandbox(sandbox)
      await runtime.removePodSandbox(sandbox)
    })

    test('a sandbox that is stopped takes its containers along', async () => {
      const { sandbox, container } = await make('box')
      await runtime.startContainer(container)
      expect(await runtime.podSandboxStatus(sandbox)).toMatchObject({ id: sandbox, state: 'ready', metadata: { uid: 'box' }, annotations: { note: 'kept' } })
      await runtime.stopPodSandbox(sandbox)
      expect((await runtime.podSandboxStatus(sandbox)).state).toBe('not-ready')
      expect((await runtime.containerStatus(container)).state).toBe('exited')
      await runtime.removePodSandbox(sandbox)
      expect(await runtime.listPodSandboxes({ labels: labels('box') })).toEqual([])
      expect(await runtime.listContainers({ labels: labels('box') })).toEqual([])
    })

    test('stopping and removing again, or what is not there, is no error', async () => {
      const { sandbox, container } = await make('twice')
      await runtime.startContainer(container)
      for (let i = 0; i < 2; i++) await runtime.stopContainer(container, 2)
      for (let i = 0; i < 2; i++) await runtime.removeContainer(container)
      for (let i = 0; i < 2; i++) await runtime.stopPodSandbox(sandbox)
      for (let i = 0; i < 2; i++) await runtime.removePodSandbox(sandbox)
      await expect(runtime.podSandboxStatus(sandbox).catch((error: unknown) => isRuntimeNotFound(error))).resolves.toBe(true)
    })

    test('attempts of one container stand side by side', async () => {
      const first = await make('again')
      await runtime.startContainer(first.container)
      await runtime.stopContainer(first.container, 2)
      const second = await make('again', 1)
      await runtime.startContainer(second.container)
      const states = (await runtime.listContainers({ labels: labels('again') })).map(({ metadata, state }) => `${metadata.attempt} ${state}`)
      expect(states.sort()).toEqual(['0 exited', '1 running'])
      const overview = await runtime.overview()
      expect(overview.containers.filter(({ podSandboxId }) => podSandboxId === first.sandbox).map(({ state }) => state).sort()).toEqual(['exited', 'running'])
      expect(overview.sandboxes.find(({ id }) => id === first.sandbox)).toMatchObject({ state: 'ready', metadata: { uid: 'again' }, labels: labels('again') })
      await runtime.stopPodSandbox(first.sandbox)
      await runtime.removePodSandbox(first.sandbox)
    })

    test('where events are sent, they tell of starts and ends', async ({ skip }) => {
      const { events } = runtime
      if (!events) return skip()
      const abort = new AbortController()
      const seen: ContainerEvent[] = []
      let refused: unknown
      const following = events((event) => seen.push(event), abort.signal).catch((error: unknown) => (refused = error))
      const { sandbox, container } = await make('told')
      await runtime.startContainer(container)
      await runtime.stopContainer(container, 2)
      await runtime.stopPodSandbox(sandbox)
      await runtime.removePodSandbox(sandbox)
      abort.abort()
      await following
      // A runtime that has the verb in name only says so: then the kubelet lists.
      if (refused !== undefined) expect(refused).toMatchObject({ code: 'unimplemented' })
      else expect(seen.filter(({ containerId }) => containerId === container).map(({ type }) => type)).toEqual(expect.arrayContaining(['started', 'stopped']))
    })
  })
}
