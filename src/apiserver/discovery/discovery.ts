import { createHash } from 'node:crypto'
import type { APIGroup, APIGroupList, APIResourceList, APIVersions } from '#apimachinery/meta/v1/types'
import type { Result } from '../exchange'
import type { Kinds } from '../kinds'
import { aggregated } from './aggregated'
import type { Remotes } from './remote-version'
import { groupsOf, resourcesOf, type ServedGroup } from './resources'

const groupVersion = (group: string, version: string): { groupVersion: string; version: string } => ({ groupVersion: group ? `${group}/${version}` : version, version })

/** Answers `/api`, `/apis` and everything between them and the resources. Made once for each state of `kinds`. */
export class Discovery {
  private readonly kinds: Kinds
  private readonly address: () => string
  private readonly remotes: Remotes
  private generation = -1
  private remoteGeneration = -1
  private groups: ServedGroup[] = []
  private documents = new Map<string, { text: string; etag: string }>()

  constructor(kinds: Kinds, address: () => string, remotes: Remotes = { generation: 0, versions: [] }) {
    this.kinds = kinds
    this.address = address
    this.remotes = remotes
  }

  /** Whether a group is built in: only then are its missing versions told in a Status. */
  knowsGroup(path: string): boolean {
    const [root, group] = path.split('/').filter((part) => part !== '')
    if (root === 'api') return true
    this.renew()
    return this.groups.some(({ name, versions }) => name === group && versions.some(({ kinds }) => kinds.some(({ resource }) => !resource.customResource)))
  }

  /** Everything that `answer` knows, for the index of the root. */
  paths(): string[] {
    this.renew()
    return ['/api', '/apis', '/apis/', ...this.groups.flatMap(({ name, versions }) =>
      (name === '' ? versions.map(({ version }) => `/api/${version}`) : [`/apis/${name}`, ...versions.map(({ version }) => `/apis/${name}/${version}`)]),
    )]
  }

  private renew(): void {
    if (this.generation === this.kinds.generation && this.remoteGeneration === this.remotes.generation) return
    this.generation = this.kinds.generation
    this.remoteGeneration = this.remotes.generation
    this.groups = groupsOf(this.kinds, this.remotes.versions)
    this.documents = new Map()
  }

  /** Undefined for paths that nobody serves. */
  answer(path: string, accept: string, ifNoneMatch?: string): Result | undefined {
    this.renew()
    const parts = path.split('/').filter((part) => part !== '')
    if (parts.length === 1) {
      const version = aggregatedVersion(accept)
      if (version !== undefined) {
        const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
        return this.whole(`${parts[0]} ${version}`, type, ifNoneMatch, () => aggregated(this.groups.filter(({ name }) => (name === '') === (parts[0] === 'api')), version))
      }
    }
    const [root, group, version, extra] = parts
    if (extra !== undefined) return undefined
    if (root === 'api') return this.core(group, version)
    if (group === undefined) return object(this.groupList())
    const served = this.groups.find(({ name }) => name === group && name !== '')
    if (!served) return undefined
    if (version === undefined) return object({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(served) })
    return this.resources(served, version)
  }

  private core(version: string | undefined, extra: string | undefined): Result | undefined {
    if (extra !== undefined) return undefined
    const core = this.groups.find(({ name }) => name === '')
    if (!core) return undefined
    if (version !== undefined) return this.resources(core, version)
    return object({
      kind: 'APIVersions', versions: core.versions.map((v) => v.version),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.address() }],
    } satisfies Omit<APIVersions, 'apiVersion'>)
  }

  private groupList(): APIGroupList {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.groups.filter(({ name }) => name !== '').map(groupOf) as APIGroup[] }
  }

  private resources({ name, versions }: ServedGroup, version: string): Result | undefined {
    const served = versions.find((v) => v.version === version)
    if (!served || served.remote?.own) return undefined
    return object({
      // The core group's list says no version, as it did before there were groups.
      kind: 'APIResourceList', ...(name === '' ? {} : { apiVersion: 'v1' }), groupVersion: groupVersion(name, version).groupVersion, resources: resourcesOf(served.kinds),
    } satisfies Partial<APIResourceList>)
  }

  /** Everything in one document: clients that have it are told so. */
  private whole(key: string, contentType: string, ifNoneMatch: string | undefined, make: () => unknown): Result {
    let document = this.documents.get(key)
    if (!document) {
      const text = JSON.stringify(make())
      this.documents.set(key, (document = { text, etag: `"${createHash('sha512').update(text).digest('hex').toUpperCase()}"` }))
    }
    const headers = { 'cache-control': 'public', vary: 'Accept', etag: document.etag }
    if (ifNoneMatch === document.etag) return { sort: 'bytes', code: 304, contentType: '', bytes: '', headers }
    return { sort: 'bytes', code: 200, contentType, bytes: document.text, headers }
  }
}

/** An object, so that in-process clients and YAML get it too. */
const object = (value: object): Result => ({ sort: 'object', code: 200, object: value })

function groupOf({ name, versions }: ServedGroup): Omit<APIGroup, 'kind' | 'apiVersion'> {
  const all = versions.map(({ version }) => groupVersion(name, version))
  return { name, versions: all, preferredVersion: all[0]! }
}

/** Clients that know it ask for everything in one document. */
function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const clause of accept.split(',')) {
    if (!clause.includes('as=APIGroupDiscoveryList') || !clause.includes('g=apidiscovery.k8s.io')) {
      if (clause.trim().startsWith('application/json') && !clause.includes('as=')) return undefined
      continue
    }
    const version = /v=(v2beta1|v2)(?:;|$)/.exec(clause.replaceAll(' ', ''))?.[1]
    if (version === 'v2' || version === 'v2beta1') return version
  }
  return undefined
}
