import { expect, test } from 'vitest'
import { isNotFound, type KubeObject, type ResourceRef } from '#client/index'
import { refusal, serve } from './cluster'

const served = serve()

/** The same events in both of their groups. */
interface OldEvent extends KubeObject { message?: string; reason?: string; series?: object; involvedObject: object; source?: object }
interface NewEvent extends KubeObject { note?: string; reason?: string; series?: object; regarding: object; reportingController: string; eventTime: string }
const at = { resource: 'events', kind: 'Event', namespaced: true }
const oldEvents: ResourceRef<OldEvent> = { ...at, group: '', version: 'v1' }
const newEvents: ResourceRef<NewEvent> = { ...at, group: 'events.k8s.io', version: 'v1' }

const said = (namespace: string, name: string) => ({ metadata: { namespace, name, labels: { said: 'yes' } }, involvedObject: { kind: 'Pod', namespace, name: 'web' }, reason: 'Test', message: 'said by a test', type: 'Normal', source: { component: 'twin' } })
const noted = (namespace: string, name: string) => ({
  metadata: { namespace, name, labels: { said: 'yes' } }, regarding: { kind: 'Pod', namespace, name: 'web' }, reason: 'Test', note: 'noted by a test', type: 'Normal', action: 'Do', eventTime: '2026-01-02T03:04:05.123456Z',
  reportingController: 'twin', reportingInstance: 'twin-1',
})

test('[sig-instrumentation] Events should manage the lifecycle of an event', async () => {
  const { client } = served
  const name = { namespace: await served.namespace(), name: 'one' }
  await client.create(oldEvents, said(name.namespace, 'one'))
  const found = (await client.list(oldEvents, { labelSelector: 'said=yes' })).items
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['one'])
  await client.patch(oldEvents, name, { message: 'said again' }, { type: 'strategic' })
  const now = await client.get(oldEvents, name)
  expect(now.message).toBe('said again')
  const series = { count: 100, lastObservedTime: '2026-01-02T03:04:05.000000Z' }
  expect((await client.update(oldEvents, { ...now, series })).series).toEqual(series)
  expect((await client.get(oldEvents, name)).series).toEqual(series)
  await client.delete(oldEvents, name)
  expect((await client.list(oldEvents, { labelSelector: 'said=yes' })).items).toEqual([])
})

test('[sig-instrumentation] Events API should ensure that an event can be fetched, patched, deleted, and listed', async () => {
  const { client } = served
  const namespace = await served.namespace()
  const name = { namespace, name: 'one' }
  const made = await client.create(newEvents, noted(namespace, 'one'))
  expect(made).toMatchObject({ apiVersion: 'events.k8s.io/v1', note: 'noted by a test', eventTime: '2026-01-02T03:04:05.123456Z' })
  const names = async (scope: object) => (await client.list(newEvents, { labelSelector: 'said=yes', ...scope })).items.map(({ metadata }) => metadata.name)
  for (const scope of [{}, { namespace }, { namespace, fieldSelector: 'reportingController=twin' }]) expect(await names(scope)).toEqual(['one'])
  expect(await names({ namespace, fieldSelector: 'reportingController=other' })).toEqual([])
  // What the new group calls the reporting controller, the old one calls the source.
  expect((await client.list(oldEvents, { namespace, fieldSelector: 'involvedObject.name=web,source=twin' })).items).toHaveLength(1)

  const series = { count: 2, lastObservedTime: '2026-01-02T03:05:05.000000Z' }
  expect((await client.patch(newEvents, name, { series }, { type: 'strategic' })).series).toEqual(series)
  const now = await client.get(newEvents, name)
  expect({ ...now, metadata: undefined, series: undefined }).toEqual({ ...made, metadata: undefined, series: undefined })
  const more = { count: 100, lastObservedTime: '2026-01-02T03:06:05.000000Z' }
  await client.update(newEvents, { ...now, series: more })
  expect((await client.get(newEvents, name)).series).toEqual(more)
  await client.delete(newEvents, name)
  expect(isNotFound(await refusal(client.get(newEvents, name)))).toBe(true)
  expect(await names({})).toEqual([])
})

for (const [title, resource, make] of [
  ['[sig-instrumentation] Events should delete a collection of events', oldEvents, said],
  ['[sig-instrumentation] Events API should delete a collection of events', newEvents, noted],
] as [string, ResourceRef, typeof said][]) {
  test(title, async () => {
    const { client } = served
    const scope = { namespace: await served.namespace(), labelSelector: 'said=yes' }
    for (const name of ['a', 'b', 'c']) await client.create(resource, make(scope.namespace, name))
    expect((await client.list(resource, scope)).items).toHaveLength(3)
    await client.deleteCollection(resource, scope)
    expect((await client.list(resource, scope)).items).toEqual([])
  })
}
