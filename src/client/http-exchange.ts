import { request as httpRequest } from 'node:http'
import { connect, constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import type { Connection } from './kubeconfig'

export interface HttpRequest {
  method: string
  /** With query. */
  path: string
  headers: Readonly<Record<string, string | string[]>>
  body?: string | Uint8Array
  signal?: AbortSignal
}
export interface HttpAnswer { code: number; headers: Readonly<Record<string, string | string[] | undefined>>; bytes: AsyncIterable<Uint8Array> }

/** One request and its answer over HTTP, whichever version. Throws what the network throws. */
export interface HttpExchange extends AsyncDisposable {
  send(request: HttpRequest): Promise<HttpAnswer>
}

const windowSize = 8 * 1024 * 1024
const tlsOptions = ({ ca, cert, key, insecure, serverName }: Connection) => ({
  ca, cert, key, rejectUnauthorized: !insecure, ...(serverName ? { servername: serverName } : {}),
})

/** HTTP/2: everything over one connection, which is made anew when it breaks. */
export function createHttp2Exchange(connection: Connection): HttpExchange {
  let session: ClientHttp2Session | undefined
  let failed: Error | undefined

  const open = (): ClientHttp2Session => {
    if (session && !session.closed && !session.destroyed) return session
    const fresh = connect(connection.server, {
      ...tlsOptions(connection), maxSessionMemory: 1000, settings: { initialWindowSize: windowSize, enablePush: false },
    })
    failed = undefined
    fresh.on('connect', (_session, socket) => {
      // A Bun client stalls behind a session window that was raised by hand.
      if (!process.versions['bun']) fresh.setLocalWindowSize(windowSize)
      // The kernel finds out about a peer that is gone; no timer of ours does.
      if ('setKeepAlive' in socket) socket.setKeepAlive(true, 30_000)
    })
    fresh.on('error', (error) => void (failed = error))
    const forget = (): void => {
      if (session === fresh) session = undefined
    }
    fresh.on('close', forget)
    fresh.on('goaway', forget)
    return (session = fresh)
  }

  return {
    send: ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error)
        const stream: ClientHttp2Stream = open().request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined })
        const onAbort = (): void => {
          stream.close(constants.NGHTTP2_CANCEL)
          reject(signal!.reason as Error)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        stream.on('close', () => {
          signal?.removeEventListener('abort', onAbort)
          reject(failed ?? new Error('the connection was closed before an answer came'))
        })
        stream.on('error', (error) => reject(failed ?? error))
        stream.on('response', (answer) => {
          const { ':status': code = 0, ...rest } = answer
          resolve({ code, headers: rest, bytes: stream as AsyncIterable<Uint8Array> })
        })
        if (body !== undefined) stream.end(body)
      }),
    async [Symbol.asyncDispose]() {
      const last = session
      session = undefined
      if (!last || last.destroyed) return
      await new Promise<void>((resolve) => {
        last.once('close', resolve)
        last.destroy()
      })
    },
  }
}

/** HTTP/1.1, for servers without TLS. */
export function createHttp1Exchange(connection: Connection): HttpExchange {
  const secure = connection.server.startsWith('https:')
  const stop = new AbortController()
  return {
    send: ({ method, path, headers, body, signal }) =>
      new Promise((resolve, reject) => {
        const options = {
          method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
          signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal, ...(secure ? tlsOptions(connection) : {}),
        }
        const request = (secure ? httpsRequest : httpRequest)(new URL(path, connection.server), options, (answer) =>
          resolve({ code: answer.statusCode ?? 0, headers: answer.headers, bytes: answer as AsyncIterable<Uint8Array> }))
        request.on('error', (error) => reject(signal?.aborted ? (signal.reason as Error) : error))
        request.end(body)
      }),
    async [Symbol.asyncDispose]() {
      stop.abort()
    },
  }
}
