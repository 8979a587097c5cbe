import type { Client, KubeObject, ResourceRef, WatchEvent, WatchOptions } from '#client/index'

/** A watch whose events a test waits for. */
export interface Following<T extends KubeObject> extends AsyncDisposable {
  readonly events: readonly WatchEvent<T>[]
  /** `ADDED one`, `MODIFIED one`, ...: all there were so far. */
  readonly told: readonly string[]
  /** Resolves once the events fit; throws after ten seconds, and tells what came instead. */
  until(fits: (events: readonly WatchEvent<T>[]) => boolean, what?: string): Promise<readonly WatchEvent<T>[]>
  /** Resolves when an event of the type for the name has come. */
  saw(type: WatchEvent['type'], name: string, fits?: (object: T) => boolean): Promise<T>
}

export function follow<T extends KubeObject>(client: Client, resource: ResourceRef<T>, options: Omit<WatchOptions, 'signal'> = {}): Following<T> {
  const stop = new AbortController()
  const events: WatchEvent<T>[] = []
  const told: string[] = []
  const waiting = new Set<() => void>()
  let failure: { why: unknown } | undefined
  const wake = (): void => waiting.forEach((look) => look())
  const watch = client.watch(resource, { ...options, signal: stop.signal }, (more) => {
    for (const event of more) {
      events.push(event)
      told.push(`${event.type} ${event.object.metadata.name}`)
    }
    wake()
  }).catch((why: unknown) => {
    if (stop.signal.aborted) return
    failure = { why }
    wake()
  })
  const until = (fits: (events: readonly WatchEvent<T>[]) => boolean, what: string = fits.toString()): Promise<readonly WatchEvent<T>[]> =>
    new Promise((done, fail) => {
      const end = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const look = (): void => {
        if (fits(events)) {
          end()
          done(events)
        } else if (failure) {
          end()
          fail(failure.why)
        }
      }
      const timer = setTimeout(() => {
        end()
        fail(new Error(`a watch of ${resource.resource} waited in vain for ${what}; it was told: ${told.join(', ') || 'nothing'}`))
      }, 10_000)
      waiting.add(look)
      look()
    })
  return {
    events, told, until,
    async saw(type, name, fits = () => true) {
      const find = (): T | undefined => events.find((event) => event.type === type && event.object.metadata.name === name && fits(event.object))?.object
      await until(() => find() !== undefined, `${type} ${name}, ${fits.toString()}`)
      return find()!
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await watch
    },
  }
}
