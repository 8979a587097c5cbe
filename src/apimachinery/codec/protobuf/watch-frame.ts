import { putVarint } from './envelope'
import { varintSize } from './writer'

/**
 * One event of a watch's stream: four bytes of length, highest first, then `WatchEvent { type = 1, object = 2 { raw = 1 } }` without an
 * envelope of its own. `object` is in its envelope. `type` is ASCII.
 */
export function watchFrame(type: string, object: Uint8Array): Uint8Array {
  const extension = 1 + varintSize(object.length) + object.length
  const size = 2 + type.length + 1 + varintSize(extension) + extension
  const frame = new Uint8Array(4 + size)
  new DataView(frame.buffer).setUint32(0, size)
  let at = 4
  frame[at++] = 0x0a
  frame[at++] = type.length
  for (let i = 0; i < type.length; i++) frame[at++] = type.charCodeAt(i)
  frame[at++] = 0x12
  at = putVarint(frame, at, extension)
  frame[at++] = 0x0a
  at = putVarint(frame, at, object.length)
  frame.set(object, at)
  return frame
}
