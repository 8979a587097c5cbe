import { storageversions } from '#api/apiserverinternal/v1alpha1/storage-version'
import { withCommonEncodingVersion } from '#api/apiserverinternal/v1alpha1/common-encoding-version'
import type { ServerStorageVersion } from '#api/apiserverinternal/v1alpha1/types'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import { groupVersionOf, type Resource } from '#apimachinery/resource'
import { sameData } from '#base/clone'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Kinds } from '../kinds'

/** What a server stores, by the name of its StorageVersion: `apps.deployments`. */
export function ownStorageVersions(kinds: Kinds, apiServerID: string): ReadonlyMap<string, ServerStorageVersion> {
  const own = new Map<string, ServerStorageVersion>()
  const served = new Map<Resource, string[]>()
  for (const { resource, group, apiVersion } of kinds) {
    // Events are stored by one group, and are another's too.
    if (group !== resource.group || resource.customResource || !resource.verbs.includes('list') || !resource.verbs.includes('create')) continue
    const versions = served.get(resource)
    if (versions) versions.push(apiVersion)
    else served.set(resource, [apiVersion])
  }
  for (const [resource, servedVersions] of served) {
    const { group, resource: plural, versions } = resource
    own.set(`${group || 'core'}.${plural}`, { apiServerID, encodingVersion: groupVersionOf(resource), decodableVersions: Object.keys(versions), servedVersions })
  }
  return own
}

const attempts = 5

/** Writes down in which version this server stores what, beside what others say. */
export async function tellStorageVersions(own: ReadonlyMap<string, ServerStorageVersion>, deps: { client: Client; clock: Clock; signal: AbortSignal }): Promise<void> {
  for (const [name, version] of own) {
    for (let attempt = 1; ; attempt++) {
      deps.signal.throwIfAborted()
      try {
        await tell(name, version, deps)
        break
      } catch (error) {
        // Another server tells its own at the same time.
        if (attempt === attempts || !(isAlreadyExists(error) || isConflict(error))) throw error
      }
    }
  }
}

async function tell(name: string, version: ServerStorageVersion, { client, clock }: { client: Client; clock: Clock }): Promise<void> {
  const standing = await client.get(storageversions, { name }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  const object = standing ?? (await client.create(storageversions, { metadata: { name }, spec: {} }))
  const before = object.status.storageVersions ?? []
  const known = before.findIndex(({ apiServerID }) => apiServerID === version.apiServerID)
  const servers = known < 0 ? [...before, version] : before.with(known, version)
  const changed = withCommonEncodingVersion(object, servers, clock.now())
  if (!sameData(changed.status, object.status)) await client.update(storageversions, changed, { subresource: 'status' })
}
