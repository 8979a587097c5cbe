import { chmod, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export type Payload = ReadonlyMap<string, { data: Uint8Array; mode: number }>

const dataLink = '..data'

/**
 * Shows files in a directory so that readers see all of the old or all of the new: the files lie in a directory of their own
 * (`..<time>`), `..data` points at it and is replaced in one step, and what users see are links through `..data`. Paths are
 * relative and must not begin with `..`. Returns whether anything changed.
 */
export async function writeAtomically(directory: string, payload: Payload, now: number, own: (path: string) => Promise<void> = async () => {}): Promise<boolean> {
  const current = await linkTarget(join(directory, dataLink))
  if (current !== undefined && (await sameContent(join(directory, current), payload))) return false

  const fresh = `..${new Date(now).toISOString().replace(/[-:T]/g, '_').slice(0, 19)}.${Math.floor(Math.random() * 2 ** 31)}`
  await mkdir(join(directory, fresh))
  await chmod(join(directory, fresh), 0o755)
  for (const [path, { data, mode }] of payload) {
    const file = join(directory, fresh, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o755 })
    await writeFile(file, data)
    // The umask cuts what writeFile is given.
    await chmod(file, mode)
  }
  await own(join(directory, fresh))
  const temporary = join(directory, '..data_tmp')
  await rm(temporary, { force: true })
  await symlink(fresh, temporary)
  await rename(temporary, join(directory, dataLink))

  const visible = new Set([...payload.keys()].map((path) => path.split('/')[0]!))
  for (const name of visible) {
    if ((await linkTarget(join(directory, name))) === undefined) await symlink(join(dataLink, name), join(directory, name))
  }
  for (const name of await readdir(directory)) {
    if (name === dataLink || name === fresh) continue
    if (name.startsWith('..') || !visible.has(name)) await rm(join(directory, name), { recursive: true, force: true })
  }
  return true
}

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function sameContent(directory: string, payload: Payload): Promise<boolean> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  if (files.length !== payload.size) return false
  for (const [path, { data }] of payload) {
    try {
      if (!(await readFile(join(directory, path))).equals(data)) return false
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
      throw error
    }
  }
  return true
}
