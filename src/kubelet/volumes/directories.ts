import { chmod, chown, lchown, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mounts } from './mounts'

/** chmod beside mkdir, since mkdir's mode is cut by the umask. */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true })
  await chmod(path, mode)
}

/** Removes a directory tree, never through a mount: a tmpfs or a host path must not be emptied by mistake. */
export async function removeDirectory(path: string, mounts: Mounts): Promise<void> {
  const busy = await mounts.below(path)
  if (busy.length > 0) throw new Error(`${path} is not removed: ${busy[0]!} is still mounted`)
  await rm(path, { recursive: true, force: true })
}

/** Gives a volume to the pod's group: readable and writable by it, and what is made in it later belongs to it too. */
export async function ownByGroup(path: string, group: number | undefined, readOnly: boolean): Promise<void> {
  if (group === undefined) return
  const info = await lstat(path)
  if (info.isSymbolicLink()) {
    await lchown(path, info.uid, group)
    return
  }
  await chown(path, info.uid, group)
  const directory = info.isDirectory()
  await chmod(path, (info.mode & 0o7777) | (readOnly ? 0o440 : 0o660) | (directory ? 0o2110 : 0))
  if (directory) for (const name of await readdir(path)) await ownByGroup(join(path, name), group, readOnly)
}
