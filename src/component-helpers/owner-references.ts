import type { ObjectMeta, OwnerReference } from '#apimachinery/meta/v1/types'

type Owned = { readonly metadata: Pick<ObjectMeta, 'ownerReferences'> }
type Owner = { readonly metadata: Pick<ObjectMeta, 'name' | 'uid'> }

/** The one owner that manages an object. */
export const controllerOf = ({ metadata }: Owned): OwnerReference | undefined => metadata.ownerReferences?.find(({ controller }) => controller === true)

export const isControlledBy = (object: Owned, owner: Owner): boolean => controllerOf(object)?.uid === owner.metadata.uid

export const isOwnedBy = ({ metadata }: Owned, owner: Owner): boolean => metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false

/** A reference that makes `owner` the manager of what carries it, and keeps the owner there until that is gone. */
export function controllerRef(owner: Owner, { apiVersion, kind }: { apiVersion: string; kind: string }): OwnerReference {
  return { apiVersion, kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true }
}
