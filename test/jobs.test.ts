import { expect, test } from 'vitest'
import { cronjobs, jobs, pods } from '#api/index'
import { hasCondition, startCluster } from '#testing/index'
import { job } from './manifests'

test('a job runs its completions, so many at a time, and goes after its time to live', async () => {
  await using cluster = await startCluster({ nodes: 2 })
  const { client, until, untilGone } = cluster
  cluster.containers.behave({ image: 'work:1' }, { runMs: 50 })
  let most = 0
  using _watching = cluster.informers.get(jobs).on((found) => void (most = Math.max(most, found?.status.active ?? 0)))
  await client.apply(job('import', { completions: 4, parallelism: 2, ttlSecondsAfterFinished: 30 }))
  const done = await until(jobs, 'import', hasCondition('Complete'))
  expect(done.status).toMatchObject({ succeeded: 4, ready: 0 })
  expect(done.status.failed ?? 0).toBe(0)
  expect(most).toBe(2)
  await cluster.advance(31_000)
  await untilGone(jobs, 'import')
  await untilGone(pods, { namespace: 'default' })
})

test('an indexed job numbers its pods', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  cluster.containers.behave({ image: 'work:1' }, { runMs: 20 })
  await client.apply(job('parts', { completions: 3, parallelism: 3, completionMode: 'Indexed' }))
  const done = await until(jobs, 'parts', hasCondition('Complete'))
  expect(done.status.completedIndexes).toBe('0-2')
})

test('a job gives up after its backoff limit', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  cluster.containers.behave({ image: 'work:broken' }, { runMs: 10, exitCode: 3 })
  await client.apply(job('broken', { image: 'work:broken', backoffLimit: 1 }))
  await until(jobs, 'broken', ({ status }) => status.failed === 1)
  // The second try waits ten seconds.
  await cluster.advance(15_000)
  const { status } = await until(jobs, 'broken', hasCondition('Failed'))
  expect(status.conditions!.find(({ type }) => type === 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' })
  const [pod] = (await client.list(pods, { namespace: 'default' })).items
  expect(pod!.status).toMatchObject({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3, reason: 'Error' } } }] })
})

test('a suspended job has no pods until it goes on', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(job('later', { suspend: true }))
  await until(jobs, 'later', hasCondition('Suspended'))
  expect((await client.list(pods, { namespace: 'default' })).items).toEqual([])
  await client.patch(jobs, { namespace: 'default', name: 'later' }, { spec: { suspend: false } }, { type: 'merge' })
  await until(jobs, 'later', hasCondition('Complete'))
})

test('a cron job runs each hour and keeps so many of its jobs', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(
    cronjobs.make({
      metadata: { name: 'report', namespace: 'default' },
      spec: { schedule: '0 * * * *', successfulJobsHistoryLimit: 2, jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'report:1' }] } } } } },
    }),
  )
  let runs = 0
  using _watching = cluster.informers.get(jobs).on((found, old) => void (runs += found && !old ? 1 : 0))
  for (let hour = 1; hour <= 4; hour++) {
    await cluster.advance(3_600_000)
    const last = await until(cronjobs, 'report', ({ status }) => runs === hour && (status.active ?? []).length === 0 && status.lastSuccessfulTime !== undefined)
    expect(new Date(last.status.lastScheduleTime!).getMinutes()).toBe(0)
  }
  const kept = (await client.list(jobs, { namespace: 'default' })).items
  expect(kept).toHaveLength(2)
  expect(kept.every(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'CronJob')).toBe(true)
})
