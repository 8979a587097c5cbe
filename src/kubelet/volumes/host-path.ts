import { mkdir, stat, writeFile } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { MountError } from '../pod-host'
import { defineVolumePlugin } from './volume-plugin'

/** A path of the machine, as it is; the type says what must be there, or is to be made. */
export const hostPath = defineVolumePlugin<'hostPath'>({
  source: 'hostPath',
  async setUp({ path, type = '' }) {
    const found = await look(path)
    const refuse = (what: string): never => {
      throw new MountError(`hostPath type check failed: ${path} is not a ${what}`)
    }
    switch (type) {
      case '':
        break
      case 'DirectoryOrCreate':
        if (!found) await mkdir(path, { recursive: true, mode: 0o755 })
        else if (!found.isDirectory()) refuse('directory')
        break
      case 'Directory':
        if (!found?.isDirectory()) refuse('directory')
        break
      case 'FileOrCreate':
        if (!found) await writeFile(path, '', { flag: 'wx', mode: 0o644 })
        else if (!found.isFile()) refuse('file')
        break
      case 'File':
        if (!found?.isFile()) refuse('file')
        break
      case 'Socket':
        if (!found?.isSocket()) refuse('socket file')
        break
      case 'CharDevice':
        if (!found?.isCharacterDevice()) refuse('character device')
        break
      case 'BlockDevice':
        if (!found?.isBlockDevice()) refuse('block device')
        break
      default:
        throw new MountError(`${type} is an invalid volume type`)
    }
    return { path }
  },
  async tearDown() {},
})

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
