import type { Duplex } from 'node:stream'
import { StoreUnavailable } from '../store'
import type { Delete, Put, Revision, Store } from '../store'
import type { FrameReader, FrameWriter } from './frame'
import { answers, calls, type OwnValue, readBatch, readEntry, readError, readPage, writeChanges, writeListCall, writeRead } from './messages'
import { createWire } from './wire'

interface Call {
  /** Takes the answer. */
  done(frame: FrameReader): void
  failed(error: Error): void
  /** The revision that it names. */
  readonly asked: Revision
  /** What a write writes: the bytes come back to the watches by this. */
  readonly changes?: readonly (Put | Delete)[]
  deliver?(frame: FrameReader): void
}

const nothing = (): undefined => undefined

/**
 * The store of another process, which serves it at the other end of a stream. As behind the store itself, a change has reached the watchers here
 * when its writer here is answered; a writer elsewhere may be answered sooner, so that whoever is to see all of its writes asks `current` first.
 * `lost` is called when the other side is gone.
 */
export function openSharedStore(stream: Duplex, lost: (error: StoreUnavailable) => void = () => undefined): Store {
  const open = new Map<number, Call>()
  let last = 0
  let gone: string | undefined
  /** All who ask in one turn share a question, which has not been sent when the last of them asks. */
  let asking: Promise<Revision> | undefined

  const end = (why: string): void => {
    if (gone !== undefined) return
    gone = why
    const calls = [...open.values()]
    open.clear()
    for (const { failed } of calls) failed(new StoreUnavailable(why))
  }
  const wire = createWire(stream, {
    hear,
    flushed: () => void (asking = undefined),
    ended(error) {
      const why = `the process that has the store is gone${error ? `: ${error.message}` : ''}`
      end(why)
      lost(new StoreUnavailable(why))
    },
  })

  function hear(frame: FrameReader): void {
    const { id, kind } = frame
    // What nobody waits for any more was on its way when its watch ended.
    const call = open.get(id)
    if (kind === answers.batch) return call?.deliver?.(frame)
    open.delete(id)
    if (kind === answers.done) call?.done(frame)
    else call?.failed(readError(frame, call.asked))
  }

  const ownValue = ({ call, index }: OwnValue): Uint8Array => (open.get(call)!.changes![index] as Put).value

  function begin(call: Call): number {
    if (gone !== undefined) throw new StoreUnavailable(gone)
    do last = (last + 1) >>> 0
    while (open.has(last))
    open.set(last, call)
    return last
  }

  function ask<T>(kind: number, fill: (writer: FrameWriter) => void, read: (frame: FrameReader) => T, { asked = 0, changes }: { asked?: Revision; changes?: readonly (Put | Delete)[] } = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const id = begin({ done: (frame) => resolve(read(frame)), failed: reject, asked, ...(changes ? { changes } : {}) })
      wire.send(kind, id, fill)
    })
  }

  const readRevision = (frame: FrameReader): Revision => frame.number()
  const askCurrent = (): Promise<Revision> => ask(calls.current, nothing, readRevision)

  const watch: Store['watch'] = (prefix, { after, signal }, deliver) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return resolve()
      let reached = after
      const settle = (): void => {
        open.delete(id)
        signal.removeEventListener('abort', onAbort)
      }
      const stop = (): void => {
        settle()
        wire.send(calls.unwatch, id)
      }
      const onAbort = (): void => {
        stop()
        resolve()
      }
      const id = begin({
        asked: after,
        done: nothing,
        failed(error) {
          settle()
          reject(error)
        },
        deliver(frame) {
          const batch = readBatch(frame, ownValue)
          // A watch that waited until it was heard begins again where it was, and says so.
          if (batch.changes.length === 0 && batch.through === reached && started) return
          started = true
          reached = batch.through
          try {
            deliver(batch)
          } catch (error) {
            stop()
            reject(error)
          }
        },
      })
      let started = false
      signal.addEventListener('abort', onAbort, { once: true })
      wire.send(calls.watch, id, (writer) => writeRead(writer, prefix, after))
    })

  return {
    current: () => (asking ??= askCurrent()),
    get: (key, read) => ask(calls.get, (writer) => writeRead(writer, key, read?.at), readEntry, { asked: read?.at ?? 0 }),
    list: (prefix, options) => ask(calls.list, (writer) => writeListCall(writer, prefix, options), readPage, { asked: options.at ?? 0 }),
    write: (changes) => ask(calls.write, (writer) => writeChanges(writer, changes), readRevision, { changes }),
    compact: (before) => ask(calls.compact, (writer) => writer.number(before), nothing, { asked: before }),
    watch,
    async [Symbol.asyncDispose]() {
      end('the store has been closed')
      wire[Symbol.dispose]()
    },
  }
}
