import type { OwnerReference } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import type { ResourceRef } from '#apimachinery/resource'
import { controllerOf, controllerRef } from '#component-helpers/owner-references'
import type { Informer } from '#client/informer'
import type { Mapper, WatchOptions } from './controller'

/** The reference that makes `owner` the one that manages an object. */
export const controllerReference = (resource: ResourceRef, owner: KubeObject): OwnerReference =>
  controllerRef(owner, { apiVersion: groupVersionOf(resource), kind: resource.kind })

const refersTo = (resource: ResourceRef, { kind, apiVersion }: OwnerReference): boolean =>
  kind === resource.kind && (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '') === resource.group

/** Maps an object to the one that manages it, and one that nobody manages to all that would select it. */
export function ownersOf<O extends KubeObject, T extends KubeObject>(resource: ResourceRef<O>, selects?: (owner: O, object: T) => boolean): Mapper<T> {
  return (object, cached) => {
    const { namespace } = object.metadata
    const reference = controllerOf(object)
    if (reference) {
      if (!refersTo(resource, reference)) return []
      const key = namespace ? `${namespace}/${reference.name}` : reference.name
      const owner = cached(resource).get(key)
      // An owner of that name but another uid is somebody else; one that is not there yet, or no longer, may still count.
      return owner && owner.metadata.uid !== reference.uid ? [] : [key]
    }
    if (!selects || object.metadata.deletionTimestamp) return []
    const keys: string[] = []
    for (const owner of cached(resource).list(namespace)) if (selects(owner, object)) keys.push(namespace ? `${namespace}/${owner.metadata.name}` : owner.metadata.name)
    return keys
  }
}

/** Finds the objects of one owner, and those of a namespace that nobody manages, without a look at all the others. */
export const byOwner: WatchOptions<KubeObject> = {
  indexes: {
    owner(object) {
      const reference = controllerOf(object)
      return [reference ? reference.uid : `orphans of ${object.metadata.namespace}`]
    },
  },
}

/** What an owner manages, and what nobody does: the candidates of `claim`. */
export function candidatesFor<T extends KubeObject>(informer: Informer<T>, owner: KubeObject): readonly T[] {
  const own = informer.by('owner', owner.metadata.uid)
  const orphans = informer.by('owner', `orphans of ${owner.metadata.namespace}`)
  return orphans.length === 0 ? own : [...own, ...orphans]
}
