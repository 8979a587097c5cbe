import { ApiError } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import { checkHealth, type HealthCheck } from '#component-base/health'
import type { Log } from '#component-base/log'
import type { Exchange, Result } from '../exchange'
import type { Discovery } from '../discovery/discovery'
import { notAllowed, nothingHere, notServed } from '../verbs/dispatch'
import { versionInfo } from './version'

/** Another path that the server answers: `/metrics`, `/openapi/v3`. `path` ends in `/` where everything below belongs to it. */
export interface RootEndpoint {
  readonly path: string
  /** Nothing below belongs to it, though it ends in `/`. */
  readonly exact?: boolean
  /** Not in the index of all paths. */
  readonly unlisted?: boolean
  serve(exchange: Exchange): Result | Promise<Result>
}

/** Throws 406 when a client wants another type than the only one there is. */
export function requireAcceptable(accept: string | string[] | undefined, contentType: string): void {
  const types = String(accept ?? '').split(',').map((clause) => clause.split(';')[0]!.trim())
  const wildcard = `${contentType.split('/')[0]}/*`
  if (types.some((type) => type === '' || type === '*/*' || type === wildcard || type === contentType)) return
  throw new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${contentType}`, {})
}

export interface RootDeps {
  readonly discovery: Discovery
  readonly endpoints: readonly RootEndpoint[]
  readonly livez: readonly HealthCheck[]
  readonly readyz: readonly HealthCheck[]
  /** Told what each check of a probe found. */
  readonly observe?: (name: string, type: string, ok: boolean) => void
  readonly log?: Log
  /** Paths of resources, for the index. */
  readonly paths: () => readonly string[]
}

const healthPaths = ['/healthz', '/livez', '/readyz'] as const

/** Everything that is no resource. */
export function serveRoot(deps: RootDeps): (exchange: Exchange) => Result | Promise<Result> {
  return (exchange) => {
    const { path } = exchange.info
    const accept = exchange.headers.accept
    const endpoint = deps.endpoints.find((one) => path === one.path || (!one.exact && one.path.endsWith('/') && path.startsWith(one.path)))
    // They know themselves in which forms they answer.
    if (endpoint) return endpoint.serve(exchange)
    const isDiscovery = path === '/api' || path === '/apis' || path.startsWith('/api/') || path.startsWith('/apis/')
    const known = exchange.headers['if-none-match']
    const answer = isDiscovery ? deps.discovery.answer(path, typeof accept === 'string' ? accept : '', typeof known === 'string' ? known : undefined) : undefined
    if (answer && onlyRead.test(path)) requireGet(exchange)
    // Aggregated discovery has media types of its own.
    if (answer?.sort === 'bytes') return answer
    if (path === '/version' || path === '/version/') {
      requireGet(exchange)
      requireAcceptable(accept, 'application/json')
      return { sort: 'object', code: 200, object: versionInfo() }
    }
    const health = healthPaths.find((root) => path === root || path.startsWith(`${root}/`))
    if (health) return answerHealth(deps, health, exchange)
    if (isDiscovery) {
      exchange.negotiate(undefined)
      if (answer) return answer
      if (deps.discovery.knowsGroup(path)) throw notServed()
      return nothingHere
    }
    if (path === '/' || path === '/index.html') return { sort: 'object', code: 200, object: { paths: deps.paths() } }
    if (path === '/debug/pprof' || path.startsWith('/debug/pprof/') || path.startsWith('/debug/flags')) return noProfiles
    return nothingHere
  }
}

/** Lists of groups answer to every method, what stands in one to reading alone. */
const onlyRead = /^\/api\/?$|^\/api\/[^/]+\/?$|^\/apis\/[^/]+\/[^/]+\/?$/

export function requireGet({ method }: Exchange): void {
  if (method !== 'GET') throw notAllowed()
}

const noProfiles: Result = {
  sort: 'bytes', code: 404, contentType: 'text/plain; charset=utf-8', headers: { 'x-content-type-options': 'nosniff' },
  bytes: '404 page not found\nThis API server is no Go program: it has neither /debug/pprof nor /debug/flags. Start node with --cpu-prof or --inspect to see what it does.\n',
}

async function answerHealth(deps: RootDeps, root: (typeof healthPaths)[number], exchange: Exchange): Promise<Result> {
  const { path, query } = exchange.info
  const all = root === '/readyz' ? deps.readyz : deps.livez
  if (path !== root) {
    const name = path.slice(root.length + 1)
    const check = all.find((one) => one.name === name)
    if (!check) return nothingHere
    try {
      await check.check(exchange.signal)
      return { sort: 'bytes', code: 200, contentType: 'text/plain; charset=utf-8', bytes: 'ok' }
    } catch (error) {
      // Whoever may ask for one check may know why it fails.
      return plain(500, `internal server error: ${messageOf(error)}\n`)
    }
  }
  const type = root.slice(1)
  const { ok, text } = await checkHealth(type, all, exchange.signal, new Set(query.getAll('exclude')), (one, error) => {
    deps.observe?.(one, type, error === undefined)
    if (error !== undefined) deps.log?.info('a health check failed', { check: one, endpoint: type, error: messageOf(error) })
  })
  return plain(ok ? 200 : 500, ok && !query.has('verbose') ? 'ok' : text)
}

const plain = (code: number, bytes: string): Result =>
  ({ sort: 'bytes', code, contentType: 'text/plain; charset=utf-8', bytes, headers: { 'x-content-type-options': 'nosniff' } })
