import { readFile, stat } from 'node:fs/promises'
import { mountCalls } from './libc'

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

/** From the kernel's linux/mount.h. */
const msBind = 4096

export const linuxMounts: Mounts = {
  async ensureTmpfs(directory, { size }) {
    if (await linuxMounts.isMountPoint(directory)) return
    ;(await mountCalls()).mount('tmpfs', directory, 'tmpfs', 0, size === undefined ? null : `size=${size}`)
  },
  async bind(from, to) {
    if ((await linuxMounts.below(to)).includes(to)) return
    ;(await mountCalls()).mount(from, to, null, msBind, null)
  },
  async ensureUnmounted(directory) {
    const { unmount } = await mountCalls()
    // Mounts may lie on top of each other.
    while ((await linuxMounts.below(directory)).includes(directory)) unmount(directory)
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
