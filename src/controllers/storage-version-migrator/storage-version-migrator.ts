import { storageversionmigrations } from '#api/storagemigration/v1beta1/storage-version-migration'
import type { StorageVersionMigration } from '#api/storagemigration/v1beta1/types'
import { defineController, on } from '#controller-runtime/controller'
import { migrate } from './migration'
import { takeTurns } from './turns'

const resourceOf = ({ spec: { resource } }: StorageVersionMigration): string => `${resource.resource}.${resource.group}`

/**
 * Writes everything of a resource once again where a StorageVersionMigration asks for it: in the version in which it would be stored
 * today, and under the key with which it would be encrypted.
 */
export const storageVersionMigrator = defineController({
  name: 'storage-version-migrator-controller',
  watches: [on(storageversionmigrations, (migration) => [`turns ${resourceOf(migration)}`, `migrate ${migration.metadata.name}`], { indexes: { resource: (migration) => [resourceOf(migration)] } })],
  writes: 'everything',
  workers: 5,

  async reconcile(key, context) {
    const cache = context.cached(storageversionmigrations)
    const [sort, of] = key.split(' ', 2) as [string, string]
    if (sort === 'turns') return takeTurns(cache.by('resource', of), context)
    const migration = cache.get(of)
    if (migration) await migrate(migration, context)
  },
})
