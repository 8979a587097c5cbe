import { expect, test } from 'vitest'
import { cronjobs, jobs, poddisruptionbudgets, pods, replicationcontrollers, resourcequotas } from '#api/index'
import { isNotFound } from '#client/index'
import { refusal, serve } from './cluster'
import { liveStatus } from './lifecycle'

const served = serve()
const containers = [{ name: 'main', image: 'nginx' }]

test('[sig-apps] CronJob should not schedule jobs when suspended [Slow]', async () => {
  const { client, cluster } = served
  const namespace = await served.namespace()
  const make = (name: string, suspend: boolean) =>
    client.create(cronjobs, { metadata: { namespace, name }, spec: { schedule: '*/1 * * * ?', suspend, concurrencyPolicy: 'Allow', jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers } } } } } })
  await make('asleep', true)
  await make('awake', false)
  await cluster.advance(5 * 60_000)
  // The other shows that there was time for it.
  await cluster.untilList(jobs, { namespace }, (all) => all.length > 0)
  const { items } = await client.list(jobs, { namespace })
  expect(new Set(items.map(({ metadata }) => metadata.ownerReferences![0]!.name))).toEqual(new Set(['awake']))
  expect((await client.get(cronjobs, { namespace, name: 'asleep' })).status).toEqual({})
  await client.deleteCollection(cronjobs, { namespace })
})

const budget = (namespace: string, name: string, labels: Record<string, string> = {}) => ({ metadata: { namespace, name, labels }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } })

test('[sig-apps] DisruptionController should create a PodDisruptionBudget', async () => {
  const { client, cluster } = served
  const namespace = await served.namespace()
  const name = { namespace, name: 'web' }
  await client.create(poddisruptionbudgets, budget(namespace, 'web'))
  const isSeen = (by: number) => cluster.until(poddisruptionbudgets, name, function isSeen({ metadata, status }) { return metadata.generation === by && status.observedGeneration === by })
  expect((await isSeen(1)).status).toMatchObject({ expectedPods: 0, desiredHealthy: 1, currentHealthy: 0, disruptionsAllowed: 0 })
  await client.update(poddisruptionbudgets, { ...(await client.get(poddisruptionbudgets, name)), spec: { minAvailable: '2%', selector: { matchLabels: { app: 'web' } } } })
  await isSeen(2)
  expect((await client.patch(poddisruptionbudgets, name, { spec: { minAvailable: '3%' } }, { type: 'strategic' })).spec.minAvailable).toBe('3%')
  await isSeen(3)
  const condition = { type: 'Twin', status: 'True', reason: 'Test', message: 'said by a test', lastTransitionTime: '2026-01-02T03:04:05Z' }
  await liveStatus(served, poddisruptionbudgets, name, { status: { conditions: [condition] } })
  await client.delete(poddisruptionbudgets, name)
  expect(isNotFound(await refusal(client.get(poddisruptionbudgets, name)))).toBe(true)
})

test('[sig-apps] DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
  const { client, cluster } = served
  const [here, there] = [await served.namespace(), await served.namespace()]
  const scope = { labelSelector: 'special=yes' }
  for (const name of ['a', 'b']) await client.create(poddisruptionbudgets, budget(here, name, { special: 'yes' }))
  await client.create(poddisruptionbudgets, budget(there, 'c', { special: 'yes' }))
  expect((await client.list(poddisruptionbudgets, scope)).items.map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'b', 'c'])
  await client.deleteCollection(poddisruptionbudgets, { namespace: here, ...scope })
  await cluster.untilGone(poddisruptionbudgets, { namespace: here })
  expect((await client.list(poddisruptionbudgets, scope)).items.map(({ metadata }) => metadata.name)).toEqual(['c'])
})

test('[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota', async () => {
  const { client, cluster } = served
  const namespace = await served.namespace()
  const name = { namespace, name: 'too-many' }
  await client.create(resourcequotas, { metadata: { namespace, name: 'few' }, spec: { hard: { pods: '2' } } })
  await cluster.until(resourcequotas, { namespace, name: 'few' }, ({ status }) => status.used?.pods === '0')
  await client.create(replicationcontrollers, { metadata: name, spec: { replicas: 3, selector: { app: 'web' }, template: { metadata: { labels: { app: 'web' } }, spec: { containers } } } })
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }
  const failed = await cluster.until(replicationcontrollers, name, function hasFailed({ status }) { return status.conditions?.some(({ type }) => type === failure.type) ?? false })
  expect(failed.status.conditions).toContainEqual(expect.objectContaining(failure))
  await client.patch(replicationcontrollers, name, { spec: { replicas: 2 } }, { type: 'merge' })
  await cluster.until(replicationcontrollers, name, function hasNoFailure({ metadata, status }) { return status.observedGeneration === metadata.generation && !status.conditions?.length })
  expect((await client.list(pods, { namespace })).items).toHaveLength(2)
})
