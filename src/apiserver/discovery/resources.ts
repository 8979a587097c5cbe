import { createHash } from 'node:crypto'
import type { APIResource } from '#apimachinery/meta/v1/types'
import type { Resource, Subresource, Verb } from '#apimachinery/resource'
import type { Kind } from '../kinds'
import { priorityOfBuiltIn, priorityOfCustom, registrationGroup, type Priority } from './priorities'
import type { RemoteVersion } from './remote-version'

/** A group as discovery shows it: versions in order of preference. */
export interface ServedGroup {
  readonly name: string
  readonly versions: readonly ServedVersion[]
}
export interface ServedVersion {
  readonly version: string
  readonly kinds: readonly Kind[]
  /** Somebody else serves it. */
  readonly remote?: RemoteVersion
}

type Ranked = ServedVersion & { readonly priority: Priority }

/** Everything that is served here, by this server and by others through it, in the order in which clients are to look. */
export function groupsOf(kinds: Iterable<Kind>, remotes: Iterable<RemoteVersion>): ServedGroup[] {
  const groups = new Map<string, Map<string, Ranked>>()
  const versionsOf = (group: string): Map<string, Ranked> => groups.get(group) ?? groups.set(group, new Map()).get(group)!
  for (const kind of kinds) {
    const versions = versionsOf(kind.group)
    const known = versions.get(kind.version)
    if (known) (known.kinds as Kind[]).push(kind)
    else versions.set(kind.version, { version: kind.version, kinds: [kind], priority: kind.resource.customResource ? priorityOfCustom : priorityOfBuiltIn(kind.group, kind.version) })
  }
  for (const remote of remotes) {
    if (remote.own && groups.get(remote.group)?.has(remote.version)) continue
    versionsOf(remote.group).set(remote.version, { version: remote.version, kinds: [], remote, priority: remote })
  }
  const byName = (a: Kind, b: Kind): number => (a.resource.resource < b.resource.resource ? -1 : 1)
  return [...groups].map(([name, versions]) => ({
    name, priority: name === registrationGroup ? Infinity : Math.max(...[...versions.values()].map(({ priority }) => priority.groupPriorityMinimum)),
    versions: [...versions.values()].sort((a, b) => b.priority.versionPriority - a.priority.versionPriority || compareVersions(b.version, a.version))
      .map((served) => ({ ...served, kinds: [...served.kinds].sort(byName) })),
  })).sort((a, b) => (a.priority === b.priority ? (a.name < b.name ? -1 : 1) : b.priority - a.priority))
}

/** v2 before v1 before v1beta2 before v1alpha1 before anything else. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)]
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return left[i]! - right[i]!
  return a < b ? 1 : -1
}

function rank(version: string): number[] {
  const found = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!found) return [-1, 0, 0]
  const stage = found[2] === undefined ? 2 : found[2] === 'beta' ? 1 : 0
  return [stage, Number(found[1]), Number(found[3] ?? 0)]
}

const whileTerminating: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'watch']

/** As clients are told: in order, but those of custom resources as the original lists them. */
export function verbsOfResource({ verbs, customResource }: Resource): string[] {
  if (!customResource) return [...verbs].sort()
  return [...(customResource.terminating ? whileTerminating : verbs)]
}

const storageVersionHash = ({ group, version, kind }: { group: string; version: string; kind: string }): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')

/** In order, but those of custom resources as the original lists them. */
export function subresourcesOf({ subresources, customResource }: Resource): [string, Subresource<never>][] {
  const all = Object.entries(subresources) as [string, Subresource<never>][]
  return customResource ? all : all.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The lines of `/apis/apps/v1`. */
export function resourcesOf(kinds: readonly Kind[]): APIResource[] {
  return kinds.flatMap(({ resource }) => {
    const { kind, namespaced, shortNames, categories, singular } = resource
    const stored = resource.customResource ? resource.customResource.storageIsServed : resource.verbs.includes('list') && resource.verbs.includes('create')
    const main: APIResource = {
      name: resource.resource, singularName: singular, namespaced, kind, verbs: verbsOfResource(resource),
      ...(shortNames.length > 0 ? { shortNames: [...shortNames] } : {}),
      ...(categories.length > 0 ? { categories: [...categories] } : {}),
      ...(stored ? { storageVersionHash: storageVersionHash(resource) } : {}),
    }
    const below = subresourcesOf(resource).map(([name, subresource]) => ({
      name: `${resource.resource}/${name}`, singularName: '', namespaced, ...gvkOf(subresource, kind), verbs: verbsOf(subresource),
    }))
    return [main, ...below]
  })
}

function gvkOf(subresource: Subresource<never>, kind: string): Pick<APIResource, 'kind' | 'group' | 'version'> {
  if (subresource.sort === 'object') return { kind }
  if (subresource.sort === 'scale') return { group: 'autoscaling', version: 'v1', kind: 'Scale' }
  const { gvk } = subresource
  return gvk.group ? { group: gvk.group, version: gvk.version, kind: gvk.kind } : { kind: gvk.kind }
}

export const verbsOf = (subresource: Subresource<never>): string[] => (subresource.sort === 'rest' ? [...subresource.verbs].sort() : ['get', 'patch', 'update'])
export { gvkOf }
