import { messageOf } from '#base/error-message'
import { readFile } from 'node:fs/promises'
import { ApiError } from '#apimachinery/api-error'
import type { StatusReason } from '#apimachinery/api-error'
import type { Status } from '#apimachinery/meta/v1/types'
import { createBackoff } from '#base/backoff'
import { systemClock } from '#base/clock'
import type { Clock } from '#base/clock'
import { deepFreeze } from '#base/clone'
import { createHttp1Exchange, createHttp2Exchange } from './http-exchange'
import type { HttpAnswer, HttpExchange } from './http-exchange'
import type { Connection } from './kubeconfig'
import { readLines } from './lines'
import type { Call, Transport, WatchEvent } from './transport'

export interface HttpTransportOptions { userAgent?: string }
export interface HttpTransportDeps { clock?: Clock; exchange?: HttpExchange }

/** How often a call is tried again: after the server asked to come back later, and after a connection broke. */
const patience = { later: 10, broken: 3 }
const tokenLifeMs = 60_000

/** An API server over HTTP/2 and TLS (HTTP/1.1 without TLS), with one connection. */
export function createHttpTransport(connection: Connection, { userAgent = 'navarch' }: HttpTransportOptions = {}, deps: HttpTransportDeps = {}): Transport {
  const { clock = systemClock } = deps
  const exchange = deps.exchange ?? (connection.server.startsWith('https:') ? createHttp2Exchange(connection) : createHttp1Exchange(connection))
  const base = new URL(connection.server).pathname.replace(/\/$/, '')
  const credentials = createCredentials(connection, clock)
  const fixed = { 'user-agent': userAgent, ...impersonationHeaders(connection) }

  /** An answer that is a success; throws `ApiError` for all else. */
  const send = async (call: Call): Promise<HttpAnswer> => {
    const path = base + call.path + queryText(call.query)
    const backoff = createBackoff({ initial: 250, max: 5000, jitter: 0.5 })
    const body = call.body === undefined ? undefined : typeof call.body === 'string' || call.body instanceof Uint8Array ? call.body : JSON.stringify(call.body)
    for (let later = 0, broken = 0; ;) {
      const authorization = await credentials()
      let answer: HttpAnswer
      try {
        answer = await exchange.send({
          method: call.method, path, body, signal: call.signal,
          headers: {
            ...fixed, accept: call.accept ?? 'application/json', ...(authorization ? { authorization } : {}),
            ...(body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
          },
        })
      } catch (error) {
        if (call.signal?.aborted) throw error
        if (!mayRepeat(call, error) || broken++ >= patience.broken) throw unreachable(connection.server, error)
        await clock.sleep(backoff.next(), call.signal)
        continue
      }
      if (answer.code >= 200 && answer.code < 300) return answer
      const refusal = await readRefusal(answer)
      const seconds = Number(answer.headers['retry-after'] ?? NaN)
      // A Retry-After says that nothing was done, whatever the method.
      if (!(answer.code === 429 || answer.code >= 500) || !(seconds >= 0) || later++ >= patience.later) throw refusal
      await clock.sleep(seconds * 1000, call.signal)
    }
  }

  return {
    url: connection.server,
    async request(call) {
      const answer = await send(call)
      const text = (await readAll(answer.bytes)).toString('utf8')
      const json = String(answer.headers['content-type'] ?? '').includes('json')
      return { code: answer.code, body: json ? deepFreeze(JSON.parse(text) as unknown) : text, warnings: warningsOf(answer.headers['warning']) }
    },
    async watch(call, deliver) {
      let refusal: ApiError | undefined
      try {
        const answer = await send(call)
        await readLines(answer.bytes, (lines) => {
          const events: WatchEvent[] = []
          for (const line of lines) {
            const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: Status }
            if (event.type === 'ERROR') {
              refusal = ApiError.from(event.object)
              break
            }
            events.push(deepFreeze(event))
          }
          if (events.length > 0) deliver(events)
          if (refusal) throw refusal
        })
      } catch (error) {
        if (call.signal?.aborted) return
        throw error instanceof ApiError ? error : unreachable(connection.server, error)
      }
    },
    async stream(call) {
      const answer = await send(call)
      return { code: answer.code, contentType: String(answer.headers['content-type'] ?? ''), bytes: answer.bytes }
    },
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  }
}

function createCredentials({ token, tokenFile, basic }: Connection, clock: Clock): () => Promise<string | undefined> {
  let read: { token: string; at: number } | undefined
  return async () => {
    if (tokenFile) {
      if (!read || clock.monotonic() - read.at > tokenLifeMs) read = { token: (await readFile(tokenFile, 'utf8')).trim(), at: clock.monotonic() }
      return `Bearer ${read.token}`
    }
    if (token) return `Bearer ${token}`
    return basic ? `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` : undefined
  }
}

function impersonationHeaders({ impersonate }: Connection): Record<string, string | string[]> {
  if (!impersonate) return {}
  const headers: Record<string, string | string[]> = { 'impersonate-user': impersonate.user }
  if (impersonate.uid) headers['impersonate-uid'] = impersonate.uid
  if (impersonate.groups?.length) headers['impersonate-group'] = [...impersonate.groups]
  for (const [key, values] of Object.entries(impersonate.extra ?? {})) headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = [...values]
  return headers
}

function queryText(query: Call['query']): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) search.append(key, String(value))
  const text = search.toString()
  return text ? `?${text}` : ''
}

/** A write whose answer was lost may have happened; what never left may be sent again. */
function mayRepeat(call: Call, error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code.startsWith('ERR_TLS') || code.includes('CERT')) return false
  return call.method === 'GET' || code === 'ERR_HTTP2_INVALID_SESSION' || code === 'ERR_HTTP2_GOAWAY_SESSION'
}

const unreachable = (server: string, cause: unknown): ApiError =>
  new ApiError(503, 'ServiceUnavailable', `the connection to the server ${server} failed: ${messageOf(cause)}`, undefined, { cause })

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 405: 'MethodNotAllowed', 406: 'NotAcceptable', 409: 'Conflict', 410: 'Gone',
  413: 'RequestEntityTooLarge', 415: 'UnsupportedMediaType', 422: 'Invalid', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable', 504: 'Timeout',
}

async function readRefusal({ code, headers, bytes }: HttpAnswer): Promise<ApiError> {
  const text = (await readAll(bytes)).toString('utf8')
  if (String(headers['content-type'] ?? '').includes('json')) {
    const status = JSON.parse(text) as Status
    if (status.kind === 'Status') return ApiError.from({ ...status, code: status.code ?? code })
  }
  return new ApiError(code, reasons[code] ?? '', text.trim() || `the server answered ${code}`)
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** `299 - "text"`, several separated by commas; quotes within are escaped. */
export function warningsOf(header: string | string[] | undefined): string[] {
  const found: string[] = []
  for (const line of header === undefined ? [] : Array.isArray(header) ? header : [header])
    for (const match of line.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)) found.push(match[1]!.replaceAll(/\\(.)/g, '$1'))
  return found
}
