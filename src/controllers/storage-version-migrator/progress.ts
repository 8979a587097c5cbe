import { isTrue, storageversionmigrations } from '#api/storagemigration/v1beta1/storage-version-migration'
import type { StorageVersionMigration } from '#api/storagemigration/v1beta1/types'
import { formatTime } from '#apimachinery/time'
import type { Clock } from '#base/clock'
import { clone } from '#base/clone'
import type { Client } from '#client/client'

export type Type = 'Running' | 'Succeeded' | 'Failed'

export const isRunning = (migration: StorageVersionMigration): boolean => isTrue(migration, 'Running')
export const isOver = (migration: StorageVersionMigration): boolean => isTrue(migration, 'Succeeded') || isTrue(migration, 'Failed')

/** Says how a migration is getting on; what was said of a type once stays. Refused where somebody else wrote since it was read. */
export async function tellProgress(migration: StorageVersionMigration, type: Type, reason: string, message: string, { client, clock }: { client: Client; clock: Clock }): Promise<void> {
  const changed = clone(migration)
  const conditions = (changed.status.conditions ??= [])
  if (!conditions.some((condition) => condition.type === type && condition.status !== 'Unknown')) {
    conditions.push({ type, status: 'True', lastTransitionTime: formatTime(clock.now()), reason, message })
  }
  await client.update(storageversionmigrations, changed, { subresource: 'status' })
}
