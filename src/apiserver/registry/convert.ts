import type { JsonObject } from '#apimachinery/apply/contract'
import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import type { Kind } from '../kinds'

/** An object of the storage version as a kind serves it. Shares what it can. */
export const toServed = (kind: Kind, stored: KubeObject): KubeObject => kind.served.fromStorage?.(stored) ?? stored

/** The schemas of other versions, once they were loaded by a request for them. */
const loaded = new WeakMap<object, Struct>()

/** Loads every served version's schema, so that `convertTo` needs no waiting. */
export async function loadVersions(kind: Kind): Promise<void> {
  for (const version of Object.values(kind.resource.versions)) if (!loaded.has(version)) loaded.set(version, await version.schema())
}

/** The storage version's schema, if it was loaded. */
export function storageSchema(kind: Kind): Struct | undefined {
  return kind.isStorage ? kind.schema : loaded.get(kind.resource.versions[groupVersionOf(kind.resource)]!)
}

/** The same resource as the version in which it rests. */
export const storageOf = (kind: Kind): Pick<Kind, 'resource' | 'served'> =>
  ({ resource: kind.resource, served: kind.resource.versions[groupVersionOf(kind.resource)]! })

/** How an object of `kind` reads in another served version: what managed fields of that version are about. */
export function convertTo(kind: Pick<Kind, 'resource' | 'served'>, object: JsonObject, apiVersion: string): { object: JsonObject; schema: Struct } | undefined {
  const version = kind.resource.versions[apiVersion]
  const schema = version && loaded.get(version)
  if (!schema) return undefined
  const stored = kind.served.toStorage?.(object as unknown as KubeObject) ?? (object as unknown as KubeObject)
  const made = version.fromStorage?.(stored) ?? stored
  // Versions of a custom resource have no other to come from.
  return { object: (made.apiVersion === apiVersion ? made : { ...made, apiVersion }) as unknown as JsonObject, schema }
}
