import { storageversionmigrations } from '#api/storagemigration/v1beta1/storage-version-migration'
import type { StorageVersionMigration } from '#api/storagemigration/v1beta1/types'
import { ApiError, isConflict, isTransient } from '#apimachinery/api-error'
import type { KubeObject, ObjectList } from '#apimachinery/object'
import { messageOf } from '#base/error-message'
import { clone } from '#base/clone'
import { canBeKept } from '#controller-runtime/discovered-informers'
import { discover } from '#controller-runtime/discovery'
import type { Discovered } from '#controller-runtime/discovery'
import type { SetUpContext } from '#controller-runtime/controller'
import { isOver, isRunning, tellProgress } from './progress'

type Context = Pick<SetUpContext, 'client' | 'clock' | 'log' | 'signal'>

const manager = 'storage-version-migrator-controller'
const verbs = ['update', 'patch', 'list']
/** A definition may be younger than the migration: it is waited for. */
const patienceMs = 60_000
const pageSize = 500

/** One step: notes the revision at which it begins, or writes what is older than that. */
export async function migrate(migration: StorageVersionMigration, context: Context): Promise<void> {
  if (!isRunning(migration) || isOver(migration)) return
  const begun = migration.status.resourceVersion
  const { group, resource } = migration.spec.resource
  const found = (await discover(context.client, context.signal)).resources.find((one) => one.group === group && one.resource === resource)
  if (!found) {
    if (isYoung(migration, context)) throw new Error(`${resource}.${group} is not served yet, which the StorageVersionMigration ${migration.metadata.name} waits for`)
    return begun ? fail(migration, new Error('unable to obtain GVR from discovery'), context) : giveUp(migration, 'resource does not exist in discovery', context)
  }
  if (begun) await rewriteAll(migration, found, begun, context)
  else await begin(migration, found, context)
}

async function begin(migration: StorageVersionMigration, resource: Discovered, context: Context): Promise<void> {
  if (!verbs.every((verb) => resource.verbs.includes(verb))) return giveUp(migration, `resource "${inFull(resource)}" does not support discovery operations: [${verbs.join(' ')}]`, context)
  const { metadata } = await context.client.list(resource, { limit: 1, metadataOnly: true, signal: context.signal })
  const changed = clone(migration)
  changed.status.resourceVersion = metadata.resourceVersion ?? ''
  if (!/^[1-9]\d*$/.test(changed.status.resourceVersion)) {
    return giveUp(migration, `latest resourceVersion for ${inFull(resource)} is not valid: resource version is not well formed: ${changed.status.resourceVersion}`, context)
  }
  await context.client.update(storageversionmigrations, changed, { subresource: 'status' })
}

async function rewriteAll(migration: StorageVersionMigration, resource: Discovered, begun: string, context: Context): Promise<void> {
  const { client, signal } = context
  if (!canBeKept(resource)) {
    if (isYoung(migration, context)) throw new Error(`${inFull(resource)} is not known to the garbage collector`)
    return fail(migration, new Error('resource does not exist in GC'), context)
  }
  try {
    for (let token: string | undefined = ''; token !== undefined;) {
      const page: ObjectList<KubeObject> = await client.list(resource, { limit: pageSize, metadataOnly: true, signal, ...(token === '' ? {} : { continue: token }) })
      // What was written since was written as it would be today.
      for (const object of page.items) if (Number(object.metadata.resourceVersion) <= Number(begun)) await rewrite(resource, object, context)
      token = page.metadata.continue || undefined
    }
  } catch (error) {
    signal.throwIfAborted()
    // A server that is busy or away may be asked again, and so may one whose list grew too old.
    if (!(error instanceof ApiError) || isTransient(error) || error.code === 410) throw error
    return fail(migration, error, context)
  }
  await tellProgress(migration, 'Succeeded', 'StorageVersionMigrationSucceeded', '', context)
}

/**
 * Applies no field at all, which changes nothing and is written all the same where the object does not rest as it would today. With uid and
 * revision, whatever became of the object meanwhile is a conflict: changed, gone or made anew, there is nothing left to do.
 */
async function rewrite(resource: Discovered, { metadata: { name, namespace, uid, resourceVersion } }: KubeObject, { client, signal }: Context): Promise<void> {
  try {
    await client.apply(resource, { metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion } }, { fieldManager: manager, signal })
  } catch (error) {
    if (!isConflict(error)) throw error
  }
}

const isYoung = ({ metadata }: StorageVersionMigration, { clock }: Context): boolean => Date.parse(metadata.creationTimestamp ?? '') + patienceMs > clock.now()

const inFull = ({ group, version, resource }: Discovered): string => `${group}/${version}, Resource=${resource}`

const giveUp = (migration: StorageVersionMigration, message: string, context: Context): Promise<void> => tellProgress(migration, 'Failed', 'StorageVersionMigrationFailed', message, context)

function fail(migration: StorageVersionMigration, error: unknown, context: Context): Promise<void> {
  context.log.warn('a storage version migration failed', { migration: migration.metadata.name, error })
  return giveUp(migration, `migration encountered unhandled error: ${messageOf(error)}`, context)
}
