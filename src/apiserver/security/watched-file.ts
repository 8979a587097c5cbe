import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

export interface FileEvents {
  /** Another content than the last one that was told of, or than the first. One at a time: awaited before the next. */
  changed(content: string): void | Promise<void>
  /** It is not there, or may not be read. */
  failed(error: unknown): void
}

/**
 * Tells when a file's content changes. Its folder is watched, not the file: editors and Kubernetes' volumes replace files and links
 * instead of writing into them.
 */
export function watchFile(file: string, first: string, { changed, failed }: FileEvents): Disposable {
  const name = basename(file)
  let known = first
  let state: 'idle' | 'reading' | 'again' = 'idle'

  const read = async (): Promise<void> => {
    do {
      state = 'reading'
      try {
        const content = await readFile(file, 'utf8')
        if (content !== known) {
          known = content
          await changed(content)
        }
      } catch (error) {
        failed(error)
      }
    } while ((state as string) === 'again')
    state = 'idle'
  }
  // Volumes of ConfigMaps and Secrets swap a link that is called `..data`.
  const concerns = (changedName: string | null): boolean => changedName === null || changedName === name || changedName.startsWith('..')
  const watcher = watch(dirname(resolve(file)), { persistent: false }, (_event, changedName) => {
    if (!concerns(changedName)) return
    if (state === 'idle') void read()
    else state = 'again'
  })
  watcher.on('error', failed)
  return { [Symbol.dispose]: () => watcher.close() }
}
