import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { APIService } from '#api/apiregistration/v1/types'
import { messageOf } from '#base/error-message'
import type { Clock } from '#base/clock'
import type { UserInfo } from '../authentication/authenticator'
import { ApiError } from '#apimachinery/api-error'
import { goNetworkError } from '../webhook/network-errors'
import type { Address } from '../webhook/service-address'
import { identityOf } from './identity'

export interface RemoteOptions {
  /** What the API server shows to extension API servers, by which they know that they may believe it. PEM. */
  readonly proxyClient: { readonly cert: string; readonly key: string }
  /** Where a service's port is answered now. */
  resolve(service: ServiceKey): Address | Promise<Address>
  readonly clock: Clock
}

export interface ServiceKey {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** What came back whole. */
export interface RemoteAnswer {
  readonly code: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** The server behind an APIService, over connections of its own. */
export interface Remote extends Disposable {
  readonly service: ServiceKey
  readonly agent: Agent
  readonly tls: { readonly ca?: string; readonly cert: string; readonly key: string; readonly servername: string; readonly insecure: boolean }
  /** Throws where nobody answers for the service now. */
  address(): Promise<Address>
  /** Asks as the aggregator. Throws an Error in the words of Go's HTTP client. */
  get(path: string, options: { user: UserInfo; timeoutMs: number; headers?: Readonly<Record<string, string>> }): Promise<RemoteAnswer>
}

export const keyOfService = (service: NonNullable<APIService['spec']['service']>): ServiceKey => ({ namespace: service.namespace ?? '', name: service.name ?? '', port: service.port ?? 443 })

/** What of an APIService decides on its connections: the same text, the same remote. */
export const fingerprint = ({ spec: { service, caBundle, insecureSkipTLSVerify } }: APIService): string => JSON.stringify([service, caBundle, insecureSkipTLSVerify])

export function openRemote({ spec: { service, caBundle, insecureSkipTLSVerify } }: APIService, { proxyClient, resolve, clock }: RemoteOptions): Remote {
  const key = keyOfService(service!)
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 25 })
  const tls = {
    ...proxyClient, servername: `${key.name}.${key.namespace}.svc`, insecure: insecureSkipTLSVerify ?? false,
    ...(caBundle ? { ca: Buffer.from(caBundle, 'base64').toString('utf8') } : {}),
  }
  return {
    service: key, agent, tls,
    address: async () => resolve(key),
    async get(path, { user, timeoutMs, headers }) {
      const { host, port } = await resolve(key)
      const shown = `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
      const stop = new AbortController()
      const timer = clock.after(timeoutMs, () => stop.abort())
      try {
        return await ask({
          host, port, path, agent, signal: stop.signal, headers: { 'accept-encoding': 'gzip', ...headers, ...identityOf(user) },
          ca: tls.ca, cert: tls.cert, key: tls.key, servername: tls.servername, rejectUnauthorized: !tls.insecure,
        })
      } catch (error) {
        const why = stop.signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : error instanceof ApiError ? messageOf(error) : goNetworkError(error, clock.now())
        throw new Error(`Get ${JSON.stringify(shown)}: ${why}`, { cause: error })
      } finally {
        timer[Symbol.dispose]()
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** Larger documents are none. */
const maxBytes = 64 << 20

function ask(options: Parameters<typeof httpsRequest>[1] & object, again = false): Promise<RemoteAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(options)
    request.on('response', (response) => void read(response).then(resolve, reject))
    request.on('error', (error) => {
      // A connection that was kept and closed meanwhile has not been asked anything.
      if (!again && request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') resolve(ask(options, true))
      else reject(error)
    })
    request.end()
  })
}

async function read(response: IncomingMessage): Promise<RemoteAnswer> {
  const { createGunzip } = await import('node:zlib')
  const source = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      response.destroy()
      throw new Error(`the answer is larger than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return { code: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
}
