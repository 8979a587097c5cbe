import { expect, test } from 'vitest'
import { configmaps, deployments } from '#api/index'
import { parse } from 'yaml'
import { connectionOf, createClient, createHttpTransport, isConflict, isInvalid, type Kubeconfig } from '#client/index'
import { isAvailable, startCluster } from '#testing/index'
import { web } from './manifests'

const name = { namespace: 'default', name: 'web' }

test('appliers share an object, field by field', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(web({ replicas: 2 }), { fieldManager: 'team' })
  await until(deployments, 'web', isAvailable)

  const scaled = deployments.make({ metadata: name, spec: { replicas: 3 } })
  const refusal = await client.apply(scaled, { fieldManager: 'autoscaler' }).catch((error: unknown) => error)
  expect(isConflict(refusal)).toBe(true)
  expect((refusal as Error).message).toBe('Apply failed with 1 conflict: conflict with "team": .spec.replicas')

  await client.apply(scaled, { fieldManager: 'autoscaler', force: true })
  const { replicas: _given, ...rest } = web().spec!
  const kept = await client.apply(deployments.make({ metadata: name, spec: rest }), { fieldManager: 'team' })
  expect(kept.spec.replicas).toBe(3)
  // In this process objects come without their managed fields: who owns what is read over the wire.
  await using transport = createHttpTransport(await connectionOf(parse(cluster.kubeconfig) as Kubeconfig))
  const { metadata } = await createClient(transport).get(deployments, name)
  const owners = metadata.managedFields!.filter(({ operation }) => operation === 'Apply').map(({ manager, fieldsV1 }) => [manager, 'f:replicas' in ((fieldsV1 as Record<string, object>)['f:spec'] ?? {})])
  expect(owners).toEqual(expect.arrayContaining([['autoscaler', true], ['team', false]]))
})

test('what an applier leaves out goes, unless others own it; applying the same again writes nothing', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  const map = (data: Record<string, string>) => configmaps.make({ metadata: { namespace: 'default', name: 'm' }, data })
  await client.apply(map({ a: '1', b: '1' }), { fieldManager: 'one' })
  await client.apply(map({ b: '1', c: '1' }), { fieldManager: 'two' })
  const now = await client.apply(map({}), { fieldManager: 'one' })
  expect(now.data).toEqual({ b: '1', c: '1' })
  const again = await client.apply(map({}), { fieldManager: 'one' })
  expect(again.metadata.resourceVersion).toBe(now.metadata.resourceVersion)
})

test('updates of what has changed meanwhile are refused, dry runs change nothing, refusals name every field', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  const made = await client.create(configmaps, { metadata: { namespace: 'default', name: 'm' }, data: { a: '1' } })
  await client.patch(configmaps, made.metadata, { data: { a: '2' } }, { type: 'merge' })
  expect(isConflict(await client.update(configmaps, { ...made, data: {} }).catch((error: unknown) => error))).toBe(true)
  expect((await client.patch(configmaps, made.metadata, [{ op: 'replace', path: '/data/a', value: '3' }], { type: 'json', dryRun: true })).data).toEqual({ a: '3' })
  expect((await client.get(configmaps, made.metadata)).data).toEqual({ a: '2' })

  const wrong = await client.create(deployments, { metadata: { ...name, name: 'Web_1' }, spec: { replicas: -1, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'main' }] } } } }).catch((error: unknown) => error)
  expect(isInvalid(wrong)).toBe(true)
  for (const field of ['metadata.name', 'spec.replicas', 'spec.template.metadata.labels', 'spec.template.spec.containers[0].image']) expect((wrong as Error).message).toContain(field)
})
