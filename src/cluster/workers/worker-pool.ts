import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import { serveStore } from '#storage/shared/serve-store'
import type { Store } from '#storage/store'
import type { Door } from './door'
import { createHandover } from './handover'
import { type FromWorker, storeDescriptor, type ToWorker, type WorkerSettings } from './messages'

/** Starts a process that calls `runWorker`, with a channel for messages and a stream at `storeDescriptor`. */
export type SpawnWorker = () => ChildProcess

export interface WorkerPoolDeps {
  readonly spawn: SpawnWorker
  /** Stays whose it is. */
  readonly store: Store
  readonly door: Door
  /** For the worker of a number, from 1. */
  readonly settings: (worker: number) => WorkerSettings
  /** Milliseconds that a worker which was asked to stop may take. */
  readonly patience: number
  readonly clock: Clock
  readonly log: Log
}

export interface WorkerPool extends AsyncDisposable {
  /** Process ids of those that serve. */
  readonly pids: readonly number[]
  /** Something beside the API server runs now. */
  componentStarted(name: string): void
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<string>
  stop(): void
}

/** A worker that served so long and then died is started again at once. */
const steadyAfter = 30_000

/** Starts so many workers and keeps them running. Resolves when all of them serve; throws when one cannot start. */
export async function startWorkers(count: number, deps: WorkerPoolDeps): Promise<WorkerPool> {
  const { door, clock, log, patience } = deps
  const stopping = new AbortController()
  const running = new Set<Running>()
  const components: string[] = []

  const keep = async (number: number, first: { resolve(): void; reject(reason: unknown): void }): Promise<void> => {
    const backoff = createBackoff({ initial: 100, max: 30_000 })
    while (!stopping.signal.aborted) {
      const since = clock.monotonic()
      const [ready, worker] = start(deps, number, components)
      running.add(worker)
      void ready.then(first.resolve, () => undefined)
      const why = await worker.ended
      running.delete(worker)
      if (stopping.signal.aborted) return
      if (clock.monotonic() - since > steadyAfter) backoff.reset()
      const wait = backoff.next()
      log.error('an API worker has ended and is started again', { worker: number, pid: worker.child.pid, why, waitMs: wait })
      first.reject(new Error(`API worker ${number} ended before it served: ${why}`))
      await clock.sleep(wait, stopping.signal).catch(() => undefined)
    }
  }

  const firsts = Array.from({ length: count }, () => createDeferred())
  const kept = firsts.map((first, i) => keep(i + 1, first))
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the API workers are stopping'))
    door.closeBehindLast()
    for (const worker of running) worker.stop()
    using _patience = clock.after(patience, () => {
      for (const { child } of running) {
        log.error('an API worker did not stop in time and is killed', { pid: child.pid })
        child.kill('SIGKILL')
      }
    })
    await Promise.all(kept)
  }
  try {
    await Promise.all(firsts.map(({ promise }) => promise))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get pids() {
      return [...running].flatMap(({ child }) => child.pid ?? [])
    },
    componentStarted(name) {
      components.push(name)
      for (const { child } of running) tell(child, { started: name })
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** One that has gone hears nothing more; that it has gone is known otherwise. */
const tell = (child: ChildProcess, message: ToWorker): void => void (child.connected && child.send(message, () => undefined))

function start({ spawn, store, door, settings }: WorkerPoolDeps, number: number, components: readonly string[]): [ready: Promise<void>, worker: Running] {
  const child = spawn()
  const ready = createDeferred()
  const ended = createDeferred<string>()
  const handover = createHandover(child)
  let place: Disposable | undefined
  let failed: string | undefined
  const leave = (): void => {
    place?.[Symbol.dispose]()
    place = undefined
  }
  // A process that could not be started has no streams.
  const stream = (child.stdio as ChildProcess['stdio'] | undefined)?.[storeDescriptor] as Duplex | undefined
  const serving = stream && serveStore(store, stream)
  const end = (why: string): void => {
    leave()
    serving?.[Symbol.dispose]()
    for (const socket of handover.end()) door.pass(socket)
    ready.reject(new Error(why))
    ended.resolve(why)
  }

  child.on('message', (message: FromWorker) => {
    if ('took' in message) handover.took()
    else if ('left' in message) leave()
    else if ('failed' in message) failed = message.failed
    else {
      place = door.add(handover)
      ready.resolve()
    }
  })
  child.once('error', (error) => end(messageOf(error)))
  child.once('exit', (code, signal) => {
    const over = (): void => end(failed ?? (signal ? `killed by ${signal}` : `code ${code}`))
    // Its last words may still be on their way.
    if (child.connected) child.once('disconnect', over)
    else over()
  })
  const told = settings(number)
  tell(child, { start: told.components ? { ...told, components } : told })
  return [ready.promise, { child, ended: ended.promise, stop: () => tell(child, { stop: true }) }]
}
