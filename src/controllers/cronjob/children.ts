import { ApiError, isAlreadyExists, isNotFound } from '#apimachinery/api-error'
import { cronjobs } from '#api/batch/v1/cron-job'
import { jobs } from '#api/batch/v1/job'
import type { CronJob, CronJobStatus, Job } from '#api/batch/v1/types'
import { clone } from '#base/clone'
import type { ReconcileContext } from '#controller-runtime/controller'
import { isControlledBy } from '#component-helpers/owner-references'
import { controllerReference } from '#controller-runtime/owners'
import { isNamespaceTerminating } from '#controller-runtime/namespace-terminating'
import { formatIn } from './zoned-time'

type Context = ReconcileContext<Disposable>

const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

/** How a Job ended; undefined while it goes on. */
export function finishOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  const found = status?.conditions?.find(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True')
  return found?.type as 'Complete' | 'Failed' | undefined
}

const startOf = ({ status }: Job): number => (status?.startTime ? Date.parse(status.startTime) : Infinity)
const oldestFirst = (children: readonly Job[]): Job[] =>
  [...children].sort((a, b) => (startOf(a) === startOf(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : startOf(a) - startOf(b)))

const isActive = ({ active }: CronJobStatus, uid: string): boolean => active?.some((reference) => reference.uid === uid) ?? false
function withoutActive(status: CronJobStatus, uid: string | undefined): void {
  status.active = status.active?.filter((reference) => reference.uid !== uid)
}

/** Brings `status.active` and the last success up to date with the Jobs that there are, and tells what happened to them. */
export async function sortOut(job: CronJob, children: readonly Job[], status: CronJobStatus, { client, tell }: Context): Promise<void> {
  let fresh: CronJob | undefined
  for (const child of children) {
    const { uid, name } = child.metadata
    const finish = finishOf(child)
    if (!finish) {
      if (isActive(status, uid)) continue
      // The cache may be behind what was written last.
      fresh ??= await client.get(cronjobs, job.metadata)
      if (!isActive(fresh.status, uid)) tell(cronjobs, job, 'Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`)
      continue
    }
    if (isActive(status, uid)) {
      withoutActive(status, uid)
      tell(cronjobs, job, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${finish}`)
    }
    const { completionTime } = child.status
    if (finish === 'Complete' && completionTime && !(status.lastSuccessfulTime && Date.parse(completionTime) <= Date.parse(status.lastSuccessfulTime)))
      status.lastSuccessfulTime = completionTime
  }

  const there = new Set(children.map(({ metadata }) => metadata.uid))
  for (const { uid, name, namespace } of status.active ?? []) {
    if (there.has(uid!)) continue
    try {
      await client.get(jobs, { namespace, name: name! })
    } catch (error) {
      if (!isNotFound(error)) throw error
      tell(cronjobs, job, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
      withoutActive(status, uid)
    }
  }
}

/** The Job for the run that was due at `at`; undefined where its name is another's. */
export async function createJob(owner: CronJob, name: string, at: number, { client, tell }: Context): Promise<Job | undefined> {
  const { jobTemplate, timeZone } = owner.spec
  const { namespace } = owner.metadata
  const annotations = { ...jobTemplate.metadata?.annotations, [scheduledAnnotation]: formatIn(timeZone ?? 'UTC', at) }
  try {
    const made = await client.create(jobs, {
      metadata: { namespace, name, labels: { ...jobTemplate.metadata?.labels }, annotations, ownerReferences: [controllerReference(cronjobs, owner)] },
      spec: clone(jobTemplate.spec),
    })
    tell(cronjobs, owner, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`)
    return made
  } catch (error) {
    if (isAlreadyExists(error)) {
      // Made in a turn whose status did not get through; or somebody else's.
      const there = await client.get(jobs, { namespace, name })
      return isControlledBy(there, owner) ? there : undefined
    }
    if (!isNamespaceTerminating(error)) tell(cronjobs, owner, 'Warning', 'FailedCreate', `Error creating job: ${(error as Error).message}`)
    throw error
  }
}

/** Makes room for the next run. */
export async function replaceActive(job: CronJob, status: CronJobStatus, context: Context): Promise<void> {
  const { namespace } = job.metadata
  for (const { name } of status.active ?? []) {
    let running: Job
    try {
      running = await context.client.get(jobs, { namespace, name: name! })
    } catch (error) {
      context.tell(cronjobs, job, 'Warning', 'FailedGet', `Get job: ${(error as Error).message}`)
      throw error
    }
    if (!(await deleteJob(job, running, status, context))) throw new Error(`could not replace job ${namespace}/${name}`)
  }
}

/** Keeps as many finished Jobs of either sort as the limits say, the latest. */
export async function deleteOldJobs(job: CronJob, children: readonly Job[], status: CronJobStatus, context: Context): Promise<void> {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = job.spec
  for (const [how, limit] of [['Complete', successfulJobsHistoryLimit], ['Failed', failedJobsHistoryLimit]] as const) {
    if (limit === undefined) continue
    const finished = children.filter((child) => finishOf(child) === how)
    for (const child of oldestFirst(finished).slice(0, Math.max(0, finished.length - limit)))
      if (!child.metadata.deletionTimestamp) await deleteJob(job, child, status, context)
  }
}

/** False: the server does not let it go. */
async function deleteJob(job: CronJob, child: Job, status: CronJobStatus, { client, tell }: Context): Promise<boolean> {
  try {
    await client.delete(jobs, child.metadata, { propagationPolicy: 'Background' })
    tell(cronjobs, job, 'Normal', 'SuccessfulDelete', `Deleted job ${child.metadata.name}`)
  } catch (error) {
    if (!isNotFound(error)) {
      if (!(error instanceof ApiError)) throw error
      tell(cronjobs, job, 'Warning', 'FailedDelete', `Deleted job: ${(error).message}`)
      return false
    }
  }
  withoutActive(status, child.metadata.uid)
  return true
}
