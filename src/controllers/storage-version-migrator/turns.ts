import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { isTrue, storageversionmigrations } from '#api/storagemigration/v1beta1/storage-version-migration'
import type { StorageVersionMigration } from '#api/storagemigration/v1beta1/types'
import { isNotFound } from '#apimachinery/api-error'
import type { Input } from '#apimachinery/object'
import { formatTime } from '#apimachinery/time'
import type { Clock } from '#base/clock'
import { clone } from '#base/clone'
import type { Client } from '#client/client'
import { isOver, isRunning, tellProgress } from './progress'

interface Deps { readonly client: Client; readonly clock: Clock }

const manager = 'migration-runner-controller'

/** Of the migrations of one resource: ends those that are over, and lets the oldest that waits begin unless another is under way. */
export async function takeTurns(migrations: readonly StorageVersionMigration[], deps: Deps): Promise<void> {
  for (const migration of migrations) if (isRunning(migration) && isOver(migration)) await end(migration, deps)
  if (migrations.some((migration) => isRunning(migration) && !isOver(migration))) return
  const [next] = migrations.filter((migration) => !isRunning(migration) && !isOver(migration)).toSorted(byAge)
  if (!next) return
  const definition = await definitionOf(next, deps.client)
  if (definition) await tellDefinition(definition, { status: 'True', reason: 'MigrationRunning', message: `Migration ${next.metadata.name} is running` }, undefined, deps)
  await tellProgress(next, 'Running', 'MigrationRunning', 'The migration is running', deps)
}

const byAge = ({ metadata: a }: StorageVersionMigration, { metadata: b }: StorageVersionMigration): number =>
  Date.parse(a.creationTimestamp ?? '') - Date.parse(b.creationTimestamp ?? '') || (a.name < b.name ? -1 : 1)

async function end(migration: StorageVersionMigration, deps: Deps): Promise<void> {
  const definition = await definitionOf(migration, deps.client)
  if (definition) await endAtDefinition(definition, isTrue(migration, 'Succeeded'), deps)
  const changed = clone(migration)
  const running = changed.status.conditions!.find(({ type }) => type === 'Running')!
  Object.assign(running, { status: 'False', reason: 'MigrationCompleted', message: 'Migration completed', lastTransitionTime: formatTime(deps.clock.now()) })
  await deps.client.update(storageversionmigrations, changed, { subresource: 'status' })
}

/**
 * Versions that nothing rests in any more are forgotten, unless the definition changed while it went on. Not after a failure, where the
 * original forgets them too: what still rests in them could never be read again.
 */
async function endAtDefinition(definition: CustomResourceDefinition, succeeded: boolean, deps: Deps): Promise<void> {
  const { metadata: { generation = 0 }, spec, status } = definition
  const begun = status.conditions?.find(({ type }) => type === 'StorageMigrating')
  const same = begun !== undefined && (begun.observedGeneration ?? 0) === generation
  const message = !succeeded ? 'The migration has failed'
    : same ? 'The migration has succeeded and the stored versions have been updated' : 'The migration has succeeded but the stored versions have not been updated due to a generation mismatch'
  const storedVersions = succeeded && same ? spec.versions.filter(({ storage }) => storage).map(({ name }) => name) : undefined
  await tellDefinition(definition, { status: 'False', reason: succeeded ? 'MigrationSucceeded' : 'MigrationFailed', message }, storedVersions, deps)
}

async function definitionOf({ spec: { resource: { group, resource } } }: StorageVersionMigration, client: Client): Promise<CustomResourceDefinition | undefined> {
  try {
    return await client.get(customresourcedefinitions, { name: `${resource}.${group}` })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** With the revision that was read: what it says is about that one. */
async function tellDefinition(
  { metadata }: CustomResourceDefinition, condition: { status: 'True' | 'False'; reason: string; message: string }, storedVersions: string[] | undefined, { client, clock }: Deps,
): Promise<void> {
  const conditions = [{ type: 'StorageMigrating', ...condition, lastTransitionTime: formatTime(clock.now()), observedGeneration: metadata.generation ?? 0 }]
  const applied = { metadata: { name: metadata.name, resourceVersion: metadata.resourceVersion }, status: { conditions, ...(storedVersions ? { storedVersions } : {}) } }
  await client.apply(customresourcedefinitions, applied as unknown as Input<CustomResourceDefinition>, { fieldManager: manager, force: true, subresource: 'status' })
}
