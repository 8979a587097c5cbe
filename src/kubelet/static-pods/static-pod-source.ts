import { type FSWatcher, watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import type { Log } from '#component-base/log'
import type { PodHandler, PodSource } from '../pod-source'
import { readStaticPods } from './read-static-pods'

export interface StaticPodSource extends PodSource, AsyncDisposable {
  /** Reads the directory now; resolves when what changed was delivered. */
  read(): Promise<void>
}

/** Files are written in several steps: one look when they are done. */
const settleMs = 100

/** Follows the pods of a directory, which is made where it is not there. */
export async function staticPodSource(directory: string, nodeName: string, { clock, log }: { clock: Clock; log: Log }): Promise<StaticPodSource> {
  await mkdir(directory, { recursive: true })
  const handlers = new Set<PodHandler>()
  const synced = createDeferred()
  let current = new Map<string, Pod>()
  let reading: Promise<void> = Promise.resolve()
  let timer: Disposable | undefined

  const look = async (): Promise<void> => {
    const told = new Set<string>()
    const found = await readStaticPods(directory, nodeName, formatTime(clock.now()), (file, why) => {
      if (!told.has(file)) log.error('a file of static pods is not taken', { file, why })
      told.add(file)
    })
    // An unchanged file is the same pod: only when it was seen differs.
    const next = new Map(found.map((pod) => [pod.metadata.uid!, current.get(pod.metadata.uid!) ?? pod]))
    const before = current
    current = next
    for (const [uid, pod] of before) if (!next.has(uid)) for (const handler of handlers) handler(undefined, pod)
    for (const [uid, pod] of next) if (!before.has(uid)) for (const handler of handlers) handler(pod, undefined)
    synced.resolve()
  }
  const read = (): Promise<void> => (reading = reading.then(look).catch((error: unknown) => log.error('static pods not read', { directory, error })))

  const watcher: FSWatcher = watch(directory, () => {
    timer?.[Symbol.dispose]()
    timer = clock.after(settleMs, () => void read())
  })
  watcher.on('error', (error) => log.error('static pods are no longer followed', { directory, error }))
  watcher.unref()
  await read()
  return {
    synced: synced.promise,
    subscribe(handler) {
      handlers.add(handler)
      for (const pod of current.values()) handler(pod, undefined)
      return { [Symbol.dispose]: () => void handlers.delete(handler) }
    },
    read,
    async [Symbol.asyncDispose]() {
      watcher.close()
      timer?.[Symbol.dispose]()
      await reading
    },
  }
}
