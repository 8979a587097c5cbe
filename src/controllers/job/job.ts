import { isInvalid, isNotFound } from '#apimachinery/api-error'
import { jobs } from '#api/batch/v1/job'
import type { Job, JobCondition, JobStatus } from '#api/batch/v1/types'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { claim } from '#controller-runtime/claim'
import { withWorkloadCondition } from '#component-helpers/conditions'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { ReconcileContext } from '#controller-runtime/controller'
import { controllerOf } from '#component-helpers/owner-references'
import { byOwner, candidatesFor, ownersOf } from '#controller-runtime/owners'
import { selects } from '#controller-runtime/selecting'
import { updateStatus } from '#controller-runtime/update-status'
import { recordAfter } from './backoff'
import type { FailureRecord } from './backoff'
import { hasFailed, indexFields, isIndexed, isTracked, takeCensus, trackingFinalizer } from './census'
import type { Census } from './census'
import { judgeFailure } from './failure-policy'
import { indexOf } from './indexes'
import { steerPods, stopPods } from './running-pods'
import { deadlineOf, isFinished, verdictOn } from './verdict'
import type { Verdict } from './verdict'

type State = Map<string, FailureRecord>
type Context = ReconcileContext<State>

/** At most so many pods are noted in a status at a time, since it has to stay small. */
const mostUncounted = 500
const ofJob = (pod: Pod): string | undefined => {
  const owner = controllerOf(pod)
  return owner?.kind === 'Job' && owner.apiVersion.startsWith('batch/') ? `${pod.metadata.namespace}/${owner.name}` : undefined
}

/**
 * Runs pods until as many have succeeded as a Job asks for. A finalizer holds every pod until the job's status has counted
 * it, so that none is counted twice or lost: ended pods are first noted in the status (uncounted), then their finalizer
 * goes, then they are added to the numbers. Acts only on caches that show all of its own earlier writes.
 */
export const job = defineController<State>({
  name: 'job-controller',
  watches: [
    on(jobs),
    on(pods, ownersOf(jobs, (owner, pod) => selects(owner.spec.selector, pod.metadata.labels)), {
      indexes: { ...byOwner.indexes, job: (pod) => (isTracked(pod) && ofJob(pod) ? [ofJob(pod)!] : []) },
    }),
  ],
  writes: [statusOf(jobs), pods],
  setUp: () => new Map(),

  async reconcile(key, context) {
    const { cached, client, clock, expectations, state } = context
    const job = cached(jobs).get(key)
    if (!expectations.met(key)) return
    if (!job || isFinished(job)) {
      state.delete(key)
      await letGo(cached(pods).by('job', key), context)
      return
    }
    if (job.spec.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return
    await letGo(cached(pods).by('job', key).filter((pod) => controllerOf(pod)!.uid !== job.metadata.uid), context)
    const how = { ownerResource: jobs, owner: job, childResource: pods, picks: (pod: Pod) => selects(job.spec.selector, pod.metadata.labels), finalizers: [trackingFinalizer] }
    const census = takeCensus(job, await claim(how, candidatesFor(cached(pods), job), client))

    const now = clock.now()
    const record = recordAfter(state.get(key), census, now)
    state.set(key, record)
    let verdict = verdictOn(census, now)
    const steered = verdict ? await stopPods(census, census.active, context) : job.metadata.deletionTimestamp ? { created: 0, deleted: [] } : await steerPods(census, record, context)
    const activeLeft = census.active.length - steered.deleted.length + steered.created
    // A verdict is carried out before it is told.
    const stopped = steered.deleted.length === census.active.length
    if (verdict && !stopped) verdict = undefined
    const { completions } = job.spec
    if (!verdict && !steered.error && activeLeft === 0 && (completions === undefined ? census.succeeded > 0 : census.succeeded >= completions))
      verdict = { succeeds: true, reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }

    const status: JobStatus = {
      ...job.status, active: activeLeft || undefined, ready: census.ready - steered.deleted.filter((pod) => census.active.includes(pod) && isReadyPod(pod)).length,
      terminating: census.terminating + steered.deleted.length, conditions: suspension(census, context),
      startTime: job.spec.suspend ? undefined : (job.status?.startTime ?? formatTime(now)),
    }
    if (resumed(job)) status.startTime = formatTime(now)
    await settle(census, status, verdict, context)
    if (steered.error) throw steered.error
    const deadline = deadlineOf({ ...job, status })
    const waits = [steered.waitMs, deadline === undefined ? undefined : deadline - now].filter((wait) => wait !== undefined)
    return waits.length > 0 ? { requeueAfter: Math.max(0, Math.min(...waits)) } : undefined
  },
})

const isReadyPod = ({ status }: Pod): boolean => !!status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
const resumed = ({ spec, status }: Job): boolean => !spec.suspend && !!status?.conditions?.some(({ type, status: is }) => type === 'Suspended' && is === 'True')

/** Notes what has ended, lets the pods go, counts them, and tells how the job ended once nothing is left to count. */
async function settle(census: Census, status: JobStatus, verdict: Verdict | undefined, context: Context): Promise<void> {
  const { job } = census
  const { cached, client, clock, expectations, tell } = context
  const key = `${job.metadata.namespace}/${job.metadata.name}`
  const now = formatTime(clock.now())
  const tracked = new Set(census.pods.filter(isTracked).map(({ metadata }) => metadata.uid))

  // Noted earlier, let go since: count them.
  const uncounted = { succeeded: [...(job.status?.uncountedTerminatedPods?.succeeded ?? [])], failed: [...(job.status?.uncountedTerminatedPods?.failed ?? [])] }
  count(status, uncounted, (uid) => !tracked.has(uid))

  const leaving: Pod[] = []
  for (const pod of census.pods) {
    if (!isTracked(pod)) continue
    const failed = hasFailed(job, pod)
    const over = pod.status?.phase === 'Succeeded' || job.metadata.deletionTimestamp !== undefined || verdict !== undefined
    if (!over && !(failed && !isKept(census, pod))) continue
    if (uncounted.succeeded.length + uncounted.failed.length >= mostUncounted) break
    leaving.push(pod)
    const { uid } = pod.metadata
    if (uncounted.succeeded.includes(uid) || uncounted.failed.includes(uid)) continue
    if (pod.status?.phase === 'Succeeded') {
      if (!isIndexed(job)) uncounted.succeeded.push(uid)
    } else if ((failed || (verdict && !verdict.succeeds)) && countsAsFailed(census, pod)) uncounted.failed.push(uid)
  }
  Object.assign(status, indexFields(census))
  if (isIndexed(job)) status.succeeded = census.succeededIndexes.size || undefined
  if (verdict) {
    const type = verdict.succeeds ? 'SuccessCriteriaMet' : 'FailureTarget'
    status.conditions = withWorkloadCondition(status.conditions, { type, status: 'True', lastProbeTime: now, lastTransitionTime: now, reason: verdict.reason, message: verdict.message })
  }

  // First the note, then the finalizers: a crash between the two counts nothing twice.
  const write = async (object: Job, next: JobStatus): Promise<Job> => {
    const written = await updateStatus(client, jobs, object, { ...next, uncountedTerminatedPods: { ...(uncounted.succeeded.length ? { succeeded: [...uncounted.succeeded] } : {}), ...(uncounted.failed.length ? { failed: [...uncounted.failed] } : {}) } })
    expectations.created(key, cached(jobs), written)
    return written
  }
  const finishes = verdict !== undefined && (status.terminating ?? 0) === 0
  if (!finishes || uncounted.succeeded.length + uncounted.failed.length > 0) {
    const noted = await write(job, status)
    if (leaving.length === 0) return
    const gone = await letGo(leaving, context)
    count(status, uncounted, (uid) => gone.has(uid))
    if (!finishes || uncounted.succeeded.length + uncounted.failed.length > 0) return void (await write(noted, status))
    return finish(noted)
  }
  await letGo(leaving, context)
  return finish(job)

  async function finish(object: Job): Promise<void> {
    const { succeeds, reason, message } = verdict!
    status.conditions = withWorkloadCondition<JobCondition>(status.conditions, { type: succeeds ? 'Complete' : 'Failed', status: 'True', lastProbeTime: now, lastTransitionTime: now, reason, message })
    if (succeeds) status.completionTime = now
    await write(object, status)
    if (!succeeds) return tell(jobs, job, 'Warning', reason, message)
    if (job.spec.completions !== undefined && (status.succeeded ?? 0) > job.spec.completions)
      tell(jobs, job, 'Warning', 'TooManySucceededPods', 'Too many succeeded pods running after completion count reached')
    tell(jobs, job, 'Normal', 'Completed', 'Job completed')
  }
}

/** Moves pods from the notes to the numbers. */
function count(status: JobStatus, uncounted: { succeeded: string[]; failed: string[] }, gone: (uid: string) => boolean): void {
  const succeeded = uncounted.succeeded.filter(gone).length
  const failed = uncounted.failed.filter(gone).length
  if (succeeded > 0) status.succeeded = (status.succeeded ?? 0) + succeeded
  if (failed > 0) status.failed = (status.failed ?? 0) + failed
  uncounted.succeeded = uncounted.succeeded.filter((uid) => !gone(uid))
  uncounted.failed = uncounted.failed.filter((uid) => !gone(uid))
}

/** The last failed pod of an index stays until it is replaced: it tells how often the index has failed. */
const isKept = ({ toReplace }: Census, pod: Pod): boolean => toReplace.get(indexOf(pod) ?? -1) === pod

function countsAsFailed({ job }: Census, pod: Pod): boolean {
  if (isIndexed(job) && (indexOf(pod) === undefined || indexOf(pod)! >= (job.spec.completions ?? 0))) return false
  return judgeFailure(job.spec.podFailurePolicy, pod).action !== 'Ignore'
}

function suspension({ job }: Census, { clock, tell }: Context): JobCondition[] | undefined {
  const { conditions } = job.status ?? {}
  const before = conditions?.find(({ type }) => type === 'Suspended')
  const now = formatTime(clock.now())
  const set = (status: 'True' | 'False', reason: string, message: string, event: string): JobCondition[] => {
    tell(jobs, job, 'Normal', event, message)
    return withWorkloadCondition<JobCondition>(conditions, { type: 'Suspended', status, lastProbeTime: now, lastTransitionTime: now, reason, message })
  }
  if (job.spec.suspend && before?.status !== 'True') return set('True', 'JobSuspended', 'Job suspended', 'Suspended')
  if (!job.spec.suspend && before?.status === 'True') return set('False', 'JobResumed', 'Job resumed', 'Resumed')
  return conditions
}

/** Takes the finalizer from pods. Returns the uids of those that no longer have it. */
async function letGo(tracked: readonly Pod[], { client, cached, expectations }: Context): Promise<Set<string>> {
  const gone = new Set<string>()
  const results = await Promise.allSettled(tracked.filter(isTracked).map(async (pod) => {
    const { uid } = pod.metadata
    try {
      const patch = { metadata: { uid, [`$deleteFromPrimitiveList/finalizers`]: [trackingFinalizer] } }
      const written = await client.patch(pods, pod.metadata, patch, { type: 'strategic' })
      if (ofJob(pod)) expectations.created(ofJob(pod)!, cached(pods), written)
    } catch (error) {
      if (!isNotFound(error) && !isInvalid(error)) throw error
    }
    gone.add(uid)
  }))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason as Error
  return gone
}
