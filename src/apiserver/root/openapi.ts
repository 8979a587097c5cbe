import { gunzipSync } from 'node:zlib'
import { ApiError } from '#apimachinery/api-error'
import { openApiV2, openApiV3, openApiV3Index, type PrebuiltDocument } from '#api/openapi/files'
import type { Exchange, Result } from '../exchange'
import type { RootEndpoint } from './root'

// Not with the at sign under which old clients ask: that is no media type.
const v2Protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const v2Protobufs = [v2Protobuf, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf']

const header = (exchange: Exchange, name: string): string => {
  const value = exchange.headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}

/** Made when it is asked for. */
export interface LazyDocument {
  readonly hash: string
  load(): PrebuiltDocument | Promise<PrebuiltDocument>
}

/** Documents of what is not built in, and what there is to be seen of what is. */
export interface MoreDocuments {
  /** Whether what is built in at a path under /openapi/v3 is served. */
  serves(path: string): boolean
  /** By their path under /openapi/v3. */
  v3(): ReadonlyMap<string, LazyDocument>
  /** The whole, built-in kinds included; undefined when there is nothing to add. */
  v2(format: 'json' | 'protobuf'): Promise<PrebuiltDocument | undefined>
}

/** The prebuilt documents as they lie on disk; clients that know a document by its hash get nothing but that. */
export const openApiEndpoints = (more: MoreDocuments): readonly RootEndpoint[] => [
  { path: '/openapi/v2', serve: (exchange) => serveV2(exchange, more) },
  { path: '/openapi/v3', serve: () => serveIndex(more) },
  { path: '/openapi/v3/', serve: (exchange) => serveV3(exchange, more) },
]

async function serveV2(exchange: Exchange, more: MoreDocuments): Promise<Result> {
  const accept = header(exchange, 'accept')
  const protobuf = v2Protobufs.find((type) => accept.includes(type))
  const asksJson = accept === '' || /(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)/.test(accept)
  if (!protobuf && !asksJson) throw new ApiError(406, 'NotAcceptable', '406: Not Acceptable')
  const format = protobuf ? 'protobuf' : 'json'
  const document = (await more.v2(format)) ?? (await openApiV2(format))
  return send(exchange, document, protobuf ? v2Protobuf : 'application/json')
}

async function serveIndex(more: MoreDocuments): Promise<Result> {
  const hashes = Object.fromEntries(Object.entries(await openApiV3Index()).filter(([path]) => more.serves(path)))
  for (const [path, { hash }] of more.v3()) hashes[path] = hash
  const paths = Object.fromEntries(Object.keys(hashes).sort().map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashes[path]}` }]))
  // The original does not say what this is.
  return { sort: 'bytes', code: 200, contentType: 'text/plain; charset=utf-8', bytes: JSON.stringify({ paths }) }
}

async function serveV3(exchange: Exchange, more: MoreDocuments): Promise<Result> {
  const { path, query } = exchange.info
  const name = path.slice('/openapi/v3/'.length).replace(/\/$/, '')
  const document = (more.serves(name) ? await openApiV3(name) : undefined) ?? (await more.v3().get(name)?.load())
  if (!document) return { sort: 'bytes', code: 404, contentType: '', bytes: '' }
  const hash = query.get('hash')
  if (hash && hash !== document.hash) {
    return { sort: 'bytes', code: 301, contentType: '', bytes: '', headers: { location: `/openapi/v3/${name}?hash=${document.hash}` } }
  }
  // What is asked for by its hash never changes.
  return send(exchange, document, 'application/json', hash ? { 'cache-control': 'public, immutable', expires: new Date(Date.now() + 365 * 86_400_000).toUTCString() } : {})
}

function send(exchange: Exchange, document: PrebuiltDocument, contentType: string, more: Record<string, string> = {}): Result {
  const etag = `"${document.hash}"`
  const headers = { ...more, etag, vary: 'Accept' }
  if (header(exchange, 'if-none-match') === etag) return { sort: 'bytes', code: 304, contentType: '', bytes: '', headers }
  if (header(exchange, 'accept-encoding').includes('gzip')) {
    return { sort: 'bytes', code: 200, contentType, bytes: document.gzip, headers: { ...headers, 'content-encoding': 'gzip' } }
  }
  return { sort: 'bytes', code: 200, contentType, bytes: gunzipSync(document.gzip), headers }
}
