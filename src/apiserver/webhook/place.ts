import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import { decodeJson } from '#apimachinery/codec/json'
import { ApiError } from '#apimachinery/api-error'
import { goNetworkError } from './network-errors'
import { refusalOf } from './refusal'
import type { Address } from './service-address'
import type { Webhook, WebhookCall } from './webhook'
import { WebhookError } from './webhook-error'

/** Where and as whom to POST. PEM texts. */
export interface Place {
  /** `https://name.namespace.svc:443/path`, as errors show it. */
  readonly url: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly insecure?: boolean
  /** The name that the certificate must have, where it is not the URL's. */
  readonly serverName?: string
  /** The `Authorization` header; asked at each call, since tokens are renewed. */
  readonly authorization?: () => string | undefined
  /** Where the URL's host is now; absent: its name is looked up. */
  readonly resolve?: () => Address | Promise<Address>
}

/** Answers that are larger are no answers. */
const maxAnswerBytes = 64 << 20

/** Connections that nobody uses are kept for a while, but not without number. */
const idle = { keepAlive: true, maxFreeSockets: 25, keepAliveMsecs: 30_000 } as const

export function openPlace(place: Place, clock: Clock): Webhook {
  const url = new URL(place.url)
  const secure = url.protocol === 'https:'
  const tls = {
    ...(place.ca === undefined ? {} : { ca: place.ca }), ...(place.cert === undefined ? {} : { cert: place.cert, key: place.key }), rejectUnauthorized: !place.insecure,
    ...(place.serverName === undefined ? {} : { servername: place.serverName }),
  }
  const agent = secure ? new HttpsAgent(idle) : new HttpAgent(idle)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const named: Address = { host, port: Number(url.port) || (secure ? 443 : 80) }
  const base = url.pathname + url.search
  const separator = url.search === '' ? '?' : '&'
  const shown = place.url.includes('/', place.url.indexOf('//') + 2) ? place.url : `${place.url}/`

  const post = (to: Address, path: string, text: string, signal: AbortSignal, wanted: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const authorization = place.authorization?.()
      const options = {
        host: to.host, port: to.port, path, method: 'POST', agent, signal,
        headers: {
          host: url.host === '' ? host : url.port === '' && place.resolve ? `${url.hostname}:${named.port}` : url.host, accept: 'application/json, */*', 'content-type': 'application/json', 'content-length': Buffer.byteLength(text),
          'user-agent': 'kube-apiserver-admission', ...(authorization === undefined ? {} : { authorization }),
        },
        ...(secure ? { ...tls, servername: tls.servername ?? (isAddress(host) ? '' : host) } : {}),
      }
      const request = secure ? httpsRequest(options) : httpRequest(options)
      request.on('response', (response) => void answerOf(response, wanted).then(resolve, reject))
      // A kept connection that the other side closed meanwhile has not been asked anything.
      request.on('error', (error) => reject(request.reusedSocket && isClosed(error) ? new StaleConnection(error) : error))
      request.end(text)
    })

  return {
    async call(body, { timeoutMs, signal, wantsAnswer = true }: WebhookCall) {
      const seconds = `timeout=${goSeconds(timeoutMs)}`
      const inTime = new AbortController()
      const cancel = (): void => inTime.abort(canceled)
      const timer = clock.after(timeoutMs, () => inTime.abort(exceeded))
      if (signal?.aborted) cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      try {
        for (;;) {
          try {
            const to = place.resolve ? await place.resolve() : named
            inTime.signal.throwIfAborted()
            return await post(to, base + separator + seconds, text, inTime.signal, wantsAnswer)
          } catch (error) {
            if (!(error instanceof StaleConnection)) throw error
          }
        }
      } catch (error) {
        if (error instanceof WebhookError) throw error
        const why = inTime.signal.aborted ? (inTime.signal.reason as Error) : error
        const words = why instanceof ApiError ? why.message : why === exceeded || why === canceled ? messageOf(why) : goNetworkError(why, clock.now())
        throw new WebhookError({ message: `Post ${JSON.stringify(shown + separator + seconds)}: ${words}`, timedOut: why === exceeded, canceled: why === canceled, cause: error })
      } finally {
        timer[Symbol.dispose]()
        signal?.removeEventListener('abort', cancel)
      }
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

const exceeded = new Error('context deadline exceeded')
const canceled = new Error('context canceled')

class StaleConnection extends Error {
  constructor(cause: unknown) {
    super('a kept connection was closed', { cause })
  }
}

const isClosed = (error: unknown): boolean => ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')
const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(':')

async function answerOf(response: IncomingMessage, wanted: boolean): Promise<unknown> {
  const code = response.statusCode ?? 0
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswerBytes) {
      response.destroy()
      throw new WebhookError({ message: `the answer is larger than ${maxAnswerBytes} bytes`, code: 500, reason: 'InternalError' })
    }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (code < 200 || code > 206) throw refusalOf(code, response.headers['content-type'] ?? '', text)
  if (!wanted) return undefined
  try {
    return decodeJson(text)
  } catch (error) {
    throw new WebhookError({ message: `couldn't get version/kind; json parse error: ${messageOf(error)}`, code: 500, reason: 'InternalError', cause: error })
  }
}

/** `10s`, `1m30s`: a duration of whole seconds as Go writes it. */
function goSeconds(ms: number): string {
  const all = Math.max(1, Math.ceil(ms / 1000))
  const [minutes, seconds] = [Math.floor(all / 60), all % 60]
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`
}
