import { isInvalid, isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Client } from '#client/client'
import { controllerOf } from '#component-helpers/owner-references'
import { controllerReference } from './owners'

export interface Claim<O extends KubeObject, T extends KubeObject> {
  ownerResource: ResourceRef<O>
  owner: O
  childResource: ResourceRef<T>
  /** Whether the owner's selector, and whatever else, picks a child. */
  picks(child: T): boolean
  /** Put onto adopted children beside the owner: `batch.kubernetes.io/job-tracking`. */
  finalizers?: readonly string[]
}

/**
 * Settles who manages what: adopts children that nobody manages and the selector picks, lets go those it no longer picks,
 * and returns what the owner manages afterwards. An owner on its way out neither adopts nor lets go. Before the first
 * adoption the owner is read from the server, since a cached one may already be deleted and replaced.
 */
export async function claim<O extends KubeObject, T extends KubeObject>(
  { ownerResource, owner, childResource, picks, finalizers }: Claim<O, T>, children: readonly T[], client: Client,
): Promise<T[]> {
  const { uid, name, namespace, deletionTimestamp } = owner.metadata
  const kept: T[] = []
  const errors: unknown[] = []
  let mayAdopt: Promise<void> | undefined

  for (const child of children) {
    const reference = controllerOf(child)
    if (reference) {
      if (reference.uid !== uid) continue
      if (picks(child)) kept.push(child)
      else if (!deletionTimestamp) await release(child).catch((error: unknown) => errors.push(error))
      continue
    }
    if (deletionTimestamp || child.metadata.deletionTimestamp || child.metadata.namespace !== namespace || !picks(child)) continue
    try {
      await (mayAdopt ??= recheck())
      kept.push(await adopt(child))
    } catch (error) {
      // Deleted meanwhile.
      if (!isNotFound(error)) errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} objects could not be claimed`)
  return kept

  async function recheck(): Promise<void> {
    const fresh = await client.get(ownerResource, owner.metadata)
    if (fresh.metadata.uid !== uid) throw new Error(`original ${ownerResource.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`)
    if (fresh.metadata.deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`)
  }

  function adopt(child: T): Promise<T> {
    const metadata = { uid: child.metadata.uid, ownerReferences: [controllerReference(ownerResource, owner)], ...(finalizers ? { finalizers } : {}) }
    return client.patch(childResource, child.metadata, { metadata }, { type: 'strategic' })
  }

  async function release(child: T): Promise<void> {
    const patch: Record<string, unknown> = { uid: child.metadata.uid, ownerReferences: [{ $patch: 'delete', uid }] }
    if (finalizers) patch['$deleteFromPrimitiveList/finalizers'] = finalizers
    try {
      await client.patch(childResource, child.metadata, { metadata: patch }, { type: 'strategic' })
    } catch (error) {
      // Gone, or no longer ours: either is what was wanted.
      if (!isNotFound(error) && !isInvalid(error)) throw error
    }
  }
}
