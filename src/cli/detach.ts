import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'

/** What the background process tells the one that started it, over Node's IPC channel. */
export type Report = { step: string } | { note: string } | { ready: string } | { failed: string }

/** Whether this process is the background one. */
export const inBackground = process.env.NAVARCH_BACKGROUND === '1'

/** Tells the process that started us; nothing where nobody listens. */
export function report(message: Report): void {
  if (inBackground && process.connected) process.send?.(message)
}

/**
 * Starts the same command again in the background, its output in `logFile`, and follows it until it is ready. Resolves with
 * what it says then; throws its last words when it ends before.
 */
export function startInBackground(argv: readonly string[], logFile: string, follow: (message: Report) => void): Promise<string> {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, NAVARCH_BACKGROUND: '1' },
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message: Report) => {
      if ('ready' in message) {
        child.disconnect()
        child.unref()
        resolve(message.ready)
      } else if ('failed' in message) reject(new Error(message.failed))
      else follow(message)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `code ${code}`} before it was ready: ${lastLines(logFile)} (log: ${logFile})`)))
  })
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' | ')
