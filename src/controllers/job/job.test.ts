import { expect, test } from 'vitest'
import { jobs } from '#api/batch/v1/job'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { isActive } from '#component-helpers/pod-status'
import { formatIndexes, parseIndexes } from './indexes'
import { job } from './job'

async function start(spec: object = {}): Promise<TestBed> {
  const bed = createTestBed()
  bed.api.seed(jobs, {
    metadata: { namespace: 'd', name: 'work', uid: 'j', generation: 1 }, status: {},
    spec: {
      parallelism: 2, completions: 3, backoffLimit: 6, completionMode: 'NonIndexed', selector: { matchLabels: { job: 'j' } }, podReplacementPolicy: 'TerminatingOrFailed',
      template: { metadata: { labels: { job: 'j' } }, spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] } }, ...spec,
    },
  })
  await bed.start(job)
  return bed
}
const get = (bed: TestBed) => bed.api.read(jobs, 'd/work')!
const active = (bed: TestBed) => bed.api.all(pods).filter(isActive)
const conditions = (bed: TestBed) => (get(bed).status.conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}`)
const indexOf = (pod: Pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']
async function end(bed: TestBed, phase: 'Succeeded' | 'Failed', which: (pod: Pod) => boolean = () => true, status: object = {}) {
  const finishedAt = new Date(bed.clock.now()).toISOString()
  for (const pod of active(bed).filter(which)) {
    const state = { terminated: { exitCode: phase === 'Failed' ? 1 : 0, finishedAt } }
    bed.api.seed(pods, { ...pod, status: { phase, containerStatuses: [{ name: 'c', state }], ...status } })
  }
  await bed.idle()
}

test('runs as many at a time as it may until all have succeeded, counts each once, and lets them go', async () => {
  await using bed = await start()
  expect(active(bed)).toHaveLength(2)
  expect(active(bed)[0]!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  expect(get(bed).status).toMatchObject({ active: 2, ready: 0, startTime: '2026-01-01T00:00:00Z' })
  await end(bed, 'Succeeded')
  expect(get(bed).status).toMatchObject({ active: 1, succeeded: 2, uncountedTerminatedPods: {} })
  await end(bed, 'Succeeded')
  expect(get(bed).status).toMatchObject({ succeeded: 3, completionTime: expect.stringMatching(/^2026-01-01/) })
  expect(conditions(bed)).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached'])
  expect(bed.api.all(pods).flatMap((p) => p.metadata.finalizers ?? [])).toEqual([])
  expect(bed.api.all(events).map((e) => e.reason)).toContain('Completed')
  bed.writes()
  await bed.advance(3_600_000)
  expect(bed.writes()).toEqual([])
  expect(bed.clock.pending).toBe(0)
})

test('failures are tried again with growing waits, up to the limit', async () => {
  await using bed = await start({ backoffLimit: 1, completions: 1, parallelism: 1 })
  await end(bed, 'Failed')
  expect(active(bed)).toHaveLength(0)
  expect(get(bed).status).toMatchObject({ failed: 1 })
  await bed.advance(10_000)
  expect(active(bed)).toHaveLength(1)
  await end(bed, 'Failed')
  expect(conditions(bed)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded'])
  expect(get(bed).status).toMatchObject({ failed: 2 })
  expect(bed.api.all(events).find((e) => e.type === 'Warning')).toMatchObject({ reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' })
})

test('a job that is active for too long fails, and its pods go', async () => {
  await using bed = await start({ activeDeadlineSeconds: 60 })
  await bed.advance(59_000)
  expect(active(bed)).toHaveLength(2)
  await bed.advance(2000)
  expect(active(bed)).toHaveLength(0)
  expect(conditions(bed).at(-1)).toBe('Failed=True DeadlineExceeded')
})

test('an indexed job works on every index once', async () => {
  await using bed = await start({ completionMode: 'Indexed' })
  expect(active(bed).map(indexOf)).toEqual(['0', '1'])
  const [first] = active(bed)
  expect(first!.spec.hostname).toBe('work-0')
  expect(first!.metadata.name).toMatch(/^work-0-/)
  expect(first!.spec.containers[0]!.env).toMatchObject([{ name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } } }])
  await end(bed, 'Succeeded', (p) => indexOf(p) === '1')
  expect(get(bed).status).toMatchObject({ completedIndexes: '1', succeeded: 1 })
  expect(active(bed).map(indexOf).sort()).toEqual(['0', '2'])
  await end(bed, 'Succeeded')
  expect(get(bed).status).toMatchObject({ completedIndexes: '0-2', succeeded: 3 })
  expect(conditions(bed).at(-1)).toBe('Complete=True CompletionsReached')
})

test('failures are limited for each index, and the others go on', async () => {
  await using bed = await start({ completionMode: 'Indexed', completions: 2, backoffLimitPerIndex: 1, backoffLimit: 2_147_483_647 })
  await end(bed, 'Failed', (p) => indexOf(p) === '0')
  await bed.advance(10_000)
  expect(active(bed).find((p) => indexOf(p) === '0')!.metadata.annotations!['batch.kubernetes.io/job-index-failure-count']).toBe('1')
  await end(bed, 'Failed', (p) => indexOf(p) === '0')
  expect(get(bed).status).toMatchObject({ failedIndexes: '0', failed: 2 })
  expect(conditions(bed)).toEqual([])
  await end(bed, 'Succeeded')
  expect(conditions(bed).at(-1)).toBe('Failed=True FailedIndexes')
  expect(get(bed).status).toMatchObject({ completedIndexes: '1', failedIndexes: '0' })
})

test('the failure policy ignores, counts or ends the job', async () => {
  const podFailurePolicy = { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }, { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] }
  await using bed = await start({ podFailurePolicy, backoffLimit: 0 })
  const [first, second] = active(bed)
  await end(bed, 'Failed', (p) => p === first, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] })
  expect(get(bed).status.failed).toBeUndefined()
  await bed.advance(10_000)
  await end(bed, 'Failed', (p) => p.metadata.name === second!.metadata.name, { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 42 } } }] })
  expect(conditions(bed).at(-1)).toBe('Failed=True PodFailurePolicy')
  expect(get(bed).status.conditions!.at(-1)!.message).toBe(`Container c for pod d/${second!.metadata.name} failed with exit code 42 matching FailJob rule at index 1`)
})

test('a success policy ends the job early', async () => {
  await using bed = await start({ completionMode: 'Indexed', parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '0', succeededCount: 1 }] } })
  await end(bed, 'Succeeded', (p) => indexOf(p) === '0')
  expect(active(bed)).toEqual([])
  expect(conditions(bed)).toEqual(['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy'])
})

test('a suspended job has no pods; resumed, it starts anew', async () => {
  await using bed = await start({ suspend: true })
  expect(active(bed)).toEqual([])
  expect(conditions(bed)).toEqual(['Suspended=True JobSuspended'])
  await bed.client.patch(jobs, { namespace: 'd', name: 'work' }, { spec: { suspend: false } }, { type: 'merge' })
  await bed.idle()
  expect(conditions(bed)).toEqual(['Suspended=False JobResumed'])
  expect(active(bed)).toHaveLength(2)
  await bed.client.patch(jobs, { namespace: 'd', name: 'work' }, { spec: { suspend: true } }, { type: 'merge' })
  await bed.idle()
  expect(active(bed)).toEqual([])
  expect(get(bed).status.startTime).toBeUndefined()
})

test('pods of a deleted job are let go', async () => {
  await using bed = await start()
  bed.api.vanish(jobs, 'd/work')
  await bed.idle()
  expect(bed.api.all(pods).flatMap((p) => p.metadata.finalizers ?? [])).toEqual([])
})

test('without completions, the first success ends a job once all pods have ended', async () => {
  await using bed = await start({ completions: undefined })
  const [first] = active(bed)
  await end(bed, 'Succeeded', (p) => p === first)
  expect(active(bed)).toHaveLength(1)
  expect(conditions(bed)).toEqual([])
  await end(bed, 'Succeeded')
  expect(get(bed).status).toMatchObject({ succeeded: 2 })
  expect(conditions(bed).at(-1)).toBe('Complete=True CompletionsReached')
})

test('indexes are written short', () => {
  expect(formatIndexes(new Set([7, 1, 3, 5, 4, 8]))).toBe('1,3-5,7,8')
  expect([...parseIndexes('1,3-5,7', 5)]).toEqual([1, 3, 4])
})
