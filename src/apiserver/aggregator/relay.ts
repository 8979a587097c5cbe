import { ApiError } from '#apimachinery/api-error'
import type { APIService } from '#api/apiregistration/v1/types'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import { forward, forwardedHeaders } from '../dial/forward'
import type { Exchange, Result } from '../exchange'
import { goNetworkError } from '../webhook/network-errors'
import { isAvailable } from './conditions'
import { identityOf } from './identity'
import type { Remote } from './remote'

export interface RelayOptions {
  readonly clock: Clock
  /** Answers that send clients elsewhere are refused. */
  readonly rejectRedirects: boolean
  /** Headers that say who a client is: only the API server says that. */
  readonly claims: (header: string) => boolean
}

/** Discovery is cheap; a server that does not answer it soon is not to hold up every client. */
const discoveryTimeout = 5000

/** Passes a request on to an extension API server as the user who was let in here. */
export async function relay(exchange: Exchange, apiService: APIService, remote: Remote, { clock, rejectRedirects, claims }: RelayOptions): Promise<Result> {
  if (!isAvailable(apiService)) return text(exchange, 503, 'service unavailable')
  const { host, port } = await remote.address().catch(() => ({ host: '', port: 0 }))
  if (host === '') return text(exchange, 503, 'service unavailable')
  const { target, info, method } = exchange
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const inTime = new AbortController()
  const isDiscovery = !info.isResource && info.path.split('/').filter(Boolean).length === 3
  const timer = isDiscovery ? clock.after(discoveryTimeout, () => inTime.abort()) : undefined
  try {
    const result = await forward({
      exchange, method, path: target,
      target: { secure: true, host, port, agent: remote.agent, tls: remote.tls },
      headers: {
        ...forwardedHeaders(exchange, claims), ...(exchange.inProcess ? { accept: 'application/json', 'content-type': exchange.headers['content-type'] ?? 'application/json' } : {}),
        ...identityOf(exchange.user), 'audit-id': exchange.auditId,
        host: authority, 'x-forwarded-uri': info.path, 'x-forwarded-host': authority, 'x-forwarded-proto': 'https',
      },
      ...(isDiscovery ? { signal: inTime.signal } : {}),
      failed: (error) => new Unreached(error),
      answer(response) {
        const code = response.statusCode ?? 502
        if (!rejectRedirects || code < 300 || code > 399 || response.headers.location === undefined) return undefined
        response.destroy()
        return { sort: 'bytes', code: 502, contentType: '', bytes: 'the backend attempted to redirect this request, which is not permitted' }
      },
    })
    return result
  } catch (error) {
    if (!(error instanceof Unreached)) throw error
    const why = inTime.signal.aborted ? 'context deadline exceeded' : goNetworkError(error.cause, clock.now())
    return text(exchange, 503, exchange.upgrade ? `error dialing backend: ${why}` : `error trying to reach service: ${why}`)
  } finally {
    timer?.[Symbol.dispose]()
  }
}

class Unreached extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause })
  }
}

/** The aggregator speaks to clients in plain text; callers in the process know errors only. */
function text({ inProcess }: Exchange, code: number, message: string): Result {
  if (inProcess) throw new ApiError(code, 'ServiceUnavailable', message)
  return { sort: 'bytes', code, contentType: 'text/plain; charset=utf-8', bytes: `${message}\n`, headers: { 'x-content-type-options': 'nosniff' } }
}
