import { isConflict, isNotFound } from '#apimachinery/api-error'
import { pods } from '#api/core/v1/pod'
import type { Pod, PodStatus } from '#api/core/v1/types'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import { isStaticPod } from '#component-helpers/static-pods'
import type { Log } from '#component-base/log'
import { isTerminalPhase } from '../pod/phase'
import { statusPatch } from '../pod/status-patch'

/**
 * Brings statuses to the API: only what changed, one write at a time per pod, several changes of one tick in one write; tries
 * again while the server is away. A pod that is finished and marked for deletion is deleted for good here.
 */
export interface StatusManager {
  get(uid: string): PodStatus | undefined
  /** `mayRun`: containers may still run, so a phase that has ended is held back. */
  set(pod: Pod, status: PodStatus, mayRun: boolean): void
  /** Nothing of the pod is left on the node: once marked for deletion it may go. */
  finish(uid: string): void
  /** The API's newest copy of a pod. */
  observe(pod: Pod): void
  /** What stands in the API for a static pod is there, or another: it is told everything. */
  mirrored(pod: Pod): void
  forget(uid: string): void
  /** Resolves when everything known so far was written, but for pods whose writes fail at the moment. */
  flush(): Promise<void>
}

interface Entry { pod: Pod; wanted: PodStatus | undefined; finished: boolean; deleted: boolean; writing: Promise<void> | undefined; dirty: boolean; failures: number }

export interface StatusManagerDeps {
  client: Client
  clock: Clock
  log: Log
  signal: AbortSignal
  /** What stands in the API for a static pod. */
  mirrorOf?(pod: Pod): Pod | undefined
}

export function createStatusManager({ client, clock, log, signal, mirrorOf }: StatusManagerDeps): StatusManager {
  const entries = new Map<string, Entry>()

  const entryOf = (pod: Pod): Entry => {
    const uid = pod.metadata.uid ?? ''
    let entry = entries.get(uid)
    if (!entry) entries.set(uid, (entry = { pod, wanted: undefined, finished: false, deleted: false, writing: undefined, dirty: false, failures: 0 }))
    return entry
  }

  function schedule(entry: Entry): void {
    entry.dirty = true
    if (entry.writing || signal.aborted) return
    entry.writing = write(entry).finally(() => {
      entry.writing = undefined
      if (entry.dirty) schedule(entry)
    })
  }

  async function write(entry: Entry): Promise<void> {
    // Let the tick end: a pod that starts at once has one status, not three.
    await new Promise<void>((resolve) => clock.after(0, resolve))
    while (entry.dirty && !signal.aborted) {
      entry.dirty = false
      try {
        await reconcile(entry)
        entry.failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (isNotFound(error) || isConflict(error)) {
          // Gone, or another pod of that name: the informer tells the workers.
          log.debug('pod status not written', { pod: nameOf(entry.pod), error })
          continue
        }
        log.warn('pod status not written, will try again', { pod: nameOf(entry.pod), error })
        entry.dirty = true
        await clock.sleep(waitAfter(entry.failures++, { initial: 200, max: 10_000, jitter: 0.2 }), signal).catch((reason: unknown) => log.debug('no further try', { reason }))
      }
    }
  }

  async function reconcile(entry: Entry): Promise<void> {
    if (isStaticPod(entry.pod)) return reconcileMirror(entry)
    const { namespace, name, uid = '' } = entry.pod.metadata
    const where = { ...(namespace ? { namespace } : {}), name }
    const patch = entry.wanted && statusPatch(uid, entry.pod.status, entry.wanted)
    if (patch) {
      const written = await client.patch(pods, where, patch, { type: 'strategic', subresource: 'status', signal })
      if (written.metadata.uid === uid) entry.pod = newer(entry.pod, written)
    }
    if (entry.finished && !entry.deleted && entry.pod.metadata.deletionTimestamp !== undefined && isTerminalPhase(entry.pod.status.phase)) {
      entry.deleted = true
      await client.delete(pods, where, { gracePeriodSeconds: 0, preconditions: { uid }, signal })
    }
  }

  /** A static pod is not in the API; its mirror is shown how it is, once there is one. */
  async function reconcileMirror({ pod, wanted }: Entry): Promise<void> {
    const mirror = mirrorOf?.(pod)
    const patch = mirror && wanted && statusPatch(mirror.metadata.uid ?? '', mirror.status, wanted)
    if (patch) await client.patch(pods, { namespace: mirror.metadata.namespace!, name: mirror.metadata.name }, patch, { type: 'strategic', subresource: 'status', signal })
  }

  return {
    get: (uid) => entries.get(uid)?.wanted,
    set(pod, status, mayRun) {
      const entry = entryOf(pod)
      const held = mayRun && isTerminalPhase(status.phase) && !isTerminalPhase(entry.wanted?.phase ?? entry.pod.status.phase)
      if (held) {
        const before = entry.wanted ?? entry.pod.status
        const { reason: _reason, message: _message, ...rest } = status
        status = { ...rest, phase: before.phase ?? 'Pending', ...(before.reason ? { reason: before.reason } : {}), ...(before.message ? { message: before.message } : {}) }
      }
      entry.wanted = status
      schedule(entry)
    },
    finish(uid) {
      const entry = entries.get(uid)
      if (!entry) return
      entry.finished = true
      schedule(entry)
    },
    observe(pod) {
      const entry = entries.get(pod.metadata.uid ?? '')
      if (!entry) return
      const marked = entry.pod.metadata.deletionTimestamp === undefined && pod.metadata.deletionTimestamp !== undefined
      entry.pod = newer(entry.pod, pod)
      if (entry.finished && marked) schedule(entry)
    },
    mirrored(pod) {
      const entry = entries.get(pod.metadata.uid ?? '')
      if (entry?.wanted) schedule(entry)
    },
    forget: (uid) => void entries.delete(uid),
    async flush() {
      for (;;) {
        const under = [...entries.values()].flatMap((entry) => (entry.writing && entry.failures === 0 ? entry.writing : []))
        if (under.length === 0) return
        await Promise.all(under)
      }
    },
  }
}

/** Answers and watch events cross: the later revision counts where both are numbers. */
function newer(a: Pod, b: Pod): Pod {
  const before = Number(a.metadata.resourceVersion)
  const after = Number(b.metadata.resourceVersion)
  return Number.isFinite(before) && Number.isFinite(after) && after < before ? a : b
}

const nameOf = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
