import type { Clock } from '#base/clock'
import type { Log } from './log'

/** A part of a cluster: API server, controller manager, scheduler, kubelet, proxy, DNS. A cluster is a list of them. */
export interface Component {
  /** As the original names it: `kube-scheduler`. */
  readonly name: string
  /** Resolves when it has started; disposing what comes back stops it and waits until it has. Throws when it cannot start. */
  start(context: ComponentContext): Promise<RunningComponent>
}

export interface RunningComponent extends AsyncDisposable {
  /** Settles when it does its work: caches filled, listeners open. */
  readonly ready: Promise<void>
}

export interface ComponentContext {
  readonly log: Log
  readonly clock: Clock
  /** Aborted when the cluster goes down: an early word, disposal follows. */
  readonly signal: AbortSignal
}
