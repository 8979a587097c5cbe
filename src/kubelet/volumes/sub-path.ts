import { constants } from 'node:fs'
import { mkdir, open, readlink, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MountError } from '../pod-host'
import { makeDirectory, removeDirectory } from './directories'
import type { Mounts } from './mounts'

/** Not among Node's constants: a handle that stands for the path without opening it. */
const pathOnly = 0o10000000

/**
 * Mounts one file or directory out of a volume. The container could exchange it for a link to elsewhere between our look and
 * the runtime's mount, so the runtime is given a bind mount of what we looked at, made through an open handle.
 */
export async function bindSubPath(volume: string, subPath: string, target: string, mounts: Mounts, mode: number): Promise<string> {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) throw new MountError(`subPath "${subPath}" must stay within its volume`)
  const root = await realpath(volume)
  const wanted = join(root, subPath)
  await makeInside(root, subPath, mode)
  const real = await realpath(wanted)
  if (!inside(root, real)) throw new MountError(`subPath "${subPath}" leads out of its volume`)
  const handle = await open(real, pathOnly | constants.O_NOFOLLOW)
  try {
    const opened = `/proc/${process.pid}/fd/${handle.fd}`
    if (!inside(root, await readlink(opened))) throw new MountError(`subPath "${subPath}" leads out of its volume`)
    await mkdir(dirname(target), { recursive: true })
    if ((await stat(real)).isDirectory()) await makeDirectory(target, 0o755)
    else await writeFile(target, '', { flag: 'a' })
    await mounts.bind(opened, target)
  } finally {
    await handle.close()
  }
  return target
}

/** Makes missing directories one by one, each checked before the next is made in it. */
async function makeInside(root: string, subPath: string, mode: number): Promise<void> {
  let at = root
  for (const part of subPath.split('/').filter((one) => one !== '' && one !== '.')) {
    const next = join(at, part)
    let real: string
    try {
      real = await realpath(next)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await makeDirectory(next, mode)
      real = next
    }
    if (!inside(root, real)) throw new MountError(`subPath "${subPath}" leads out of its volume`)
    at = real
  }
}

const inside = (root: string, path: string): boolean => path === root || path.startsWith(`${root}/`)

/** Undoes all sub-path mounts below a directory, and the directory. */
export async function removeSubPaths(directory: string, mounts: Mounts): Promise<void> {
  for (const point of await mounts.below(directory)) await mounts.ensureUnmounted(point)
  await removeDirectory(directory, mounts)
}

