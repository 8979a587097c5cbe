import { formatTime } from '#apimachinery/time'
import { expect, test } from 'vitest'
import { cronjobs } from '#api/batch/v1/cron-job'
import { jobs } from '#api/batch/v1/job'
import { events } from '#api/core/v1/event'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { cronjob } from './cronjob'

const minute = 60_000
// The bed's clock starts at 2026-01-01T00:00:00Z.
const started = Date.UTC(2026, 0, 1)
const cron = (spec: object = {}, rest: { created?: string; status?: object } = {}) => ({
  metadata: { namespace: 'd', name: 'tick', ...(rest.created ? { creationTimestamp: rest.created } : {}) }, status: rest.status ?? {},
  spec: {
    schedule: '*/10 * * * *', concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1,
    jobTemplate: { metadata: { labels: { app: 'tick' }, annotations: { note: 'x' } }, spec: { template: { spec: { containers: [] } } } }, ...spec,
  },
})
const named = (at: number) => `tick-${at / minute}`
const names = (bed: TestBed) => bed.api.all(jobs).map((j) => j.metadata.name).sort()
const status = (bed: TestBed) => bed.api.read(cronjobs, 'd/tick')!.status
const reasons = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)
/** Ten minutes, and the little that a run waits after it is due. */
const tick = (bed: TestBed) => bed.advance(10 * minute + 100)
const finish = async (bed: TestBed, name: string, type = 'Complete') => {
  const at = formatTime(bed.clock.now())
  const job = bed.api.read(jobs, `d/${name}`)!
  bed.api.seed(jobs, { ...job, status: { startTime: at, ...(type === 'Complete' ? { completionTime: at } : {}), conditions: [{ type, status: 'True' }] } })
  await bed.idle()
}

test('makes a job whenever it is time, named for the minute, and counts those that run', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron())
  await bed.start(cronjob)
  expect(names(bed)).toEqual([])
  await tick(bed)
  const first = started + 10 * minute
  expect(names(bed)).toEqual([named(first)])
  const job = bed.api.all(jobs)[0]!
  expect(job.metadata).toMatchObject({
    labels: { app: 'tick' }, annotations: { note: 'x', 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:10:00Z' },
    ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
  })
  expect(status(bed)).toMatchObject({ lastScheduleTime: '2026-01-01T00:10:00Z', active: [{ kind: 'Job', apiVersion: 'batch/v1', name: named(first), uid: job.metadata.uid }] })
  expect(reasons(bed)).toContain(`Normal SuccessfulCreate: Created job ${named(first)}`)
  await finish(bed, named(first))
  expect(status(bed).active).toBeUndefined()
  expect(status(bed).lastSuccessfulTime).toMatch(/^2026-01-01T00:10:/)
  expect(reasons(bed)).toContain(`Normal SawCompletedJob: Saw completed job: ${named(first)}, condition: Complete`)
  await tick(bed)
  expect(names(bed)).toEqual([named(first), named(first + 10 * minute)])
})

test('after a pause it makes up for the last run alone, unless that is too late', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron({}, { created: '2025-12-31T00:05:00Z' }))
  await bed.start(cronjob)
  expect(names(bed)).toEqual([named(started)])
  expect(reasons(bed)[0]).toBe('Warning TooManyMissedTimes: too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')

  await using late = createTestBed()
  late.api.seed(cronjobs, cron({ startingDeadlineSeconds: 30, schedule: '55 23 * * *' }, { created: '2025-12-31T00:05:00Z' }))
  await late.start(cronjob)
  expect(names(late)).toEqual([])
})

test.each([['Allow', [1, 2]], ['Forbid', [1]], ['Replace', [2]]] as const)('what still runs when the next is due: %s', async (concurrencyPolicy, left) => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron({ concurrencyPolicy }))
  await bed.start(cronjob)
  await tick(bed)
  await tick(bed)
  const expected = left.map((n) => named(started + n * 10 * minute))
  expect(names(bed)).toEqual(expected)
  expect(status(bed).active!.map((a) => a.name)).toEqual(expected)
  if (concurrencyPolicy === 'Forbid') expect(reasons(bed)).toContain('Normal JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid')
  if (concurrencyPolicy === 'Replace') expect(reasons(bed)).toContain(`Normal SuccessfulDelete: Deleted job ${named(started + 10 * minute)}`)
})

test('suspended it makes none, and afterwards the one it missed', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron({ suspend: true }))
  await bed.start(cronjob)
  await bed.advance(15 * minute)
  expect(names(bed)).toEqual([])
  expect(bed.clock.pending).toBe(0)
  await bed.client.patch(cronjobs, { namespace: 'd', name: 'tick' }, { spec: { suspend: false } }, { type: 'merge' })
  await bed.idle()
  expect(names(bed)).toEqual([named(started + 10 * minute)])
})

test('keeps as many finished jobs as it should', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 }))
  await bed.start(cronjob)
  for (const type of ['Complete', 'Complete', 'Failed']) {
    await tick(bed)
    await finish(bed, names(bed).at(-1)!, type)
  }
  expect(names(bed)).toEqual([named(started + 20 * minute)])
})

test('in its time zone; a changed schedule counts from now', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, cron({ schedule: '0 2 * * *', timeZone: 'Europe/Berlin' }))
  await bed.start(cronjob)
  await bed.client.patch(cronjobs, { namespace: 'd', name: 'tick' }, { spec: { schedule: '30 1 * * *' } }, { type: 'merge' })
  await bed.advance(20 * minute)
  expect(names(bed)).toEqual([])
  await bed.advance(15 * minute)
  expect(names(bed)).toEqual([named(started + 30 * minute)])
  expect(bed.api.all(jobs)[0]!.metadata.annotations!['batch.kubernetes.io/cronjob-scheduled-timestamp']).toBe('2026-01-01T01:30:00+01:00')
})

test('tells about jobs that it does not know, and about those that are gone', async () => {
  await using bed = createTestBed()
  bed.api.seed(cronjobs, { ...cron({}, { status: { active: [{ kind: 'Job', namespace: 'd', name: 'lost', uid: 'lost' }] } }), metadata: { namespace: 'd', name: 'tick', uid: 'u' } })
  bed.api.seed(jobs, { metadata: { namespace: 'd', name: 'odd', ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid: 'u', controller: true }] }, spec: {}, status: {} })
  await bed.start(cronjob)
  expect(reasons(bed)).toContain('Warning UnexpectedJob: Saw a job that the controller did not create or forgot: odd')
  expect(reasons(bed)).toContain('Normal MissingJob: Active job went missing: lost')
  expect(status(bed).active).toBeUndefined()
})

test('schedules and zones that cannot be read are told, and wait for better ones', async () => {
  await using bed = createTestBed()
  const other = (name: string, spec: object) => ({ ...cron(spec), metadata: { namespace: 'd', name } })
  bed.api.seed(cronjobs, other('a', { schedule: 'soon' }), other('b', { timeZone: 'Moon/Sea' }), other('c', { schedule: '0 0 31 2 *' }))
  await bed.start(cronjob)
  expect(reasons(bed)).toEqual([
    'Warning UnparseableSchedule: unparseable schedule: "soon" : expected exactly 5 fields, found 1: [soon]',
    'Warning UnknownTimeZone: invalid timeZone: "Moon/Sea": unknown time zone Moon/Sea',
    'Warning InvalidSchedule: invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second',
  ])
  expect(bed.clock.pending).toBe(0)
})
