import type { Pod } from '#api/core/v1/types'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import { sameData } from '#base/clone'
import type { Log } from '#component-base/log'
import { isKubeletCondition } from './conditions'
import { isTerminalPhase } from './phase'
import type { RuntimePod } from './runtime-pod'

/**
 * One worker per pod UID, which does one thing at a time and only ever goes forward:
 * sync -> terminating (containers are being stopped) -> terminated (volumes and cgroups are taken away) -> finished.
 * A UID never comes back. A pod of the runtime that no source knows is given a worker that begins at terminating. Workers
 * hold no timers while there is nothing to wait for.
 */
export interface PodWorkers {
  /** A source added the pod or changed it; a deletion timestamp or an ended phase makes it terminate. */
  update(pod: Pod): void
  /** No source has it any more: deleted with force, or gone while the kubelet was away. */
  remove(uid: string): void
  /** Ends a pod for a reason of the node's own (eviction, deadline). Ignored where it terminates already. */
  evict(uid: string, verdict: Verdict, gracePeriodSeconds?: number): void
  /** A runtime pod that no source knows. Only to be called once every source has reported. */
  terminateOrphan(runtimePod: RuntimePod): void
  /** Something happened in the runtime, or a probe turned: look again soon. */
  wake(uid: string): void
  phase(uid: string): WorkerPhase | undefined
  pod(uid: string): Pod | undefined
  uids(): Iterable<string>
  /** Ends all work without touching the runtime: containers survive. Resolves when nothing is under way. */
  stop(): Promise<void>
}

export type WorkerPhase = 'sync' | 'terminating' | 'terminated' | 'finished'
export interface Verdict {
  reason: string
  message: string
  /** The pod was disturbed from outside: its DisruptionTarget condition says so, with this reason. */
  disruption?: string
}
export interface Termination { gracePeriodSeconds: number; verdict?: Verdict }
/** `terminal`: nothing of the pod will start again. `againInMs`: look again then, if nothing happens before. */
export interface SyncOutcome { terminal: boolean; againInMs?: number }

export interface PodSyncer {
  sync(pod: Pod, signal: AbortSignal): Promise<SyncOutcome>
  /** Stops all containers; resolves when none runs. Called again with a shorter grace period when that is asked for. */
  terminate(pod: Pod, termination: Termination, signal: AbortSignal): Promise<void>
  terminateOrphan(runtimePod: RuntimePod, signal: AbortSignal): Promise<void>
  /** Takes away what the pod had on the node; its final status is out afterwards. */
  cleanUp(pod: Pod, signal: AbortSignal): Promise<void>
  /** The pod is finished and no source knows it: what the runtime still has of it may go. */
  forget(uid: string): void
}

interface Worker {
  readonly uid: string
  pod: Pod | undefined
  orphan: RuntimePod | undefined
  phase: WorkerPhase
  grace: number | undefined
  verdict: Verdict | undefined
  /** No source has it. */
  removed: boolean
  dirty: boolean
  running: Promise<void> | undefined
  abort: AbortController | undefined
  timer: Disposable | undefined
  failures: number
}

const retry = { initial: 1000, max: 10_000, jitter: 0.2 }

export function createPodWorkers(syncer: PodSyncer, { clock, log }: { clock: Clock; log: Log }): PodWorkers {
  const workers = new Map<string, Worker>()
  let stopped = false

  function workerOf(uid: string, phase: WorkerPhase): Worker {
    let worker = workers.get(uid)
    if (!worker) {
      worker = { uid, pod: undefined, orphan: undefined, phase, grace: undefined, verdict: undefined, removed: false, dirty: false, running: undefined, abort: undefined, timer: undefined, failures: 0 }
      workers.set(uid, worker)
    }
    return worker
  }

  function schedule(worker: Worker): void {
    if (stopped || worker.phase === 'finished') return
    worker.dirty = true
    if (worker.running) return
    worker.timer?.[Symbol.dispose]()
    worker.timer = undefined
    worker.running = run(worker).finally(() => {
      worker.running = undefined
      if (worker.dirty) schedule(worker)
      else if (worker.phase === 'finished' && worker.removed) drop(worker)
    })
  }

  async function run(worker: Worker): Promise<void> {
    // Several updates of one tick are one piece of work.
    await Promise.resolve()
    while (worker.dirty && !stopped && worker.phase !== 'finished') {
      worker.dirty = false
      worker.abort = new AbortController()
      const was = worker.phase
      try {
        const again = await step(worker, worker.abort.signal)
        worker.failures = 0
        if (again !== undefined && !worker.dirty && !stopped) wait(worker, again)
      } catch (error) {
        // An abort says that something more urgent came; that is in `dirty` already.
        if (worker.abort.signal.aborted) continue
        log.warn('pod worker failed, will try again', { pod: nameOf(worker), phase: was, error })
        if (!worker.dirty && !stopped) wait(worker, waitAfter(worker.failures++, retry))
      } finally {
        worker.abort = undefined
      }
    }
  }

  /** Resolves with the milliseconds after which to look again. */
  async function step(worker: Worker, signal: AbortSignal): Promise<number | undefined> {
    switch (worker.phase) {
      case 'sync': {
        const { terminal, againInMs } = await syncer.sync(worker.pod!, signal)
        if (terminal && worker.phase === 'sync') {
          worker.phase = 'terminating'
          worker.dirty = true
        }
        return againInMs
      }
      case 'terminating':
        if (worker.pod) {
          await syncer.terminate(worker.pod, { gracePeriodSeconds: graceOf(worker), ...(worker.verdict ? { verdict: worker.verdict } : {}) }, signal)
          worker.phase = 'terminated'
          worker.dirty = true
        } else {
          await syncer.terminateOrphan(worker.orphan!, signal)
          finish(worker)
        }
        return undefined
      case 'terminated':
        await syncer.cleanUp(worker.pod!, signal)
        finish(worker)
        return undefined
      case 'finished':
        return undefined
    }
  }

  function finish(worker: Worker): void {
    worker.phase = 'finished'
    worker.dirty = false
  }

  function drop(worker: Worker): void {
    if (workers.get(worker.uid) !== worker) return
    workers.delete(worker.uid)
    syncer.forget(worker.uid)
  }

  function wait(worker: Worker, ms: number): void {
    worker.timer = clock.after(ms, () => {
      worker.timer = undefined
      schedule(worker)
    })
  }

  function graceOf(worker: Worker): number {
    return Math.max(0, worker.grace ?? worker.pod?.metadata.deletionGracePeriodSeconds ?? worker.pod?.spec.terminationGracePeriodSeconds ?? 30)
  }

  /** From now on the pod only ends; a shorter grace period cuts the one under way short. */
  function terminate(worker: Worker, grace: number | undefined): void {
    if (worker.phase === 'terminated' || worker.phase === 'finished') return
    const shorter = grace !== undefined && grace < graceOf(worker)
    if (grace !== undefined && (worker.grace === undefined || grace < worker.grace)) worker.grace = grace
    if (worker.phase === 'sync' || shorter) worker.abort?.abort(new Error('the pod terminates'))
    const first = worker.phase === 'sync'
    worker.phase = 'terminating'
    if (first || shorter) schedule(worker)
  }

  const nameOf = (worker: Worker): string => {
    const it = worker.pod?.metadata ?? worker.orphan
    return `${it?.namespace ?? ''}/${it?.name ?? ''}`
  }

  return {
    update(pod) {
      const uid = pod.metadata.uid ?? ''
      const before = workers.get(uid)
      if (before?.phase === 'finished') {
        before.pod = pod
        return
      }
      const worker = workerOf(uid, 'sync')
      const old = worker.pod
      worker.pod = pod
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (!old) schedule(worker)
        terminate(worker, pod.metadata.deletionGracePeriodSeconds)
      } else if (isTerminalPhase(pod.status.phase)) {
        if (!old) schedule(worker)
        terminate(worker, undefined)
      } else if (!old || (worker.phase === 'sync' && concernsKubelet(old, pod))) {
        schedule(worker)
      }
    },
    remove(uid) {
      const worker = workers.get(uid)
      if (!worker) return
      worker.removed = true
      if (worker.phase === 'finished') {
        if (!worker.running) drop(worker)
      } else {
        terminate(worker, undefined)
      }
    },
    evict(uid, verdict, gracePeriodSeconds) {
      const worker = workers.get(uid)
      if (worker?.phase !== 'sync') return
      worker.verdict = verdict
      terminate(worker, gracePeriodSeconds)
    },
    terminateOrphan(runtimePod) {
      if (workers.has(runtimePod.uid)) return
      const worker = workerOf(runtimePod.uid, 'terminating')
      worker.orphan = runtimePod
      worker.removed = true
      schedule(worker)
    },
    wake(uid) {
      const worker = workers.get(uid)
      if (worker?.phase === 'sync') schedule(worker)
    },
    phase: (uid) => workers.get(uid)?.phase,
    pod: (uid) => workers.get(uid)?.pod,
    uids: () => workers.keys(),
    async stop() {
      stopped = true
      const under = [...workers.values()].flatMap((worker) => {
        worker.timer?.[Symbol.dispose]()
        worker.abort?.abort(new Error('the kubelet stops'))
        return worker.running ?? []
      })
      await Promise.all(under)
    },
  }
}

/** Most updates are our own statuses coming back; only what others may have changed is worth a sync. */
function concernsKubelet(old: Pod, pod: Pod): boolean {
  if (old === pod) return false
  if (!sameData(old.spec, pod.spec)) return true
  if (!sameData(old.metadata.labels, pod.metadata.labels) || !sameData(old.metadata.annotations, pod.metadata.annotations)) return true
  const foreign = (one: Pod) => (one.status.conditions ?? []).filter((condition) => !isKubeletCondition(condition.type))
  return !sameData(foreign(old), foreign(pod))
}
