import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { orAborted } from '#base/abort'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import { about, createEventRecorder } from '#client/events'
import type { Informer, Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Cached, Controller, ReconcileContext, Tell } from './controller'
import { createExpectations } from './expectations'
import { createWorkQueue } from './work-queue'
import type { WorkQueueMetrics } from './work-queue-metrics'

export interface ControllerDeps {
  /** A client that acts as `system:serviceaccount:kube-system:<name>`. */
  clientFor(serviceAccount: string): Client
  /** Shared by all controllers, read with rights of their own. */
  informers: Informers
  clock: Clock
  log: Log
  metrics?: WorkQueueMetrics
  /** Ends a start that still waits; one that has started is disposed of. */
  signal?: AbortSignal
}

export interface RunningController extends AsyncDisposable {
  readonly name: string
  /** Keys that wait or are worked on. */
  readonly busy: number
  /** Settles when what was recorded was sent. */
  flush(): Promise<void>
}

/** How long after unmet expectations a key is looked at again, should the event that meets them concern nobody. */
const laggingMs = 30_000

/** Starts a controller: waits for its caches, then works until it is disposed of. */
export async function startController(controller: Controller, deps: ControllerDeps): Promise<RunningController> {
  const { clock, informers } = deps
  const log = deps.log.with({ controller: controller.name })
  const stop = new AbortController()
  const signal = deps.signal ? AbortSignal.any([stop.signal, deps.signal]) : stop.signal
  const client = deps.clientFor(controller.serviceAccount ?? controller.name)
  const recorder = createEventRecorder({ component: controller.component ?? controller.name }, { client, clock, log, signal })
  const tell: Tell = (resource, object, type, reason, message) => recorder.event(about(resource, object), type, reason, message)

  const watched = new Map<string, Informer<KubeObject>>()
  for (const { resource, indexes } of controller.watches) {
    const informer = informers.get(resource)
    watched.set(idOf(resource), informer)
    for (const [name, values] of Object.entries(indexes)) informer.index(name, values)
  }
  const cached: Cached = <T extends KubeObject>(resource: ResourceRef<T>) => {
    const informer = watched.get(idOf(resource))
    if (!informer) throw new Error(`${controller.name} does not watch ${resource.resource}`)
    return informer as unknown as Informer<T>
  }
  await Promise.all([...watched.values()].map(({ synced }) => orAborted(synced, signal)))

  const expectations = createExpectations()
  const early: [string, number][] = []
  const enqueue = (key: string, afterMs = 0): void => (queue ? queue.addAfter(key, afterMs) : void early.push([key, afterMs]))
  let queue: ReturnType<typeof createWorkQueue> | undefined
  const context = { cached, client, informers, tell, clock, log, signal, enqueue, expectations, state: undefined } as ReconcileContext<unknown>
  const state = controller.setUp ? await controller.setUp(context) : undefined
  context.state = state

  queue = createWorkQueue(
    {
      name: controller.name, workers: controller.workers ?? 5,
      async work(key) {
        const outcome = await controller.reconcile(key, context)
        return expectations.met(key) ? outcome : { requeueAfter: Math.min(outcome?.requeueAfter ?? laggingMs, laggingMs) }
      },
    },
    { clock, log, metrics: deps.metrics },
  )
  const work = queue
  for (const [key, afterMs] of early) work.addAfter(key, afterMs)
  const handlers = controller.watches.map(({ resource, keys, when }) =>
    cached(resource).on((object, old) => {
      if (when && !when(object, old)) return
      if (object) for (const key of keys(object, cached)) work.add(key)
      if (old) for (const key of keys(old, cached)) work.add(key)
    }))

  return {
    name: controller.name,
    get busy() {
      return work.busy
    },
    flush: () => recorder.flush(),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error(`${controller.name} was stopped`))
      for (const handler of handlers) handler[Symbol.dispose]()
      await work[Symbol.asyncDispose]()
      await recorder.flush()
      const own = state as Partial<AsyncDisposable & Disposable> | undefined
      if (own?.[Symbol.asyncDispose]) await own[Symbol.asyncDispose]!()
      else own?.[Symbol.dispose]?.()
    },
  }
}

const idOf = ({ group, resource }: ResourceRef): string => `${group}/${resource}`
