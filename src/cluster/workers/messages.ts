import type { ControlPlaneOptions } from '../options'

/** Everything that a worker needs to be told; the store comes over the stream at `storeDescriptor`. */
export interface WorkerSettings {
  /** Its number, from 1. */
  readonly worker: number
  readonly options: ControlPlaneOptions
  readonly pkiDirectory: string
  readonly nodeAddress?: string
  /** Kubelets and pods are simulated: nobody is there to be asked. */
  readonly simulated: boolean
  /** Those beside the API server that have started in the first process; absent: they are programs of their own. */
  readonly components?: readonly string[]
  /** Where the port is open. */
  readonly host: string
  readonly port: number
}

/** To a worker. A connection comes as the handle of its message. */
export type ToWorker = { start: WorkerSettings } | { started: string } | { connection: true } | { stop: true }

/** From a worker: it serves; it has taken a connection; it takes no more; why it could not start. */
export type FromWorker = { ready: true } | { took: true } | { left: true } | { failed: string }

/** Behind standard input, output, error and the channel for messages. */
export const storeDescriptor = 4
