import { basename, dirname, extname, join } from 'node:path'
import { probedComponents } from '../component-checks'
import type { ControlPlaneDeps } from '../control-plane'
import type { ControlPlaneOptions } from '../options'
import { simulatedDial } from '../simulated-dial'
import { type Door, openDoor } from './door'
import { startWorkers, type WorkerPool } from './worker-pool'

/** How a control plane gets its workers: first a port for all of them, then, when everything that is done once has been done, the processes. */
export interface Workers {
  openDoor(listen: { readonly host: string; readonly port: number }): Promise<Door>
  start(door: Door): Promise<WorkerPool>
}

/** What is left to a worker that was asked to stop, behind the times that it was given for that. */
const patience = 5_000

/** Throws, with the remedy, where what was asked for cannot be had in several processes. */
export function workersOf(options: ControlPlaneOptions, { spawnWorker, store, pkiDirectory, nodeAddress, dial, rests, components, clock, log }: ControlPlaneDeps): Workers {
  const refuse = (why: string, remedy: string): never => {
    throw new Error(`--api-workers ${options.apiWorkers}: ${why}. ${remedy}`)
  }
  if (!spawnWorker || pkiDirectory === undefined) return refuse('only the command line starts further processes', 'Use navarch up or navarch apiserver, or leave it at 0')
  if (rests || (dial && dial !== simulatedDial)) return refuse('endpoints and ways to nodes that are given as code stay in this process', 'Leave it at 0')
  if (options.auditLogPath === '-') return refuse('lines of several processes would mix on standard output', 'Name a file with --audit-log-path: each process writes one of its own')
  return {
    openDoor: ({ host, port }) => openDoor(host, port),
    start: (door) =>
      startWorkers(options.apiWorkers, {
        spawn: spawnWorker, store, door, clock, log,
        patience: options.shutdownDelayDuration + options.requestTimeout + options.shutdownWatchTerminationGracePeriod + patience,
        settings: (worker) => ({
          worker, options: { ...options, auditLogPath: auditLogOf(options.auditLogPath, worker) }, pkiDirectory, simulated: dial !== undefined, host: door.host, port: door.port,
          ...(nodeAddress === undefined ? {} : { nodeAddress }), ...(components && components !== probedComponents ? { components: [] } : {}),
        }),
      }),
  }
}

/** Two processes cannot take turns in rotating a file: `audit.log` of the first is `audit-worker-1.log` of its worker. */
export function auditLogOf(path: string, worker: number): string {
  if (path === '') return path
  const extension = extname(path)
  return join(dirname(path), `${basename(path, extension)}-worker-${worker}${extension}`)
}
