import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes a control file, with the value and the file in the error's words. */
export async function control(directory: string, file: string, value: string | number): Promise<void> {
  try {
    await writeFile(join(directory, file), String(value))
  } catch (error) {
    throw new Error(`cgroup: writing ${value} to ${join(directory, file)} failed: ${(error as Error).message}`, { cause: error })
  }
}

/** Kills what is in a cgroup tree and removes it, leaves first. Absent is fine. */
export async function removeTree(directory: string): Promise<void> {
  let entries: { name: string; isDirectory(): boolean }[]
  try {
    entries = await readdir(directory, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(directory, entry.name))
  for (const pid of (await readFile(join(directory, 'cgroup.procs'), 'utf8')).split('\n')) {
    if (pid !== '' && pid !== '0') kill(Number(pid))
  }
  try {
    await rmdir(directory)
  } catch (error) {
    // Processes that were just killed are still leaving: EBUSY, and the caller tries again.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Removes a cgroup that nothing uses; one in use stays. */
export async function removeEmptyTree(directory: string): Promise<void> {
  try {
    await rmdir(directory)
  } catch (error) {
    if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
