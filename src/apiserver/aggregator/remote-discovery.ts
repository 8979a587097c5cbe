import type { APIService } from '#api/apiregistration/v1/types'
import type { APIResource, APIResourceList } from '#apimachinery/meta/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { RemoteVersion } from '../discovery/remote-version'
import { createRefresher } from './refresher'
import type { Remote } from './remote'

export interface RemoteDiscoveryDeps {
  readonly clock: Clock
  readonly log: Log
  remoteOf(apiService: APIService): Remote | undefined
  /** Something that clients see is another. */
  changed(): void
}

export interface RemoteDiscovery {
  readonly versions: Iterable<RemoteVersion>
  /** An APIService came or changed: it is asked anew. */
  add(apiService: APIService): void
  remove(name: string): void
}

/** What one server said last, by group and version. */
interface Document {
  readonly versions: ReadonlyMap<string, readonly unknown[]>
  readonly etag: string
}

const kubeAggregator = { name: 'system:kube-aggregator', groups: ['system:masters'] }
const aggregatedTypes = [2, '2beta1'].map((version) => `application/json;g=apidiscovery.k8s.io;v=v${version};as=APIGroupDiscoveryList`).join(',')
/** Nothing tells when an extension API server serves something else: it is asked again, for as long as there is one. */
const refreshAfter = 60_000
const backoff = { initial: 500, max: refreshAfter }

/** What extension API servers serve, as they say themselves. What they said last stays, marked as stale, while they do not answer. */
export function followRemoteDiscovery({ clock, log, remoteOf, changed }: RemoteDiscoveryDeps, signal: AbortSignal): RemoteDiscovery {
  const known = new Map<string, { apiService: APIService; version: RemoteVersion }>()
  const documents = new Map<string, Document>()
  const show = (apiService: APIService, changes: Partial<RemoteVersion>): void => {
    const entry = known.get(apiService.metadata.name)
    if (entry?.apiService !== apiService) return
    const version: RemoteVersion = { ...entry.version, ...changes }
    if (version.freshness === entry.version.freshness && JSON.stringify(version.resources) === JSON.stringify(entry.version.resources)) return
    known.set(apiService.metadata.name, { apiService, version })
    changed()
  }
  const refresher = createRefresher({
    clock, backoff,
    async refresh(name) {
      const entry = known.get(name)
      const remote = entry && remoteOf(entry.apiService)
      if (!entry || !remote) return undefined
      const { group = '', version = '' } = entry.apiService.spec
      try {
        show(entry.apiService, { resources: await fetchResources(remote, group, version, documents), freshness: 'Current' })
      } catch (error) {
        const resources = documents.get(documentKey(remote))?.versions.get(`${group}/${version}`)
        show(entry.apiService, { freshness: 'Stale', ...(resources ? { resources } : {}) })
        throw error
      }
      return refreshAfter
    },
    failed: (name, error) => log.debug('discovery of an extension API server failed', { apiService: name, error }),
  }, signal)

  return {
    versions: { [Symbol.iterator]: () => [...known.values()].map(({ version }) => version)[Symbol.iterator]() },
    add(apiService) {
      const { name } = apiService.metadata
      const { group = '', version = '', groupPriorityMinimum, versionPriority } = apiService.spec
      const before = known.get(name)?.version
      known.set(name, { apiService, version: { resources: [], freshness: 'Stale', ...before, group, version, groupPriorityMinimum, versionPriority } })
      changed()
      refresher.anew(name)
    },
    remove(name) {
      if (!known.delete(name)) return
      refresher.forget(name)
      const used = new Set([...known.values()].map(({ apiService }) => remoteOf(apiService)).map((remote) => remote && documentKey(remote)))
      for (const key of documents.keys()) if (!used.has(key)) documents.delete(key)
      changed()
    },
  }
}

const documentKey = ({ service }: Remote): string => JSON.stringify(service)

async function fetchResources(remote: Remote, group: string, version: string, documents: Map<string, Document>): Promise<readonly unknown[]> {
  const key = documentKey(remote)
  const before = documents.get(key)
  const { code, headers, body } = await remote.get('/apis', {
    user: kubeAggregator, timeoutMs: 5000, headers: { accept: aggregatedTypes, ...(before?.etag ? { 'if-none-match': before.etag } : {}) },
  })
  if (code === 304 && before) return before.versions.get(`${group}/${version}`) ?? []
  if (code === 503) throw new Error(`service ${remote.service.namespace}/${remote.service.name}:${remote.service.port} returned non-success response code: 503`)
  if (code === 200 && (headers['content-type'] ?? '').includes('g=apidiscovery.k8s.io')) {
    const document = readDocument(JSON.parse(body.toString('utf8')) as GroupList, headers.etag ?? '')
    documents.set(key, document)
    return document.versions.get(`${group}/${version}`) ?? []
  }
  const path = group ? `/apis/${group}/${version}` : `/api/${version}`
  const plain = await remote.get(path, { user: kubeAggregator, timeoutMs: 5000, headers: { accept: 'application/json' } })
  if (plain.code !== 200) throw new Error(`failed to download legacy discovery for ${path}: it answered ${plain.code}`)
  return withSubresources((JSON.parse(plain.body.toString('utf8')) as APIResourceList).resources, group, version)
}

interface GroupList {
  readonly items?: readonly { metadata?: { name?: string }; versions?: readonly { version: string; resources?: readonly Listed[] }[] }[]
}
interface Listed {
  responseKind?: unknown
  subresources?: readonly { responseKind?: unknown }[]
}

function readDocument({ items = [] }: GroupList, etag: string): Document {
  const versions = new Map<string, readonly unknown[]>()
  for (const { metadata, versions: all = [] } of items) {
    for (const { version, resources = [] } of all) versions.set(`${metadata?.name ?? ''}/${version}`, resources.map(withKind))
  }
  return { versions, etag }
}

/** Old clients cannot do without. */
function withKind(resource: Listed): unknown {
  const none = { group: '', version: '', kind: '' }
  return {
    ...resource, responseKind: resource.responseKind ?? none,
    ...(resource.subresources ? { subresources: resource.subresources.map((one) => ({ ...one, responseKind: one.responseKind ?? none })) } : {}),
  }
}

/** The lines of one version as aggregated discovery has them: subresources stand with what they belong to. */
export function withSubresources(lines: readonly APIResource[], group: string, version: string): unknown[] {
  const made = new Map<string, Record<string, unknown>>()
  const below: { parent: string; subresource: Record<string, unknown> }[] = []
  for (const { name, namespaced, singularName, kind, verbs, shortNames, categories, group: ownGroup, version: ownVersion } of lines) {
    const responseKind = { group: ownGroup || group, version: ownVersion || version, kind }
    const slash = name.indexOf('/')
    if (slash >= 0) below.push({ parent: name.slice(0, slash), subresource: { subresource: name.slice(slash + 1), responseKind, verbs } })
    else {
      made.set(name, {
        resource: name, responseKind, scope: namespaced ? 'Namespaced' : 'Cluster', singularResource: singularName ?? '', verbs,
        ...(shortNames?.length ? { shortNames } : {}), ...(categories?.length ? { categories } : {}),
      })
    }
  }
  for (const { parent, subresource } of below) {
    let resource = made.get(parent)
    if (!resource) made.set(parent, (resource = { resource: parent, responseKind: { group: '', version: '', kind: '' }, scope: 'Namespaced', singularResource: '', verbs: [] }))
    ;((resource['subresources'] ??= []) as unknown[]).push(subresource)
  }
  return [...made.values()]
}
