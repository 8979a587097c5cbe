import { expect, test } from 'vitest'
import { limitranges, nodes, pods, runtimeclasses, type core } from '#api/index'
import type { Input } from '#apimachinery/object'
import { isForbidden, isNotFound } from '#client/index'
import { eventually, refusal, serve } from './cluster'
import { follow } from './follow'
import { liveStatus } from './lifecycle'

const served = serve()
const make = (namespace: string, name: string, spec: Input<core.PodSpec> = {}, resources: Input<core.ResourceRequirements> = {}) =>
  served.client.create(pods, { metadata: { namespace, name }, spec: { containers: [{ name: 'main', image: 'nginx', resources }], ...spec } })

test('[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance]', async () => {
  const error = await refusal(make(await served.namespace(), 'one', { runtimeClassName: 'of-nobody' }))
  expect(isForbidden(error)).toBe(true)
  expect(error.message).toContain('pod rejected: RuntimeClass "of-nobody" not found')
})

test('[sig-node] RuntimeClass should reject a Pod requesting a deleted RuntimeClass [NodeConformance]', async () => {
  const { client } = served
  const namespace = await served.namespace()
  await client.create(runtimeclasses, { metadata: { name: 'brief' }, handler: 'twin' })
  const made = await eventually(() => make(namespace, 'before', { runtimeClassName: 'brief' }))
  expect(made.spec.runtimeClassName).toBe('brief')
  await client.delete(runtimeclasses, { name: 'brief' })
  let tries = 0
  await eventually(async () => expect(isForbidden(await refusal(make(namespace, `after-${tries++}`, { runtimeClassName: 'brief' })))).toBe(true))
})

test('[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls', async () => {
  const names = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..']
  const { message, status } = await refusal(make(await served.namespace(), 'one', { securityContext: { sysctls: names.map((name) => ({ name, value: '100' })) } }))
  expect(status.details!.causes!.map(({ field }) => field)).toEqual(['spec.securityContext.sysctls[0].name', 'spec.securityContext.sysctls[3].name'])
  expect(message).toContain('Invalid value: "foo-"')
})

test('[sig-node] Node Lifecycle should run through the lifecycle of a node', async () => {
  const { client } = served
  const name = { name: 'twin' }
  await using watch = follow(client, nodes, { resourceVersion: (await client.list(nodes)).metadata.resourceVersion })
  await client.create(nodes, { metadata: { ...name, labels: { twin: 'yes' } }, status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: 'said by a test' }] } })
  await watch.saw('ADDED', 'twin')
  expect((await client.list(nodes, { labelSelector: 'twin=yes' })).items.map(({ metadata }) => metadata.name)).toEqual(['twin'])
  expect((await client.patch(nodes, name, { metadata: { labels: { patched: 'yes' } } }, { type: 'strategic' })).metadata.labels).toMatchObject({ patched: 'yes' })
  await watch.saw('MODIFIED', 'twin', ({ metadata }) => metadata.labels?.patched === 'yes')
  await eventually(async () => {
    const now = await client.get(nodes, name)
    await client.update(nodes, { ...now, metadata: { ...now.metadata, labels: { ...now.metadata.labels, updated: 'yes' } } })
  })
  await watch.saw('MODIFIED', 'twin', ({ metadata }) => metadata.labels?.updated === 'yes')
  await liveStatus(served, nodes, name, { status: { phase: 'Running' } })
  await client.delete(nodes, name)
  await watch.saw('DELETED', 'twin')
  expect(isNotFound(await refusal(client.get(nodes, name)))).toBe(true)
})

test('[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu', async () => {
  const all = { cpu: '100m', memory: '100Mi' }
  expect((await make(await served.namespace(), 'one', {}, { requests: all, limits: all })).status.qosClass).toBe('Guaranteed')
})

test('[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const range = { metadata: { namespace, name: 'range' }, spec: { limits: [{ type: 'Container', min: { cpu: '50m', memory: '100Mi' }, max: { cpu: '500m', memory: '500Mi' }, default: { cpu: '500m', memory: '500Mi' }, defaultRequest: { cpu: '100m', memory: '200Mi' } }] } }
  await using watch = follow(client, limitranges, { namespace })
  await client.create(limitranges, range)
  await watch.saw('ADDED', 'range')
  let tries = 0
  const resources = async (given: Input<core.ResourceRequirements> = {}) => (await make(namespace, `pod-${tries++}`, {}, given)).spec.containers[0]!.resources
  await eventually(async () => expect(await resources()).toEqual({ requests: { cpu: '100m', memory: '200Mi' }, limits: { cpu: '500m', memory: '500Mi' } }))
  expect(await resources({ requests: { cpu: '300m' }, limits: { cpu: '300m' } })).toEqual({ requests: { cpu: '300m', memory: '200Mi' }, limits: { cpu: '300m', memory: '500Mi' } })
  for (const wrong of [{ requests: { cpu: '10m', memory: '50Mi' } }, { limits: { cpu: '600m', memory: '600Mi' } }]) expect(isForbidden(await refusal(resources(wrong)))).toBe(true)

  await client.update(limitranges, { ...range, spec: { limits: [{ ...range.spec.limits[0]!, min: { cpu: '9m', memory: '49Mi' } }] } })
  await eventually(() => resources({ requests: { cpu: '10m', memory: '50Mi' } }))
  expect(isForbidden(await refusal(resources({ limits: { cpu: '600m', memory: '600Mi' } })))).toBe(true)
  await client.delete(limitranges, { namespace, name: 'range' })
  await eventually(() => resources({ limits: { cpu: '600m', memory: '600Mi' } }))
})
