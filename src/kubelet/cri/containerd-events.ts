import type { Clock } from '#base/clock'
import { podUidLabel } from '../pod/labels'
import type { RuntimeService } from '../runtime-service'
import { isRuntimeNotFound } from '../runtime-service'
import type { CriConnection } from './connection'
import type { Method } from './messages'
import { type Codec, message, type Sort } from './wire'

interface Envelope { topic: string; event?: { value: Uint8Array } }

const any = message<{ value: Uint8Array }>({ value: [2, 'bytes'] }) as Codec<never>
const subscribe: Method<{ filters: readonly string[] }, Envelope> = {
  path: '/containerd.services.events.v1.Events/Subscribe',
  request: message<{ filters: readonly string[] }>({ filters: [1, { list: 'string' } as Sort] }),
  response: message<Envelope>({ topic: [3, 'string'], event: [4, any] }),
}
const taskStart = message<{ containerId: string }>({ containerId: [1, 'string'] })
const taskExit = message<{ containerId: string; id: string }>({ containerId: [1, 'string'], id: [2, 'string'] })
const filters = ['/tasks/start', '/tasks/exit'].map((topic) => `namespace==k8s.io,topic=="${topic}"`)

/** How long after the end of a task containerd's CRI part may still call it running: it hears of it in the same moment as we, and on a busy machine acts on it seconds later. */
const settleMs = [5, 20, 50, 100, 250, 500, 1000, 2000, 4000, 8000, 16_000]

/**
 * Events of a containerd before 1.7, which knows none in CRI: its own API on the same socket has them. Without them every
 * container would have to be listed each second, which keeps an idle node busy and notices an end a second late.
 */
export function containerdEvents(connection: CriConnection, runtime: Pick<RuntimeService, 'containerStatus' | 'podSandboxStatus'>, isStopping: (id: string) => boolean, clock: Clock): NonNullable<RuntimeService['events']> {
  /** The labels of a container or sandbox that has ended; undefined while it is still called running. */
  const labelsOfEnded = async (id: string): Promise<Readonly<Record<string, string>> | undefined> => {
    const container = await orGone(runtime.containerStatus(id))
    if (container) return container.state === 'running' ? undefined : container.labels
    const sandbox = await orGone(runtime.podSandboxStatus(id))
    return sandbox?.state === 'ready' ? undefined : (sandbox?.labels ?? {})
  }

  return (deliver, signal) => {
    const ended = async (containerId: string, tries = 0): Promise<void> => {
      const labels = await labelsOfEnded(containerId)
      const wait = settleMs[tries]
      // One that ends later than that is found by the next relist.
      if (!labels && wait !== undefined && !signal.aborted) return void clock.after(wait, () => settle(containerId, tries + 1))
      deliver({ containerId, type: 'stopped', ...(labels?.[podUidLabel] ? { podUid: labels[podUidLabel] } : {}) })
    }
    // Where the runtime does not answer, the kubelet looks for itself.
    const settle = (containerId: string, tries = 0): void => void ended(containerId, tries).catch(() => deliver({ containerId, type: 'stopped' }))
    return connection.stream(subscribe, { filters }, ({ topic, event }) => {
      if (!event) return
      if (topic === '/tasks/start') return deliver({ containerId: taskStart.decode(event.value).containerId, type: 'started' })
      const { containerId, id } = taskExit.decode(event.value)
      // Programs run by exec end too; they have names of their own.
      if (id !== containerId) return
      if (isStopping(id)) deliver({ containerId, type: 'stopped', asked: true })
      else settle(containerId)
    }, signal)
  }
}

async function orGone<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (isRuntimeNotFound(error)) return undefined
    throw error
  }
}
