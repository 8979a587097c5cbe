import type { Duplex } from 'node:stream'
import type { Key, Revision, Store } from '../store'
import type { FrameReader, FrameWriter } from './frame'
import { answers, calls, type OwnValue, readChanges, readListCall, readRead, writeBatch, writeEntry, writeError, writePage } from './messages'
import { createWire } from './wire'

/** A client that has not taken so many bytes gets no more changes until it has; then it goes on where it was. */
const mostBehind = 16 << 20

/**
 * Serves a store, which stays whose it is, to the process at the other end of a stream. Disposing ends that; `ended` is called when the other
 * side has. Everybody at the other end may do everything.
 */
export function serveStore(store: Store, stream: Duplex, ended: () => void = () => undefined): Disposable {
  const watches = new Map<number, AbortController>()
  /** Watches that wait until the client has caught up. */
  const waiting = new Map<number, () => void>()
  /** Values of writes that are not answered yet: the client need not be sent them. */
  const own = new Map<Uint8Array, OwnValue>()
  const ownOf = (value: Uint8Array): OwnValue | undefined => own.get(value)

  const endWatches = (): void => {
    for (const watch of watches.values()) watch.abort()
    watches.clear()
    waiting.clear()
  }
  const wire = createWire(stream, {
    hear,
    drained() {
      const ready = [...waiting.values()]
      waiting.clear()
      for (const resume of ready) resume()
    },
    ended() {
      endWatches()
      ended()
    },
  })

  function hear(frame: FrameReader): void {
    const { id } = frame
    switch (frame.kind) {
      case calls.current:
        return void answer(id, store.current(), (writer, revision) => writer.number(revision))
      case calls.get: {
        const { key, at } = readRead(frame)
        return void answer(id, store.get(key, at === undefined ? undefined : { at }), writeEntry)
      }
      case calls.list: {
        const { prefix, options } = readListCall(frame)
        return void answer(id, store.list(prefix, options), writePage)
      }
      case calls.write:
        return void write(id, frame)
      case calls.compact:
        return void answer(id, store.compact(frame.number()), () => undefined)
      case calls.watch: {
        const { key, at = 0 } = readRead(frame)
        return watch(id, key, at)
      }
      case calls.unwatch:
        watches.get(id)?.abort()
        watches.delete(id)
        waiting.delete(id)
        return
      default:
        throw new Error(`there is no call ${frame.kind}`)
    }
  }

  async function answer<T>(id: number, result: Promise<T>, encode: (writer: FrameWriter, value: T) => void): Promise<void> {
    try {
      const value = await result
      wire.send(answers.done, id, (writer) => encode(writer, value))
    } catch (error) {
      fail(id, error)
    }
  }

  function fail(id: number, error: unknown): void {
    wire.send(answers.failed, id, (writer) => writeError(writer, error))
  }

  async function write(id: number, frame: FrameReader): Promise<void> {
    const changes = readChanges(frame)
    for (const [index, change] of changes.entries()) if ('value' in change) own.set(change.value, { call: id, index })
    await answer(id, store.write(changes), (writer, revision) => writer.number(revision))
    for (const change of changes) if ('value' in change) own.delete(change.value)
  }

  function watch(id: number, prefix: Key, after: Revision): void {
    const stop = new AbortController()
    watches.set(id, stop)
    let reached = after
    const run = async (): Promise<void> => {
      const enough = new AbortController()
      try {
        await store.watch(prefix, { after: reached, signal: AbortSignal.any([stop.signal, enough.signal]) }, (batch) => {
          wire.send(answers.batch, id, (writer) => writeBatch(writer, batch, ownOf))
          reached = batch.through
          if (wire.backlog > mostBehind) enough.abort()
        })
        if (stop.signal.aborted) return
        if (wire.backlog > mostBehind) waiting.set(id, () => void run())
        else void run()
      } catch (error) {
        watches.delete(id)
        fail(id, error)
      }
    }
    void run()
  }

  return {
    [Symbol.dispose]() {
      endWatches()
      wire[Symbol.dispose]()
    },
  }
}
