import { spawn } from 'node:child_process'
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { connectCri } from './connection'
import type { ContainerdOptions } from './containerd-config'
import { containerdConfig } from './containerd-config'
import { importPauseImage } from './import-image'
import { methods } from './messages'

export interface RunningContainerd extends AsyncDisposable {
  readonly socket: string
  readonly pid: number
}

/**
 * Starts a containerd of our own where none runs, and waits until it answers. Disposing ends the daemon, not the containers:
 * their shims live on, and the next daemon over the same directories finds them.
 */
export async function startContainerd(options: ContainerdOptions, { binary = 'containerd', clock, log, signal }: { binary?: string; clock: Clock; log: Log; signal: AbortSignal }): Promise<RunningContainerd> {
  await Promise.all([options.root, options.state, dirname(options.socket)].map((directory) => mkdir(directory, { recursive: true })))
  const file = join(options.root, 'config.toml')
  await writeFile(file, containerdConfig(options))
  // It outlives us: a pipe to us would break, and its next word would kill it.
  const logFile = join(options.root, 'containerd.log')
  const output = await open(logFile, 'w')
  const child = spawn(binary, ['--config', file], { stdio: ['ignore', output.fd, output.fd], detached: true })
  await output.close()
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, by) => resolve(`ended with ${by ?? code}`))
    child.once('error', (error) => resolve(error.message))
  })
  let dead: string | undefined
  void exited.then((words) => (dead = words))

  for (let tries = 0; ; tries++) {
    if (dead !== undefined) throw new Error(`containerd did not start: ${dead}: ${(await readFile(logFile, 'utf8')).trim().split('\n').slice(-3).join(' | ')}`)
    if (await answers(options.socket)) break
    if (tries > 600) throw new Error(`containerd does not answer on ${options.socket}`)
    await clock.sleep(50, signal)
  }
  // From now on it may go on without us.
  child.unref()
  log.info('containerd started', { socket: options.socket, pid: child.pid })
  await importPauseImage({ socket: options.socket })
  return {
    socket: options.socket,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** Whether a CRI runtime is there. */
export async function answers(socket: string): Promise<boolean> {
  try {
    await access(socket)
  } catch (error) {
    // Not ours to speak to counts as not there: that root is needed is said elsewhere.
    if (['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
  const connection = await connectCri(socket)
  try {
    await connection.call(methods.version, { version: 'v1' }, { timeoutMs: 2000 })
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  } finally {
    await connection[Symbol.asyncDispose]()
  }
}
