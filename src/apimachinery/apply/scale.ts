import type { ManagedFieldsText } from './contract'
import { difference, has, setOf } from './field-set'
import { encodeManaged, identityOf, parseManaged, type Entry } from './managed'
import { fieldElement } from './path-element'

const scaleVersion = 'autoscaling/v1'
const scaleReplicas = ['f:spec', 'f:replicas']

/** Where each served version of a kind keeps its replicas: `{ 'apps/v1': ['spec', 'replicas'] }`. */
export type ReplicasPaths = Readonly<Record<string, readonly string[]>>

const replicasIn = (paths: ReplicasPaths, { apiVersion }: Entry): string[] | undefined => paths[apiVersion]?.map(fieldElement)
const owns = (entry: Entry, path: readonly string[] | undefined): boolean => path !== undefined && has(entry.fields, path)

/** The managed fields of an object as its Scale has them: who owns the replicas. */
export function scaleFromParent(managedFields: ManagedFieldsText, paths: ReplicasPaths): ManagedFieldsText {
  return encodeManaged(
    parseManaged(managedFields)
      .filter((entry) => owns(entry, replicasIn(paths, entry)))
      .map((entry) => ({ ...entry, apiVersion: scaleVersion, fields: setOf(scaleReplicas) })),
  )
}

/**
 * The managed fields of an object after a write to its Scale: who lost the replicas there loses them here, who won them
 * gets an entry of `apiVersion`, the version that the endpoint belongs to. Such entries have no time, as in the original.
 */
export function scaleToParent(managedFields: ManagedFieldsText, scale: ManagedFieldsText, apiVersion: string, paths: ReplicasPaths): ManagedFieldsText {
  const owners = new Map(parseManaged(scale).map((entry) => [identityOf(entry), entry]))
  const parents = parseManaged(managedFields)
  const times = new Map(parents.map((entry) => [identityOf(entry), entry.time]))
  const after: Entry[] = []
  for (const entry of parents) {
    // Versions that are no longer served end here.
    if (!(entry.apiVersion in paths)) continue
    const path = replicasIn(paths, entry)
    const id = identityOf(entry)
    if (!path || !owns(entry, path) || owners.delete(id)) after.push(entry)
    else after.push({ ...entry, fields: difference(entry.fields, setOf(path)) })
  }
  const path = paths[apiVersion]?.map(fieldElement)
  for (const [id, owner] of owners) {
    if (path && has(owner.fields, scaleReplicas)) after.push({ ...owner, apiVersion, time: times.get(id), fields: setOf(path) })
  }
  return encodeManaged(after)
}
