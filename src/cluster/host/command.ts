import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Where a program is, or undefined. Looks into the sbin folders as well: they are not on every user's PATH. */
export async function findProgram(name: string, folders: readonly string[] = pathFolders()): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (executable) return path
  }
  return undefined
}

const pathFolders = (): string[] => [...new Set([...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'])].filter(Boolean)

/** What this process starts finds what we find: root's PATH has no sbin folders after a plain `su`. */
export function completePath(): void {
  process.env.PATH = pathFolders().join(delimiter)
}

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a program to its end. Does not throw for an exit code; throws when it cannot be started. */
export function run(program: string, args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 64 << 20, env: options.env ?? process.env, signal: options.signal }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(new Error(`cannot run ${program}: ${error.message}`, { cause: error }))
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
    // A program may end without reading what it is given; its exit code tells.
    child.stdin?.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)))
    child.stdin?.end(options.input ?? '')
  })
}
