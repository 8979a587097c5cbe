import { type ChildProcess, spawn } from 'node:child_process'

/** Starts this program as an API worker: behind its channel for messages it has a stream for the store. It writes to where this process writes. */
export const spawnWorker = (): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'api-worker'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'], serialization: 'advanced' })
