import type { NotHonoured } from '#api/not-honoured'
import type { Clock } from '#base/clock'
import type { FeatureGates } from '#component-base/feature-gates'
import type { Log } from '#component-base/log'
import type { KubeObject } from '#apimachinery/object'
import type { Store } from '#storage/store'
import type { CacheEntry } from '../cache/entry'
import type { ResourceCache } from '../cache/resource-cache'
import { prefixOf, type StoreCache } from '../cache/store-cache'
import type { Kind, Kinds } from '../kinds'
import type { Rest, Rests } from '../rest/rest'
import type { Admission } from './admission'

/** What serving needs, whatever the kind: one for a server. Each verb is a file beside this one. */
export interface Registry {
  readonly store: Store
  readonly cache: StoreCache
  readonly clock: Clock
  readonly log: Log
  readonly kinds: Kinds
  readonly admission: Admission
  readonly rests: Rests
  readonly gates: FeatureGates
  /** What is taken and not acted on: whoever creates it is told. */
  readonly notHonoured: NotHonoured
  /** How long a watch that names no time lasts at least; half an hour unless said otherwise. */
  readonly minWatchMs?: number
  /** How long objects are kept that do not last (events); 0: as long as others. As their kind says, unless said otherwise. */
  readonly eventTtlSeconds?: number
}

export const keyOfObject = (kind: Kind, namespace: string, name: string): string =>
  kind.resource.namespaced ? `${prefixOf(kind.resource)}${namespace}/${name}` : prefixOf(kind.resource) + name

export const restOf = (registry: Registry, kind: Kind): Rest | undefined => registry.rests.get(`${kind.resource.group}/${kind.resource.resource}`)

/** The cache of a kind's resource; a promise only while it is being read in. */
export const cacheOf = (registry: Registry, kind: Kind): ResourceCache | Promise<ResourceCache> => registry.cache.of(kind.resource)

/** The object as the newest write left it: what an etcd read by quorum gives. */
export async function readNewest(registry: Registry, kind: Kind, namespace: string, name: string): Promise<CacheEntry | undefined> {
  const newest = await registry.store.current()
  if (registry.cache.through < newest) await registry.cache.seen(newest, registry.clock, 3000)
  const cache = await cacheOf(registry, kind)
  return cache.get(kind.resource.namespaced ? namespace : '', name)
}

export const fullName = ({ resource }: Kind): { group: string; resource: string } => ({ group: resource.group, resource: resource.resource })

/** What a write left behind. */
export interface Written {
  readonly entry: CacheEntry
  readonly created: boolean
  readonly object: KubeObject
}
