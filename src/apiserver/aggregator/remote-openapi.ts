import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { PrebuiltDocument } from '#api/openapi/files'
import type { APIService } from '#api/apiregistration/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { createRefresher } from './refresher'
import type { Remote } from './remote'

export interface RemoteOpenApiDeps {
  readonly clock: Clock
  readonly log: Log
  remoteOf(apiService: APIService): Remote | undefined
  changed(): void
}

/** As much of an OpenAPI v2 document as is merged. */
export type Swagger = Readonly<Partial<Record<'definitions' | 'paths', Readonly<Record<string, unknown>>>>>

export interface RemoteOpenApi {
  /** Documents by their path under /openapi/v3: `apis/wardle.example.com/v1alpha1`. */
  readonly v3: Iterable<readonly [path: string, document: PrebuiltDocument]>
  /** What belongs to the APIServices' groups and versions. */
  readonly v2: Iterable<Swagger>
  add(apiService: APIService): void
  remove(name: string): void
}

interface Entry {
  readonly apiService: APIService
  /** The path and hash by which the server names its document. */
  readonly url: string
  readonly v3: PrebuiltDocument | undefined
  readonly v2: Swagger | undefined
  readonly etag: string
}

const aggregatorUser = { name: 'system:aggregator', groups: ['system:masters'] }
const refreshAfter = 60_000
const backoff = { initial: 1000, max: 60_000 }

/** What extension API servers say about their types, downloaded when it changed. */
export function followRemoteOpenApi({ clock, log, remoteOf, changed }: RemoteOpenApiDeps, signal: AbortSignal): RemoteOpenApi {
  const known = new Map<string, Entry>()
  const refresher = createRefresher({
    clock, backoff,
    async refresh(name) {
      const entry = known.get(name)
      const remote = entry && remoteOf(entry.apiService)
      if (!entry || !remote) return undefined
      const found = { ...entry, ...(await downloadV3(remote, entry)), ...(await downloadV2(remote, entry)) }
      if (known.get(name)?.apiService !== entry.apiService) return undefined
      known.set(name, found)
      if (found.v3 !== entry.v3 || found.v2 !== entry.v2) changed()
      return refreshAfter
    },
    failed: (name, error) => log.debug('the OpenAPI documents of an extension API server cannot be had', { apiService: name, error }),
  }, signal)
  return {
    v3: { [Symbol.iterator]: () => [...known.values()].flatMap(({ apiService, v3 }) => (v3 ? [[documentPath(apiService), v3] as const] : []))[Symbol.iterator]() },
    v2: { [Symbol.iterator]: () => [...known.values()].flatMap(({ v2 }) => v2 ?? [])[Symbol.iterator]() },
    add(apiService) {
      const { name } = apiService.metadata
      known.set(name, { url: '', v3: undefined, v2: undefined, etag: '', ...known.get(name), apiService })
      refresher.anew(name)
    },
    remove(name) {
      const entry = known.get(name)
      known.delete(name)
      refresher.forget(name)
      if (entry?.v2 || entry?.v3) changed()
    },
  }
}

const documentPath = ({ spec: { group, version } }: APIService): string => (group ? `apis/${group}/${version}` : `api/${version}`)

async function downloadV3(remote: Remote, { apiService, url }: Entry): Promise<Partial<Entry>> {
  const path = documentPath(apiService)
  const index = await remote.get('/openapi/v3', { user: aggregatorUser, timeoutMs: 60_000, headers: { accept: 'application/json' } })
  // A server that has none yet: its types are known by the older document alone.
  if (index.code === 404) return { url: '', v3: undefined }
  if (index.code !== 200) throw new Error(`/openapi/v3 answered ${index.code}`)
  const named = (JSON.parse(index.body.toString('utf8')) as { paths?: Record<string, { serverRelativeURL?: string }> }).paths?.[path]?.serverRelativeURL
  if (!named) return { url: '', v3: undefined }
  if (named === url) return {}
  const { code, body } = await remote.get(named, { user: aggregatorUser, timeoutMs: 60_000, headers: { accept: 'application/json' } })
  if (code !== 200) throw new Error(`${named} answered ${code}`)
  const hash = new URL(named, 'https://localhost').searchParams.get('hash') ?? createHash('sha512').update(body).digest('hex').toUpperCase()
  return { url: named, v3: { gzip: gzipSync(body, { level: 1 }), hash } }
}

async function downloadV2(remote: Remote, { apiService, etag }: Entry): Promise<Partial<Entry>> {
  const { code, headers, body } = await remote.get('/openapi/v2', { user: aggregatorUser, timeoutMs: 60_000, headers: { accept: 'application/json', ...(etag ? { 'if-none-match': etag } : {}) } })
  if (code === 304) return {}
  if (code === 404) return { v2: undefined, etag: '' }
  if (code !== 200) throw new Error(`/openapi/v2 answered ${code}`)
  return { v2: ownPart(JSON.parse(body.toString('utf8')) as Whole, `/${documentPath(apiService)}/`), etag: headers.etag ?? '' }
}

type Whole = Swagger & { readonly parameters?: Readonly<Record<string, unknown>> }

/** The paths below one version, with the definitions that they lead to. Parameters that documents share are put where they belong. */
export function ownPart({ definitions = {}, parameters = {}, paths = {} }: Whole, prefix: string): Swagger {
  const found: Record<string, unknown> = {}
  const resolved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolved)
    if (typeof value !== 'object' || value === null) return value
    const ref = (value as { $ref?: unknown }).$ref
    if (typeof ref === 'string' && ref.startsWith('#/parameters/')) return parameters[ref.slice('#/parameters/'.length)] ?? value
    if (typeof ref === 'string' && ref.startsWith('#/definitions/')) follow(ref.slice('#/definitions/'.length))
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, resolved(below)]))
  }
  const follow = (name: string): void => {
    if (name in found || !(name in definitions)) return
    found[name] = undefined
    found[name] = resolved(definitions[name])
  }
  const own = Object.fromEntries(Object.entries(paths).filter(([path]) => path.startsWith(prefix) || `${path}/` === prefix).map(([path, item]) => [path, resolved(item)]))
  return { paths: own, definitions: found }
}
