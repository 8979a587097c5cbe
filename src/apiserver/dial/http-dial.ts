import { type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { ApiError, internal } from '#apimachinery/api-error'
import type { Node } from '#api/core/v1/types'
import type { Exchange, Result, Upgrade } from '../exchange'
import type { BackendRequest, Dial } from '../rest/core/kubelet-proxy'

export interface HttpDialOptions {
  /** What the API server shows to kubelets, and the authority that kubelets are held to. PEM. */
  readonly kubelet: { readonly cert: string; readonly key: string; readonly ca: string }
}

/** Reaches kubelets, pods and endpoints over HTTP, and joins connections that leave HTTP (exec, port-forward, WebSockets). */
export function httpDial({ kubelet }: HttpDialOptions): Dial {
  return async (backend) => {
    const { exchange, to } = backend
    const options = to.sort === 'kubelet' ? { ...kubeletAddress(to.node), ...kubelet } : { host: to.host, port: to.port, rejectUnauthorized: false }
    const secure = to.sort === 'kubelet' || to.scheme === 'https'
    const send = secure ? httpsRequest : httpRequest
    const whole: RequestOptions = { ...options, method: backend.method, path: backend.path, headers: forwardedHeaders(exchange), signal: exchange.signal }
    return exchange.upgrade ? join(send(whole), exchange.upgrade, backend) : pass(send(whole), backend)
  }
}

/** Kubelets are reached by their address: host names need a resolver that knows them. */
function kubeletAddress({ metadata, status }: Node): { host: string; port: number } {
  const addresses = status?.addresses ?? []
  const host = ['InternalIP', 'ExternalIP', 'Hostname'].map((type) => addresses.find((address) => address.type === type)?.address).find(Boolean)
  if (!host) throw new ApiError(503, 'ServiceUnavailable', `node ${metadata.name} has no address to reach its kubelet by`)
  return { host, port: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250 }
}

/** The connection's own headers stay behind, and so does who the client is. */
const kept = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'content-length', 'authorization', 'http2-settings'])

function forwardedHeaders({ headers, upgrade }: Exchange): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !name.startsWith(':') && !kept.has(name) && !name.startsWith('impersonate-')) forwarded[name] = value
  if (upgrade) {
    forwarded.connection = 'Upgrade'
    forwarded.upgrade = upgrade.protocol
  }
  return forwarded
}

type ClientRequest = ReturnType<typeof httpRequest>

async function pass(request: ClientRequest, { exchange, method, to }: BackendRequest): Promise<Result> {
  const answered = new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).on('error', (error) => reject(unreachable(to, error))))
  if (method === 'GET' || method === 'HEAD') request.end()
  else {
    const body = await exchange.body()
    request.end(body.sort === 'bytes' ? body.bytes : JSON.stringify(body.object))
  }
  const response = await answered
  const code = response.statusCode ?? 502
  if (to.sort === 'kubelet' && code >= 400) throw await refusal(response)
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(response.headers)) if (value !== undefined && (!kept.has(name) || name === 'content-length')) headers[name] = value
  return { sort: 'stream', code, headers, bytes: response }
}

function join(request: ClientRequest, upgrade: Upgrade, { to }: BackendRequest): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.once('upgrade', (response, socket, head) => {
      upgrade.socket.write(headOf(response))
      if (head.length > 0) upgrade.socket.write(head)
      if (upgrade.head.length > 0) socket.write(upgrade.head)
      connect(upgrade.socket, socket)
      resolve({ sort: 'taken' })
    })
    request.once('response', (response) => void refusal(response).then(reject, reject))
    request.on('error', (error) => reject(unreachable(to, error)))
    request.end()
  })
}

/** `101 Switching Protocols` with the backend's headers as they came: sub-protocols and stream versions are among them. */
function headOf({ rawHeaders }: IncomingMessage): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\n'
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  return `${head}\r\n`
}

/** Bytes go both ways until both sides have ended; when one breaks, so does the other. */
function connect(a: Duplex, b: Duplex): void {
  a.pipe(b)
  b.pipe(a)
  for (const [one, other] of [[a, b], [b, a]] as const) one.on('error', () => other.destroy()).once('close', () => other.destroy())
}

/** What a kubelet refused, in its own words. */
async function refusal(response: IncomingMessage): Promise<ApiError> {
  const code = response.statusCode ?? 502
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) if (text.length < 10_000) text += chunk as string
  const reasons: Record<number, 'BadRequest' | 'Forbidden' | 'NotFound' | 'Unauthorized' | 'InternalError'> = { 400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 500: 'InternalError' }
  return new ApiError(code, reasons[code] ?? '', text.trim() || `the kubelet answered ${code}`)
}

function unreachable(to: BackendRequest['to'], error: Error): ApiError {
  if (to.sort === 'kubelet') return internal(new Error(`error dialing the kubelet of node ${to.node.metadata.name}: ${error.message}`, { cause: error }))
  return new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${error.message}`, undefined, { cause: error })
}
