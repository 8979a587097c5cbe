import { STATUS_CODES, type Agent as HttpAgent, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http'
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https'
import { isIP } from 'node:net'
import { pipeline } from 'node:stream'
import type { Duplex } from 'node:stream'
import type { Exchange, Result, Upgrade } from '../exchange'
import { identityHeaders } from '../authentication/request-header'

/** Where a request goes on, and over what connection. */
export interface Target {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly agent?: HttpAgent | HttpsAgent
  readonly tls?: {
    /** PEM; absent: the roots of the system. */
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    /** The name that the certificate must have; absent: the host. */
    readonly servername?: string
    readonly insecure?: boolean
  }
}

export interface Forward {
  readonly exchange: Exchange
  readonly target: Target
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  /** No other protocol is asked for, whatever the client wants on its own connection. */
  readonly plain?: true
  /** Beside the caller's own: a time limit. */
  readonly signal?: AbortSignal
  /** What to throw when nobody answers. */
  failed(error: Error): Error
  /** Makes another result of an answer that is no upgrade; undefined: it goes on as it came. */
  answer?(response: IncomingMessage): Result | undefined | Promise<Result | undefined>
}

/** Sends a request on and its answer back, both as they come; joins the two connections where the client asks for another protocol. */
export function forward(wanted: Forward): Promise<Result> {
  const upgrade = wanted.plain ? undefined : wanted.exchange.upgrade
  return upgrade ? join(wanted, upgrade) : pass(wanted)
}

function send({ target, method, path, headers, exchange, signal }: Forward): ClientRequest {
  const { secure, host, port, agent, tls } = target
  const options = { host, port, method, path, headers, signal: signal ? AbortSignal.any([signal, exchange.signal]) : exchange.signal, ...(agent ? { agent } : {}) }
  if (!secure) return httpRequest(options)
  return httpsRequest({
    ...options,
    ...(tls?.ca ? { ca: tls.ca } : {}), ...(tls?.cert ? { cert: tls.cert, key: tls.key } : {}), rejectUnauthorized: !tls?.insecure,
    // The Host header is the client's: the certificate is another's.
    servername: tls?.servername ?? (isIP(host) ? '' : host),
  })
}

async function pass(wanted: Forward, again = false): Promise<Result> {
  const { exchange, method } = wanted
  const { source } = exchange
  const bodiless = method === 'GET' || method === 'HEAD' || (exchange.headers['content-length'] === '0' && source !== undefined)
  const body = bodiless || source ? undefined : await exchange.body()
  const request = send(wanted)
  const answered = new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).on('error', reject))
  if (bodiless) request.end()
  // Not a pipeline: that would end the client's stream with the backend's, and the answer could not be written.
  else if (source) source.pipe(request)
  else request.end(body!.sort === 'bytes' ? body!.bytes : JSON.stringify(body!.object))
  let response: IncomingMessage
  try {
    response = await answered
  } catch (error) {
    // A connection that was kept and closed meanwhile has not been asked anything.
    if (bodiless && !again && request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return pass(wanted, true)
    throw wanted.failed(error as Error)
  }
  const other = await wanted.answer?.(response)
  return other ?? { sort: 'stream', code: response.statusCode ?? 502, headers: answerHeaders(response), bytes: response }
}

function join(wanted: Forward, upgrade: Upgrade): Promise<Result> {
  const { socket } = upgrade
  return new Promise((resolve, reject) => {
    const request = send(wanted)
    request.once('upgrade', (response, backend, head) => {
      socket.write(headOf(response))
      if (head.length > 0) socket.write(head)
      if (upgrade.head.length > 0) backend.write(upgrade.head)
      connect(socket, backend)
      resolve({ sort: 'taken' })
    })
    request.once('response', (response) => {
      const code = response.statusCode ?? 502
      if (code < 400) {
        response.destroy()
        reject(wanted.failed(new Error(`invalid upgrade response: status code ${code}`)))
        return
      }
      // A refusal goes to the client in the backend's own words, and is the end of the connection.
      socket.write(headOf(response))
      pipeline(response, socket, () => {})
      resolve({ sort: 'taken' })
    })
    request.on('error', (error) => reject(wanted.failed(error)))
    request.end()
  })
}

/** The head as it came: sub-protocols and stream versions are among the headers. What was taken apart on the way is not said. */
function headOf({ rawHeaders, statusCode = 502, statusMessage }: IncomingMessage): string {
  let head = `HTTP/1.1 ${statusCode} ${statusMessage || STATUS_CODES[statusCode] || ''}\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) if (statusCode === 101 || !ofConnection.has(rawHeaders[i]!.toLowerCase())) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  return `${head}${statusCode === 101 ? '' : 'Connection: close\r\n'}\r\n`
}

/** Bytes go both ways until both sides have ended; when one breaks, so does the other. */
function connect(a: Duplex, b: Duplex): void {
  a.pipe(b)
  b.pipe(a)
  for (const [one, other] of [[a, b], [b, a]] as const) one.on('error', () => other.destroy()).once('close', () => other.destroy())
}

/** Of the connection, not of the message: they are not passed on. */
const ofConnection = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'])

const strictly = identityHeaders()

/** The client's headers but those of its connection and those that say who it is. `claims` names the latter. */
export function forwardedHeaders({ headers, upgrade, remoteAddress }: Pick<Exchange, 'headers' | 'upgrade' | 'remoteAddress'>, claims: (header: string) => boolean = strictly): Record<string, string | string[]> {
  const forwarded: Record<string, string | string[]> = {}
  const listed = String(headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim())
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined || name.startsWith(':') || ofConnection.has(name) || listed.includes(name)) continue
    if (name === 'authorization' || name.startsWith('impersonate-') || claims(name)) continue
    forwarded[name] = value
  }
  const authority = headers[':authority']
  if (typeof authority === 'string') forwarded.host = authority
  if (remoteAddress !== '') {
    const before = headers['x-forwarded-for']
    forwarded['x-forwarded-for'] = [...(before === undefined ? [] : [String(before)]), remoteAddress.replace(/^::ffff:/, '')].join(', ')
  }
  if (upgrade) {
    forwarded.connection = 'Upgrade'
    forwarded.upgrade = upgrade.protocol
  }
  return forwarded
}

/** What a backend may not say for the API server. */
const cors = new Set(['access-control-allow-credentials', 'access-control-allow-headers', 'access-control-allow-methods', 'access-control-allow-origin'])

export function answerHeaders({ headers }: IncomingMessage): Record<string, string | readonly string[]> {
  const answer: Record<string, string | readonly string[]> = { 'cache-control': 'no-cache, private' }
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && !ofConnection.has(name) && !cors.has(name)) answer[name] = value
  }
  return answer
}
