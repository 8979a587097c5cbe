import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program that the benchmark started. */
export interface Program extends AsyncDisposable {
  readonly pid: number
  /** Resolves with what the pattern found in its output. Throws when it ends first, with the end of what it said. */
  says(pattern: RegExp): Promise<RegExpExecArray>
}

/** Runs until it is disposed of. Gets SIGTERM then, and SIGKILL where that does not end it within ten seconds. */
export function start(command: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  const listeners = new Set<() => void>()
  const hear = (text: Buffer): void => {
    said = (said + text.toString()).slice(-100_000)
    for (const listener of listeners) listener()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = Promise.race([once(child, 'close'), once(child, 'error')])
  ended.catch(() => undefined)
  return {
    pid: child.pid!,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(said)
          if (!found) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
        void ended.finally(() => reject(new Error(`${command} ${argv[0]} ended: ${said.slice(-1000)}`)))
      }),
    [Symbol.asyncDispose]: () => stop(child, ended),
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(impatience)
}
