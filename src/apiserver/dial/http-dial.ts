import type { IncomingMessage } from 'node:http'
import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import { ApiError } from '#apimachinery/api-error'
import { systemClock } from '#base/clock'
import type { Exchange, Result } from '../exchange'
import { kubeletPort, nodeAddress, type BackendRequest, type Dial } from '../rest/core/kubelet-proxy'
import { goNetworkError } from '../webhook/network-errors'
import { answerHeaders, forward, forwardedHeaders, type Target } from './forward'
import { rewriteHtml, rewriteLink, type Links } from './rewrite-links'

export interface HttpDialOptions {
  /** What the API server shows to kubelets, and the authority that kubelets are held to. PEM. */
  readonly kubelet: { readonly cert: string; readonly key: string; readonly ca: string }
  /** Header names, in lower case, that say who a client is beside the standard ones: they are not passed on. */
  readonly claims?: (header: string) => boolean
}

/** Reaches kubelets, pods and endpoints over HTTP, and joins connections that leave HTTP (exec, port-forward, WebSockets). */
export function httpDial({ kubelet, claims }: HttpDialOptions): Dial {
  return async (backend) => {
    const { exchange, to, method, path, prefix, plain } = backend
    const target: Target = to.sort === 'kubelet'
      ? { secure: true, host: nodeAddress(to.node), port: kubeletPort(to.node), tls: kubelet }
      // Pods have certificates that nobody can check.
      : { secure: to.scheme === 'https', host: to.host, port: to.port, tls: { insecure: true } }
    const headers = forwardedHeaders(plain ? { headers: exchange.headers, remoteAddress: exchange.remoteAddress } : exchange, claims)
    const failed = (error: Error): Error => unreachable(backend, target, error)
    if (prefix === undefined) return forward({ exchange, target, method, path, headers, failed, answer: judged, ...(plain ? { plain } : {}) })
    headers['x-forwarded-uri'] = exchange.info.path
    const links: Links = { prefix, hosts: [hostOf(target), String(headers['host'] ?? '')] }
    return forward({ exchange, target, method, path, headers, failed, answer: (response) => throughProxy(response, links, exchange) })
  }
}

const hostOf = ({ host, port, secure }: Target): string => {
  const name = host.includes(':') ? `[${host}]` : host
  return port === (secure ? 443 : 80) ? name : `${name}:${port}`
}

/** Logs: what a kubelet refused is the API server's own refusal, in the kubelet's words. */
async function judged(response: IncomingMessage): Promise<undefined> {
  const code = response.statusCode ?? 502
  if (code < 400) return undefined
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) if (text.length < 10_000) text += chunk as string
  const reasons: Record<number, 'BadRequest' | 'Forbidden' | 'NotFound' | 'Unauthorized' | 'InternalError'> = { 400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 500: 'InternalError' }
  throw new ApiError(code, reasons[code] ?? '', text.trim() || `the kubelet answered ${code}`)
}

/** Proxies: redirects and the links of pages lead back through the proxy. */
async function throughProxy(response: IncomingMessage, links: Links, { method }: Exchange): Promise<Result | undefined> {
  const code = response.statusCode ?? 502
  const { location } = response.headers
  if (location !== undefined) return { sort: 'stream', code, headers: { ...answerHeaders(response), location: rewriteLink(location, links) }, bytes: response }
  const type = (response.headers['content-type'] ?? '').split(';')[0]!.trim()
  if (type !== 'text/html' || method === 'HEAD') return undefined
  const packing = packings[response.headers['content-encoding'] ?? '']
  // What nobody here can read stays as it is.
  if (!packing) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  const { 'content-length': _, ...headers } = answerHeaders(response)
  const page = packing.pack(Buffer.from(rewriteHtml(packing.unpack(Buffer.concat(chunks)).toString('utf8'), links)))
  return { sort: 'stream', code, headers: { ...headers, 'content-length': String(page.length) }, bytes: only(page) }
}

const same = (bytes: Buffer): Buffer => bytes
const packings: Readonly<Record<string, { unpack(bytes: Buffer): Buffer; pack(bytes: Buffer): Buffer }>> = {
  '': { unpack: same, pack: same },
  gzip: { unpack: gunzipSync, pack: gzipSync },
  deflate: { unpack: inflateRawSync, pack: deflateRawSync },
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function unreachable({ exchange, prefix, method, path }: BackendRequest, target: Target, error: Error): ApiError {
  const why = goNetworkError(error, systemClock.now())
  if (exchange.upgrade) return new ApiError(500, '', why.startsWith('invalid upgrade response') ? why : `error dialing backend: ${why}`, undefined, { cause: error })
  if (prefix !== undefined) return new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`, undefined, { cause: error })
  return new ApiError(500, '', `${method[0]}${method.slice(1).toLowerCase()} ${JSON.stringify(`https://${hostOf(target)}${path}`)}: ${why}`, undefined, { cause: error })
}
