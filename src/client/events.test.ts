import { expect, test } from 'vitest'
import { forbidden } from '#apimachinery/api-error'
import { events } from '#api/core/v1/event'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { createClient } from './create-client'
import { about, createEventRecorder } from './events'
import { createFakeApi } from './fake-api'

function setUp() {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const { signal } = new AbortController()
  const recorder = createEventRecorder({ component: 'kubelet', host: 'n1' }, { client: createClient(api), clock, log: silent, signal })
  const pod = { metadata: { namespace: 'default', name: 'web', uid: 'u1' } } as Pod
  return { clock, api, recorder, web: about(pods, pod) }
}

test('the same event again raises the count of the first', async () => {
  const { api, clock, recorder, web } = setUp()
  recorder.event(web, 'Normal', 'Pulled', 'image is here')
  await clock.advance(5000)
  recorder.event(web, 'Normal', 'Pulled', 'image is here')
  recorder.event(web, 'Normal', 'Started', 'container runs')
  await recorder.flush()
  const found = api.all(events)
  expect(found).toHaveLength(2)
  expect(found[0]).toMatchObject({
    reason: 'Pulled', count: 2, type: 'Normal', source: { component: 'kubelet', host: 'n1' }, firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z', involvedObject: { kind: 'Pod', apiVersion: 'v1', name: 'web', namespace: 'default', uid: 'u1' },
  })
})

test('many similar events become one', async () => {
  const { api, recorder, web } = setUp()
  for (let i = 0; i < 15; i++) recorder.event(web, 'Warning', 'BackOff', `try ${i}`)
  await recorder.flush()
  const found = api.all(events)
  expect(found).toHaveLength(10)
  expect(found[9]).toMatchObject({ message: '(combined from similar events): try 14', count: 6 })
})

test('more than 25 events about an object are dropped until time has passed', async () => {
  const { api, clock, recorder, web } = setUp()
  for (let i = 0; i < 40; i++) recorder.event(web, 'Normal', `Reason${i}`, 'm')
  await recorder.flush()
  expect(api.all(events)).toHaveLength(25)
  await clock.advance(300_000)
  recorder.event(web, 'Normal', 'Later', 'm')
  await recorder.flush()
  expect(api.all(events)).toHaveLength(26)
})

test('an event that has expired is written anew; one that is refused is dropped', async () => {
  const { api, recorder, web } = setUp()
  recorder.event(web, 'Normal', 'A', 'm')
  await recorder.flush()
  api.vanish(events, `default/${api.all(events)[0]!.metadata.name}`)
  recorder.event(web, 'Normal', 'A', 'm')
  await recorder.flush()
  expect(api.all(events)).toMatchObject([{ count: 2 }])
  using _refusing = api.intercept(() => {
    throw forbidden({ resource: 'events' }, '', 'namespace is being terminated')
  })
  const before = api.calls.length
  recorder.event(web, 'Normal', 'B', 'm')
  await recorder.flush()
  expect(api.calls.length).toBe(before + 1)
})
