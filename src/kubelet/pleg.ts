import { whenAborted } from '#base/abort'
import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { Census } from './kuberuntime/read-runtime'
import { takeCensus } from './kuberuntime/read-runtime'
import { podUidLabel } from './pod/labels'
import type { RuntimeService } from './runtime-service'
import { isRuntimeNotFound, isUnimplemented } from './runtime-service'

/**
 * Notices what happens to containers: by the runtime's events where it sends them, else by listing each second, and only
 * while there are pods. A relist finds what events missed.
 */
export interface Pleg {
  /** Ends with the signal. */
  run(): Promise<void>
  /** Pods came or went: decides whether relists are needed. */
  podsChanged(): void
  relist(): Promise<void>
}

export interface PlegDeps {
  runtime: RuntimeService
  clock: Clock
  log: Log
  signal: AbortSignal
  anyPods(): boolean
  changed(uid: string): void
  /** A pod of the runtime with something running that may be nobody's; asked at every relist. */
  found(census: Census): void
}

const relistMs = 1000
/** With events a relist only mends what they missed. */
const reconcileMs = 300_000

export function createPleg({ runtime, clock, log, signal, anyPods, changed, found }: PlegDeps): Pleg {
  let known = new Map<string, Census>()
  let timer: Disposable | undefined
  let events = false
  let listing = false

  async function relist(): Promise<void> {
    const census = await takeCensus(runtime)
    for (const [uid, pod] of census) {
      if (known.get(uid)?.fingerprint !== pod.fingerprint) changed(uid)
      found(pod)
    }
    for (const uid of known.keys()) if (!census.has(uid)) changed(uid)
    known = census
  }

  function arm(): void {
    if (timer || listing || signal.aborted || !anyPods()) return
    timer = clock.after(events ? reconcileMs : relistMs, () => {
      timer = undefined
      listing = true
      relist()
        .catch((error: unknown) => log.warn('containers not listed', { error }))
        .finally(() => {
          listing = false
          arm()
        })
    })
  }

  async function follow(): Promise<void> {
    for (let failures = 0; runtime.events && !signal.aborted; failures++) {
      events = true
      try {
        await runtime.events((event) => {
          failures = 0
          // We made and started it ourselves, and know.
          if (event.type === 'created' || event.type === 'started' || event.asked) return
          if (event.podUid) changed(event.podUid)
          else void uidOf(event.containerId)
        }, signal)
      } catch (error) {
        if (!isUnimplemented(error)) log.warn('runtime events broke off', { error })
        else failures = Infinity
      }
      events = false
      if (signal.aborted) return
      // The relist that was due in minutes is due in a second.
      timer?.[Symbol.dispose]()
      timer = undefined
      arm()
      if (failures === Infinity) return
      await clock.sleep(waitAfter(failures, { initial: 500, max: 10_000 }), signal).catch((reason: unknown) => log.debug('no longer following events', { reason }))
    }
  }

  async function uidOf(containerId: string): Promise<void> {
    try {
      const status = await runtime.containerStatus(containerId)
      const uid = status.labels[podUidLabel]
      if (uid) changed(uid)
    } catch (error) {
      if (!isRuntimeNotFound(error)) log.warn('container of an event not read', { error })
    }
  }

  return {
    relist,
    podsChanged: arm,
    async run() {
      arm()
      await follow()
      arm()
      await whenAborted(signal)
      timer?.[Symbol.dispose]()
    },
  }
}
