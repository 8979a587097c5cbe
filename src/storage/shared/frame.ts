/**
 * A frame: its length behind this number, what it is, whose it is, then fields that both sides know. Numbers are doubles, since revisions go
 * to 2^53; counts and lengths have 32 bits.
 */
const headLength = 4
const smallest = 16 << 10

/** Frames that wait to go out together. */
export class FrameWriter {
  private buffer = Buffer.allocUnsafe(smallest)
  private at = 0

  get size(): number {
    return this.at
  }

  /** Adds a frame; one whose fields cannot be had is left out, and the error is the caller's. */
  frame(kind: number, id: number, fill?: (writer: FrameWriter) => void): void {
    const start = this.at
    try {
      this.reserve(headLength)
      this.at += headLength
      this.byte(kind)
      this.count(id)
      fill?.(this)
      this.buffer.writeUInt32LE(this.at - start - headLength, start)
    } catch (error) {
      this.at = start
      throw error
    }
  }

  byte(value: number): void {
    this.reserve(1)
    this.at = this.buffer.writeUInt8(value, this.at)
  }

  count(value: number): void {
    this.reserve(4)
    this.at = this.buffer.writeUInt32LE(value, this.at)
  }

  number(value: number): void {
    this.reserve(8)
    this.at = this.buffer.writeDoubleLE(value, this.at)
  }

  text(value: string): void {
    this.reserve(4 + value.length * 3)
    const length = this.buffer.write(value, this.at + 4)
    this.at = this.buffer.writeUInt32LE(length, this.at) + length
  }

  bytes(value: Uint8Array): void {
    this.reserve(4 + value.length)
    this.at = this.buffer.writeUInt32LE(value.length, this.at)
    this.buffer.set(value, this.at)
    this.at += value.length
  }

  /** What there is, which is the caller's from now on. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.at)
    this.buffer = Buffer.allocUnsafe(smallest)
    this.at = 0
    return taken
  }

  private reserve(more: number): void {
    const needed = this.at + more
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.at)
    this.buffer = larger
  }
}

/** One frame's fields, in the order in which they were written. */
export class FrameReader {
  readonly kind: number
  readonly id: number
  private readonly buffer: Buffer
  private at: number

  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer
    this.kind = buffer.readUInt8(at)
    this.id = buffer.readUInt32LE(at + 1)
    this.at = at + 5
  }

  byte(): number {
    return this.buffer.readUInt8(this.at++)
  }

  count(): number {
    const value = this.buffer.readUInt32LE(this.at)
    this.at += 4
    return value
  }

  number(): number {
    const value = this.buffer.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  text(): string {
    const length = this.count()
    const start = this.at
    this.at += length
    return this.buffer.toString('utf8', start, this.at)
  }

  /** A view of what came: it keeps everything alive that came with it. */
  view(): Uint8Array {
    const length = this.count()
    const start = this.at
    this.at += length
    return this.buffer.subarray(start, this.at)
  }

  /** Bytes of their own, for what is kept. */
  bytes(): Uint8Array {
    return new Uint8Array(this.view())
  }
}

/** Takes a stream of bytes apart; frames are handed on in order. */
export function createSplitter(hear: (frame: FrameReader) => void): (chunk: Buffer) => void {
  /** The beginning of a length. */
  let short: Buffer | undefined
  /** A frame that has come in part. */
  let open: { readonly buffer: Buffer; filled: number } | undefined

  return (given) => {
    let chunk = given
    let at = 0
    if (short) {
      chunk = Buffer.concat([short, chunk])
      short = undefined
    } else if (open) {
      at = chunk.copy(open.buffer, open.filled)
      open.filled += at
      if (open.filled < open.buffer.length) return
      const { buffer } = open
      open = undefined
      hear(new FrameReader(buffer, 0))
    }
    while (chunk.length - at >= headLength) {
      const length = chunk.readUInt32LE(at)
      at += headLength
      if (chunk.length - at < length) {
        open = { buffer: Buffer.allocUnsafeSlow(length), filled: 0 }
        open.filled = chunk.copy(open.buffer, 0, at)
        return
      }
      hear(new FrameReader(chunk, at))
      at += length
    }
    if (at < chunk.length) short = chunk.subarray(at)
  }
}
