import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a running cluster tells the other verbs about itself (`run.json`). */
export interface RunRecord {
  pid: number
  /** RFC 3339. */
  startedAt: string
  url: string
  kubeconfig: string
  /** Simulated nodes; absent for a real node. */
  sim?: number
  /** Processes that serve the API beside `pid`; absent for none. */
  apiWorkers?: number
  /** CRI endpoint of the real node. */
  runtimeEndpoint?: string
}

/** Where one cluster keeps everything: store, certificates, kubeconfig, logs, the real node's pods. */
export class StateDirectory {
  readonly path: string
  constructor(path: string = defaultDataDir()) {
    this.path = resolve(path)
  }
  at(...parts: string[]): string {
    return join(this.path, ...parts)
  }
  get store(): string {
    return this.at('store')
  }
  get pki(): string {
    return this.at('pki')
  }
  get kubeconfig(): string {
    return this.at('admin.conf')
  }
  get log(): string {
    return this.at('navarch.log')
  }

  create(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw new Error(`the data directory ${this.path} cannot be made: ${(error as Error).message}. Choose another with --data-dir`, { cause: error })
    }
  }

  /** The running cluster of this directory, or undefined: a record whose process is gone does not count. */
  running(): RunRecord | undefined {
    let text: string
    try {
      text = readFileSync(this.at('run.json'), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const record = JSON.parse(text) as RunRecord
    return isAlive(record.pid) ? record : undefined
  }

  /**
   * Takes the directory for this process until disposal. Throws when another process holds it. The kernel does not tell
   * us that a holder died, so a lock whose process is gone is taken over.
   */
  lock(): Disposable {
    this.create()
    const file = this.at('navarch.pid')
    const holder = readPid(file)
    if (holder !== undefined && holder !== process.pid && isAlive(holder))
      throw new Error(`a cluster is running on ${this.path} already (process ${holder}). See it with: navarch status --data-dir ${this.path}`)
    const temporary = `${file}.${process.pid}`
    const descriptor = openSync(temporary, 'w', 0o600)
    writeSync(descriptor, `${process.pid}\n`)
    closeSync(descriptor)
    renameSync(temporary, file)
    return { [Symbol.dispose]: () => rmSync(file, { force: true }) }
  }

  publish(record: RunRecord): Disposable {
    const file = this.at('run.json')
    writeFileSync(`${file}.new`, JSON.stringify(record, undefined, 2), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return { [Symbol.dispose]: () => rmSync(file, { force: true }) }
  }
}

export function defaultDataDir(): string {
  return process.getuid?.() === 0 ? '/var/lib/navarch' : join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'navarch')
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
