import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Mounts on this machine. All verbs are idempotent. */
export interface Mounts {
  /** A tmpfs at a directory; `size` in bytes, absent: half of the machine's memory. */
  ensureTmpfs(directory: string, options: { size?: number }): Promise<void>
  bind(from: string, to: string): Promise<void>
  ensureUnmounted(directory: string): Promise<void>
  isMountPoint(path: string): Promise<boolean>
  /** Mount points at or below a directory, the deepest first. */
  below(directory: string): Promise<string[]>
}

export const linuxMounts: Mounts = {
  async ensureTmpfs(directory, { size }) {
    if (await linuxMounts.isMountPoint(directory)) return
    await mount(['-t', 'tmpfs', ...(size === undefined ? [] : ['-o', `size=${size}`]), 'tmpfs', directory])
  },
  async bind(from, to) {
    if ((await linuxMounts.below(to)).includes(to)) return
    await mount(['--no-canonicalize', '--bind', from, to])
  },
  async ensureUnmounted(directory) {
    // Mounts may lie on top of each other.
    while ((await linuxMounts.below(directory)).includes(directory)) await run('umount', [directory]).catch((error: unknown) => Promise.reject(inWords('umount', directory, error)))
  },
  async isMountPoint(path) {
    const [own, parent] = await Promise.all([stat(path), stat(`${path}/..`)])
    return own.dev !== parent.dev || own.ino === parent.ino
  },
  async below(directory) {
    const found: string[] = []
    for (const line of (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')) {
      const path = line.split(' ')[4]?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
      if (path !== undefined && (path === directory || path.startsWith(`${directory}/`))) found.push(path)
    }
    return found.reverse()
  },
}

async function mount(args: readonly string[]): Promise<void> {
  try {
    await run('mount', args)
  } catch (error) {
    throw inWords('mount', args.at(-1)!, error)
  }
}

function inWords(verb: string, path: string, error: unknown): Error {
  const { stderr, message } = error as { stderr?: string; message: string }
  return new Error(`${verb} ${path} failed: ${(stderr ?? message).trim()}`, { cause: error })
}
