import { request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import { superusers } from '../authorization/chain'
import type { ApiServerDeps } from '../api-server'
import type { ApiServerOptions } from '../options'
import { startTestServer, type TestServer } from './test-server'

export interface WireAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Unpacked where it came packed. */
  readonly body: Buffer
}
export interface WireCall {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The answer is taken for complete after so many milliseconds (watches). */
  readonly cutAfter?: number
}
export interface TlsServer extends TestServer {
  /** HTTP/1.1 as an administrator, each call on a connection of its own. */
  ask(path: string, call?: WireCall): Promise<WireAnswer>
}

const token = 'secret'

/** A server behind TLS on a free port, for what clients see on the wire. */
export async function startTlsServer(deps: Partial<ApiServerDeps> = {}, options: ApiServerOptions = {}): Promise<TlsServer> {
  const pki = openPki()
  const ca = keyPairToPem(pki.ca).cert
  const tokens = staticTokens()
  tokens.add({ name: 'admin', groups: ['system:masters'] }, token)
  const server = await startTestServer(
    { authenticators: [bearerTokens([tokens], [])], anonymous: true, authorizers: [superusers], ...deps }, { ...options, listen: { tls: keyPairToPem(pki.apiserver) } },
  )
  return {
    ...server,
    ask: (path, { method = 'GET', headers = {}, body, cutAfter } = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ host: '127.0.0.1', port: server.server.port, ca, method, path, headers: { authorization: `Bearer ${token}`, ...headers }, agent: false }, (answer) => {
          const chunks: Buffer[] = []
          const done = (): void => {
            const whole = Buffer.concat(chunks)
            resolve({ code: answer.statusCode!, headers: answer.headers, body: answer.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole })
          }
          answer.on('data', (chunk: Buffer) => void chunks.push(chunk)).on('end', done).on('error', reject)
          if (cutAfter !== undefined) setTimeout(() => (done(), answer.destroy()), cutAfter).unref()
        })
        sent.on('error', reject)
        sent.end(body)
      }),
  }
}
