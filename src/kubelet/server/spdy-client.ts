import type { IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { constants, createDeflate } from 'node:zlib'
import { spdyDictionary } from './spdy-dictionary'

/** One stream of a SPDY session. */
export interface SpdyStream {
  write(data: Uint8Array): void
  /** Our side is done; theirs may go on. */
  end(): void
  onData(handler: (data: Buffer) => void): void
}
export interface SpdySession {
  open(headers: Readonly<Record<string, string>>): Promise<SpdyStream>
  /** Settles when the other side has gone. */
  readonly closed: Promise<void>
  close(): void
}

/**
 * The client's side of SPDY/3.1 as Kubernetes' streaming servers speak it: several streams over one upgraded connection, each
 * half-closed by itself, which their WebSocket protocol cannot do. Headers of the other side are not looked at.
 */
export async function connectSpdy(url: string, protocols: readonly string[], tls?: TlsOptions): Promise<{ session: SpdySession; protocol: string }> {
  const { socket, head, response } = await upgrade(url, { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': [...protocols] }, 'POST', tls)
  return { session: createSession(socket, head), protocol: String(response.headers['x-stream-protocol-version'] ?? '') }
}

export interface TlsOptions { ca?: string; cert?: string; key?: string; headers?: Record<string, string> }

/** An HTTP upgrade; rejects with the server's words when it is refused. */
export function upgrade(url: string, headers: Record<string, string | string[]>, method = 'POST', { headers: more, ...tls }: TlsOptions = {}): Promise<{ socket: Duplex; head: Buffer; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method, headers: { ...headers, ...more }, agent: false, ...tls })
    request.on('upgrade', (response, socket, head) => resolve({ socket, head, response }))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => reject(new Error(`unable to upgrade connection: ${text || response.statusCode}`)))
    })
    request.on('error', reject).end()
  })
}

const control = { synStream: 1, rstStream: 3, ping: 6, goAway: 7 }
const fin = 1

function createSession(socket: Duplex, head: Buffer): SpdySession {
  const deflate = createDeflate({ dictionary: spdyDictionary })
  const compressed: Buffer[] = []
  deflate.on('data', (piece: Buffer) => compressed.push(piece))
  const streams = new Map<number, (data: Buffer) => void>()
  let next = 1
  let opening = Promise.resolve()
  let pending = head

  const frame = (type: number, flags: number, body: Buffer): void => {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(0x8003, 0)
    header.writeUInt16BE(type, 2)
    header.writeUInt32BE(((flags << 24) | body.length) >>> 0, 4)
    socket.write(Buffer.concat([header, body]))
  }
  const data = (id: number, flags: number, bytes: Uint8Array): void => {
    const header = Buffer.alloc(8)
    header.writeUInt32BE(id, 0)
    header.writeUInt32BE(((flags << 24) | bytes.length) >>> 0, 4)
    socket.write(Buffer.concat([header, bytes]))
  }
  /** One compression context for the whole session, flushed after each block: blocks must leave in order. */
  const compress = (headers: Readonly<Record<string, string>>): Promise<Buffer> =>
    new Promise((resolve) => {
      const pairs = Object.entries(headers)
      const number = (value: number): Buffer => {
        const buffer = Buffer.alloc(4)
        buffer.writeUInt32BE(value)
        return buffer
      }
      deflate.write(Buffer.concat([number(pairs.length), ...pairs.flatMap(([key, value]) => [number(key.length), Buffer.from(key.toLowerCase()), number(value.length), Buffer.from(value)])]))
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(compressed.splice(0))))
    })

  const read = (): void => {
    while (pending.length >= 8) {
      const length = pending.readUInt32BE(4) & 0xffffff
      if (pending.length < 8 + length) return
      const first = pending.readUInt32BE(0)
      const body = pending.subarray(8, 8 + length)
      pending = pending.subarray(8 + length)
      if ((first & 0x80000000) === 0) {
        if (body.length > 0) streams.get(first)?.(Buffer.from(body))
      } else if ((first & 0xffff) === control.ping) frame(control.ping, 0, Buffer.from(body))
      else if ((first & 0xffff) === control.goAway) socket.end()
    }
  }
  socket.on('data', (piece: Buffer) => {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece])
    read()
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', resolve)
    socket.once('end', resolve)
    socket.once('error', () => resolve())
  })
  // What came together with the answer to the upgrade.
  setImmediate(read)

  return {
    closed,
    open(headers) {
      const opened = opening.then(async (): Promise<SpdyStream> => {
        const block = await compress(headers)
        const id = next
        next += 2
        const start = Buffer.alloc(10)
        start.writeUInt32BE(id, 0)
        frame(control.synStream, 0, Buffer.concat([start, block]))
        let handler: ((data: Buffer) => void) | undefined
        const early: Buffer[] = []
        streams.set(id, (bytes) => (handler ? handler(bytes) : early.push(bytes)))
        return {
          write: (bytes) => data(id, 0, bytes),
          end: () => data(id, fin, new Uint8Array()),
          onData(given) {
            handler = given
            for (const bytes of early.splice(0)) given(bytes)
          },
        }
      })
      opening = opened.then(() => undefined)
      return opened
    },
    close() {
      deflate.destroy()
      socket.end()
    },
  }
}
