import type { APIGroupList, APIResourceList } from '#apimachinery/meta/v1/types'
import type { ResourceRef } from '#apimachinery/resource'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'

/** A kind that a server has, in the version it prefers. */
export interface Discovered extends ResourceRef { readonly verbs: readonly string[] }

export interface Discovery {
  resources: readonly Discovered[]
  /** Group versions that could not be asked: an aggregated API server that is down. */
  failed: readonly string[]
}

/** The parts of apidiscovery.k8s.io/v2 that say what can be listed and deleted. */
interface GroupDiscovery {
  metadata?: { name?: string }
  versions?: {
    version: string
    freshness?: string
    resources?: { resource: string; responseKind?: { kind: string }; scope: string; verbs: string[] }[]
  }[]
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** Asks a server for all its kinds: two requests where it knows aggregated discovery, one for each group version where not. */
export async function discover({ transport }: Client, signal?: AbortSignal): Promise<Discovery> {
  const get = async <T>(path: string, accept?: string): Promise<T> => (await transport.request({ method: 'GET', path, accept, signal })).body as T
  const [core, groups] = await Promise.all([
    get<{ kind: string; items?: GroupDiscovery[] }>('/api', aggregated), get<{ kind: string; items?: GroupDiscovery[] }>('/apis', aggregated),
  ])
  if (groups.kind === 'APIGroupDiscoveryList') return fromAggregated([...(core.items ?? []), ...(groups.items ?? [])])

  const versions = [['/api/v1', ''], ...(groups as unknown as APIGroupList).groups.map((g) => [`/apis/${g.preferredVersion.groupVersion}`, g.name])] as [string, string][]
  const failed: string[] = []
  const resources = await Promise.all(versions.map(async ([path, group]): Promise<Discovered[]> => {
    try {
      const list = await get<APIResourceList>(path)
      const version = path.slice(path.lastIndexOf('/') + 1)
      return list.resources.filter((r) => !r.name.includes('/')).map((r) => ({ group, version, resource: r.name, kind: r.kind, namespaced: r.namespaced, verbs: r.verbs }))
    } catch (error) {
      failed.push(`${path.replace(/^\/apis?\//, '')}: ${messageOf(error)}`)
      return []
    }
  }))
  return { resources: resources.flat(), failed }
}

function fromAggregated(items: readonly GroupDiscovery[]): Discovery {
  const resources: Discovered[] = []
  const failed: string[] = []
  for (const { metadata, versions = [] } of items) {
    const group = metadata?.name ?? ''
    const seen = new Set<string>()
    for (const { version, freshness, resources: kinds = [] } of versions) {
      if (freshness === 'Stale') failed.push(`${group}/${version}: stale GroupVersion discovery`)
      for (const { resource, responseKind, scope, verbs } of kinds) {
        if (seen.has(resource)) continue
        seen.add(resource)
        resources.push({ group, version, resource, kind: responseKind?.kind ?? '', namespaced: scope === 'Namespaced', verbs })
      }
    }
  }
  return { resources, failed }
}

/** Finds kinds by what references say, in the version that the server prefers; asks the server again when it does not know one. */
export function kindFinder(client: Client): (reference: { apiVersion?: string; kind: string }) => Promise<Discovered> {
  let kinds: readonly Discovered[] = []
  return async ({ apiVersion = 'v1', kind }) => {
    const group = groupOf(apiVersion)
    const known = (): Discovered | undefined => kinds.find((resource) => resource.group === group && resource.kind === kind)
    if (!known()) kinds = (await discover(client)).resources
    const found = known()
    if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`)
    return found
  }
}

export const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')
