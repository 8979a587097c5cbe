import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Container, Pod, PodSpec } from '#api/core/v1/types'

/** A node on which pods live: over a fake runtime, simulated, or real. */
export interface NodeUnderTest extends AsyncDisposable {
  /** A container that runs until it is stopped, and one that ends with code 3 soon after it began. */
  lasting: Partial<Container>
  brief: Partial<Container>
  /** A pod that is bound to the node appears in the API. */
  create(name: string, spec: Partial<PodSpec>): void
  /** It is marked for deletion, with so many seconds of grace. */
  delete(name: string, graceSeconds?: number): void
  /** It is gone from the API without a word. */
  vanish(name: string): void
  pod(name: string): Pod | undefined
  /** Resolves with the pod once this holds; throws when it does not in reasonable time. */
  until(name: string, what: (pod: Pod | undefined) => boolean): Promise<Pod | undefined>
  /** How many sandboxes and containers of a pod the runtime has. */
  inRuntime(name: string): Promise<{ sandboxes: number; running: number }>
  /** Lets the node do whatever it would still do by itself. */
  settle(): Promise<void>
  stopKubelet(): Promise<void>
  startKubelet(): Promise<void>
}

const isReady = (pod: Pod | undefined): boolean => pod?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
const containerOf = (pod: Pod | undefined) => pod?.status.containerStatuses?.[0]

/** What every node makes of its pods: PodWorkers' promises, seen from outside. */
export function podLifeSuite(name: string, open: () => Promise<NodeUnderTest>): void {
  describe(`the life of pods: ${name}`, () => {
    let node: NodeUnderTest
    const running = (spec: Partial<PodSpec> = {}): Partial<PodSpec> => ({ containers: [{ ...node.lasting, name: 'main' } as Container], ...spec })
    const ending = (spec: Partial<PodSpec> = {}): Partial<PodSpec> => ({ containers: [{ ...node.brief, name: 'main' } as Container], ...spec })
    beforeAll(async () => {
      node = await open()
    })
    afterAll(async () => {
      await node?.[Symbol.asyncDispose]()
    })

    test('a pod runs, is told to end, ends, and leaves nothing behind', async () => {
      node.create('life', running())
      const pod = await node.until('life', isReady)
      expect(pod!.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true, started: true, restartCount: 0, state: { running: {} } }] })
      expect(await node.inRuntime('life')).toEqual({ sandboxes: 1, running: 1 })
      node.delete('life')
      await node.until('life', (one) => one === undefined)
      await node.settle()
      expect(await node.inRuntime('life')).toEqual({ sandboxes: 0, running: 0 })
    })

    test('a container that ends is started again, its last end is told', async () => {
      node.create('again', ending())
      const pod = await node.until('again', (one) => (containerOf(one)?.restartCount ?? 0) >= 1)
      expect(containerOf(pod)!.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
      node.delete('again', 1)
      await node.until('again', (one) => one === undefined)
    })

    test('a pod that has ended stays ended, whatever happens to it, until it is deleted', async () => {
      node.create('ended', ending({ restartPolicy: 'Never' }))
      const pod = await node.until('ended', (one) => one?.status.phase === 'Failed')
      const { containerID } = containerOf(pod)!
      await node.settle()
      expect(await node.inRuntime('ended')).toMatchObject({ running: 0 })
      await node.stopKubelet()
      await node.startKubelet()
      await node.settle()
      expect(node.pod('ended')!.status.phase).toBe('Failed')
      expect(containerOf(node.pod('ended'))).toMatchObject({ containerID, restartCount: 0 })
      node.delete('ended')
      await node.until('ended', (one) => one === undefined)
    })

    test('a deletion before the pod runs ends it all the same', async () => {
      node.create('short', running())
      node.delete('short', 1)
      await node.until('short', (one) => one === undefined)
      await node.settle()
      expect(await node.inRuntime('short')).toEqual({ sandboxes: 0, running: 0 })
    })

    test('a pod that is gone from the API without a word is ended', async () => {
      node.create('lost', running({ terminationGracePeriodSeconds: 1 }))
      await node.until('lost', isReady)
      node.vanish('lost')
      await eventually(async () => (await node.inRuntime('lost')).running === 0)
    })

    test('a kubelet that comes back adopts what runs, ends what nobody wants any more, and starts what is new', async () => {
      node.create('kept', running())
      node.create('unwanted', running({ terminationGracePeriodSeconds: 1 }))
      const before = containerOf(await node.until('kept', isReady))!
      await node.until('unwanted', isReady)
      await node.stopKubelet()
      expect(await node.inRuntime('kept')).toMatchObject({ running: 1 })
      node.vanish('unwanted')
      node.create('new', running())
      await node.startKubelet()
      await node.until('new', isReady)
      await eventually(async () => (await node.inRuntime('unwanted')).running === 0)
      await node.settle()
      expect(containerOf(node.pod('kept'))).toEqual(before)
      expect(await node.inRuntime('kept')).toEqual({ sandboxes: 1, running: 1 })
    })

    async function eventually(what: () => Promise<boolean>): Promise<void> {
      for (let tries = 0; tries < 200; tries++) {
        if (await what()) return
        await node.settle()
      }
      throw new Error('it did not come so far')
    }
  })
}
