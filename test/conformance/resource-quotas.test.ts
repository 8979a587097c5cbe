import { expect, test } from 'vitest'
import type { Input } from '#apimachinery/object'
import { configmaps, type core, pods, replicasets, replicationcontrollers, resourcequotas, secrets, services } from '#api/index'
import { isForbidden, isNotFound, type KubeObject, type ResourceRef } from '#client/index'
import { refusal, serve } from './cluster'
import { follow } from './follow'

const served = serve()
type Used = Record<string, string>

/** Quotas in a namespace of their own, and what they have counted. */
async function quotas(specs: Record<string, Input<core.ResourceQuotaSpec>>) {
  const { client, cluster } = served
  const namespace = await served.namespace()
  for (const [name, spec] of Object.entries(specs)) {
    await client.create(resourcequotas, { metadata: { namespace, name }, spec })
    await cluster.until(resourcequotas, { namespace, name }, function isCounted({ status }) { return Object.keys(spec.hard!).every((what) => status.used?.[what] !== undefined) })
  }
  return {
    namespace,
    used: (name: string, used: Used) => cluster.until(resourcequotas, { namespace, name }, function hasCounted({ status }) { return Object.entries(used).every(([what, many]) => status.used?.[what] === many) }),
  }
}

/** What is made is counted, and let go when it is gone. */
async function captures<T extends KubeObject>(resource: ResourceRef<T>, what: string, body: object): Promise<void> {
  const { client, cluster } = served
  const namespace = await served.namespace()
  const before = (await client.list(resource, { namespace })).items.length
  await client.create(resourcequotas, { metadata: { namespace, name: 'quota' }, spec: { hard: { [what]: '5', resourcequotas: '1' } } })
  const used = (many: number) => cluster.until(resourcequotas, { namespace, name: 'quota' }, function hasCounted({ status }) { return status.used?.[what] === `${many}` && status.used.resourcequotas === '1' })
  // Every namespace is given a config map, which may come a little later.
  if (resource.resource === 'configmaps' && before === 0) await cluster.until(configmaps, { namespace, name: 'kube-root-ca.crt' }, () => true)
  const there = (await client.list(resource, { namespace })).items.length
  await used(there)
  await client.create(resource, { metadata: { namespace, name: 'one' }, ...body } as unknown as Input<T>)
  await used(there + 1)
  await client.delete(resource, { namespace, name: 'one' }, { propagationPolicy: 'Background', gracePeriodSeconds: 0 })
  await used(there)
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }
const captured: Record<string, () => Promise<void>> = {
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap.': () => captures(configmaps, 'configmaps', { data: { a: '1' } }),
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret.': () => captures(secrets, 'secrets', { data: { a: 'MQ==' } }),
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica set.': () => captures(replicasets, 'count/replicasets.apps', { spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template } }),
  '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication controller.': () => captures(replicationcontrollers, 'replicationcontrollers', { spec: { replicas: 0, selector: { app: 'web' }, template } }),
}
for (const [title, capture] of Object.entries(captured)) test(title, capture)

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
  const { used } = await quotas({ quota: { hard: { pods: '5', services: '5', 'requests.cpu': '1', resourcequotas: '1' } } })
  const { status } = await used('quota', { resourcequotas: '1', pods: '0', services: '0', 'requests.cpu': '0' })
  expect(status.hard).toEqual({ pods: '5', services: '5', 'requests.cpu': '1', resourcequotas: '1' })
})

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service.', async () => {
  const { client } = served
  const { namespace, used } = await quotas({ quota: { hard: { services: '10', 'services.nodeports': '1', 'services.loadbalancers': '1' } } })
  const make = (name: string, type: string) => client.create(services, { metadata: { namespace, name }, spec: { type, ports: [{ port: 80 }] } })
  await make('inner', 'ClusterIP')
  await make('outer', 'NodePort')
  expect(isForbidden(await refusal(make('too-many', 'LoadBalancer')))).toBe(true)
  await used('quota', { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' })
  for (const name of ['inner', 'outer']) await client.delete(services, { namespace, name })
  await used('quota', { services: '0', 'services.nodeports': '0' })
})

const pod = (namespace: string, name: string, requests?: Record<string, string>, spec: Input<core.PodSpec> = {}, limits?: Record<string, string>) =>
  ({ metadata: { namespace, name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'nginx', resources: { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) } }], ...spec } })

test('[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod.', async () => {
  const { client } = served
  const { namespace, used } = await quotas({ quota: { hard: { pods: '5', cpu: '1', memory: '500Mi', 'requests.ephemeral-storage': '50Gi', 'requests.example.com/dongle': '3' } } })
  const requests = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', 'example.com/dongle': '2' }
  const counted = { pods: '1', cpu: '500m', memory: '252Mi', 'requests.ephemeral-storage': '30Gi', 'requests.example.com/dongle': '2' }
  const dongles = { 'example.com/dongle': '2' }
  await client.create(pods, pod(namespace, 'fits', requests, {}, dongles))
  await used('quota', counted)
  for (const [name, more] of Object.entries({ cpu: { ...requests, cpu: '600m', 'example.com/dongle': '1' }, dongle: { cpu: '1m', memory: '1Mi', 'ephemeral-storage': '1Gi', ...dongles } }))
    expect(isForbidden(await refusal(client.create(pods, pod(namespace, `too-much-${name}`, more, {}, { 'example.com/dongle': more['example.com/dongle'] })))), name).toBe(true)
  // What a pod asks for cannot be changed past its quota either.
  expect((await refusal(client.patch(pods, { namespace, name: 'fits' }, { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '100m' } } }] } }, { type: 'strategic' }))).code).toBeGreaterThanOrEqual(403)
  await used('quota', counted)
  await client.delete(pods, { namespace, name: 'fits' }, { gracePeriodSeconds: 0 })
  await used('quota', { pods: '0', cpu: '0', memory: '0', 'requests.ephemeral-storage': '0', 'requests.example.com/dongle': '0' })
})

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes.', async () => {
  const { client } = served
  const hard = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi', 'limits.cpu': '2', 'limits.memory': '1Gi' }
  const { namespace, used } = await quotas({ ending: { hard, scopes: ['Terminating'] }, lasting: { hard, scopes: ['NotTerminating'] } })
  const some = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi', 'limits.cpu': '1', 'limits.memory': '400Mi' }
  const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' }
  for (const [spec, full, empty] of [[{}, 'lasting', 'ending'], [{ activeDeadlineSeconds: 3600 }, 'ending', 'lasting']] as const) {
    await client.create(pods, pod(namespace, full, { cpu: '500m', memory: '200Mi' }, spec, { cpu: '1', memory: '400Mi' }))
    await used(full, some)
    await used(empty, none)
    await client.delete(pods, { namespace, name: full }, { gracePeriodSeconds: 0 })
    await used(full, none)
  }
})

test('[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope.', async () => {
  const { client } = served
  const { namespace, used } = await quotas({ best: { hard: { pods: '5' }, scopes: ['BestEffort'] }, rest: { hard: { pods: '5' }, scopes: ['NotBestEffort'] } })
  for (const [requests, full, empty] of [[undefined, 'best', 'rest'], [{ cpu: '500m', memory: '200Mi' }, 'rest', 'best']] as const) {
    await client.create(pods, pod(namespace, full, requests))
    await used(full, { pods: '1' })
    await used(empty, { pods: '0' })
    await client.delete(pods, { namespace, name: full }, { gracePeriodSeconds: 0 })
    await used(full, { pods: '0' })
  }
})

test('[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota.', async () => {
  const { client } = served
  const name = { namespace: await served.namespace(), name: 'quota' }
  await client.create(resourcequotas, { metadata: name, spec: { hard: { cpu: '1', memory: '500Mi' } } })
  expect((await client.get(resourcequotas, name)).spec.hard).toEqual({ cpu: '1', memory: '500Mi' })
  expect((await client.update(resourcequotas, { metadata: name, spec: { hard: { cpu: '2', memory: '1Gi' } } })).spec.hard).toEqual({ cpu: '2', memory: '1Gi' })
  expect((await client.get(resourcequotas, name)).spec.hard).toEqual({ cpu: '2', memory: '1Gi' })
  await client.delete(resourcequotas, name)
  expect(isNotFound(await refusal(client.get(resourcequotas, name)))).toBe(true)
})

test('[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status', async () => {
  const { client } = served
  const hard = { cpu: '500m', memory: '500Mi' }
  const { namespace, used } = await quotas({ quota: { hard } })
  const name = { namespace, name: 'quota' }
  await used('quota', { cpu: '0', memory: '0' })
  await using watch = follow(client, resourcequotas, { namespace, resourceVersion: (await client.get(resourcequotas, name)).metadata.resourceVersion })
  const has = (cpu: string) => ({ status }: { status: core.ResourceQuotaStatus }): boolean => status.hard?.cpu === cpu
  const patched = await client.patch(resourcequotas, name, { status: { hard: { cpu: '600m', memory: '600Mi' } } }, { type: 'merge', subresource: 'status' })
  expect(patched).toMatchObject({ spec: { hard }, status: { hard: { cpu: '600m', memory: '600Mi' } } })
  await watch.saw('MODIFIED', 'quota', has('600m'))
  const now = await client.get(resourcequotas, name, { subresource: 'status' })
  expect(now).toMatchObject({ spec: { hard }, status: { hard: { cpu: '600m', memory: '600Mi' } } })
  expect((await client.update(resourcequotas, { ...now, status: { ...now.status, hard: { cpu: '700m', memory: '700Mi' } } }, { subresource: 'status' })).status.hard).toEqual({ cpu: '700m', memory: '700Mi' })
  await watch.saw('MODIFIED', 'quota', has('700m'))
  // A spec that says something else makes the controller say what is true.
  await client.patch(resourcequotas, name, { spec: { hard: { cpu: '800m' } } }, { type: 'merge' })
  await watch.saw('MODIFIED', 'quota', ({ status }) => status.hard?.cpu === '800m' && status.hard.memory === '500Mi')
})
