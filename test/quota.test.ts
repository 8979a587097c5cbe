import { expect, test } from 'vitest'
import { configmaps, pods, resourcequotas } from '#api/index'
import { startCluster } from '#testing/index'

const pod = (name: string) => ({ metadata: { name, namespace: 'default' }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'nginx' }] } })

test('a quota lets in as much as it says, and what goes makes room', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.create(resourcequotas, { metadata: { name: 'few', namespace: 'default' }, spec: { hard: { pods: '2', 'count/configmaps': '9' } } })
  await until(resourcequotas, 'few', ({ status }) => status?.used?.['pods'] === '0')

  await client.create(pods, pod('one'))
  await client.create(pods, pod('two'))
  await expect(client.create(pods, pod('three'))).rejects.toThrow('pods "three" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2')
  await until(pods, 'two', ({ status }) => status.phase === 'Running')

  await client.delete(pods, { namespace: 'default', name: 'one' })
  await until(resourcequotas, 'few', ({ status }) => status?.used?.['pods'] === '1')
  await client.create(pods, pod('three'))
  await until(resourcequotas, 'few', ({ status }) => status?.used?.['pods'] === '2')

  // What is only counted is counted too.
  await client.create(configmaps, { metadata: { name: 'one', namespace: 'default' } })
  await until(resourcequotas, 'few', ({ status }) => status?.used?.['count/configmaps'] === '2')
})
