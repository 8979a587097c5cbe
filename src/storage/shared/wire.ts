import type { Duplex } from 'node:stream'
import { createSplitter, type FrameReader, FrameWriter } from './frame'

export interface WireOptions {
  /** Frames from the other side, in order. What it throws ends the wire. */
  hear(frame: FrameReader): void
  /** What was sent so far has been handed to the stream. */
  flushed?(): void
  /** The stream has room again after it had none. */
  drained?(): void
  /** No more frames come or go. Called once, unless this side has closed the wire. */
  ended(error: Error | undefined): void
}

/** One side of the stream between two processes. */
export interface Wire extends Disposable {
  /** Bytes that the other side has not taken yet. */
  readonly backlog: number
  /** Goes out with everything else of this turn of the event loop. Throws what `fill` throws; then nothing is sent. */
  send(kind: number, id: number, fill?: (writer: FrameWriter) => void): void
}

export function createWire(stream: Duplex, { hear, flushed, drained, ended }: WireOptions): Wire {
  const writer = new FrameWriter()
  let scheduled = false
  let over = false

  const end = (error: Error | undefined): void => {
    if (over) return
    over = true
    ended(error)
    stream.destroy()
  }
  const flush = (): void => {
    scheduled = false
    flushed?.()
    if (writer.size > 0 && stream.writable) stream.write(writer.take())
  }
  const split = createSplitter((frame) => {
    if (!over) hear(frame)
  })
  stream.on('data', (chunk: Buffer) => {
    try {
      split(chunk)
    } catch (error) {
      end(error as Error)
    }
  })
  stream.on('drain', () => drained?.())
  stream.on('error', (error) => end(error))
  stream.on('end', () => end(undefined))
  stream.on('close', () => end(undefined))

  return {
    get backlog() {
      return writer.size + stream.writableLength
    },
    send(kind, id, fill) {
      if (over) return
      writer.frame(kind, id, fill)
      if (scheduled) return
      scheduled = true
      setImmediate(flush)
    },
    [Symbol.dispose]() {
      if (over) return
      over = true
      flush()
      stream.end()
    },
  }
}
