import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Node, Pod } from '#api/core/v1/types'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { createClient } from './create-client'
import { about } from './events'
import { createFakeApi } from './fake-api'
import { createSeriesRecorder } from './series-recorder'

function setUp() {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const { signal } = new AbortController()
  const recorder = createSeriesRecorder({ controller: 'default-scheduler', instance: 'default-scheduler-n1' }, { client: createClient(api), clock, log: silent, signal })
  const pod = { metadata: { namespace: 'default', name: 'web', uid: 'u1' } } as Pod
  return { clock, api, recorder, failed: { regarding: about(pods, pod), type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: 'no node' } as const }
}

test('an event that comes again becomes a series: its second is written at once, the rest when it ends', async () => {
  const { api, clock, recorder, failed } = setUp()
  recorder.event(failed)
  await recorder.flush()
  expect(api.all(events)).toHaveLength(1)
  expect(api.all(events)[0]).toMatchObject({
    eventTime: '2026-01-01T00:00:00.000000Z', action: 'Scheduling', reportingComponent: 'default-scheduler', reportingInstance: 'default-scheduler-n1', message: 'no node', type: 'Warning',
  })
  expect(api.all(events)[0]!.series).toBeUndefined()

  await clock.advance(60_000)
  recorder.event({ ...failed, note: 'still no node' })
  await recorder.flush()
  expect(api.all(events)[0]!.series).toEqual({ count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' })
  recorder.event(failed)
  recorder.event(failed)
  await recorder.flush()
  expect(api.all(events)[0]!.series!.count, 'not each is written').toBe(2)
  await clock.advance(12 * 60_000)
  await recorder.flush()
  expect(api.all(events)[0]!.series!.count).toBe(4)

  recorder.event(failed)
  await recorder.flush()
  expect(api.all(events), 'after a series has ended another begins').toHaveLength(2)
})

test('what differs in what it is about is no series; a note that is too long is cut', async () => {
  const { api, recorder, failed } = setUp()
  recorder.event({ ...failed, note: 'n'.repeat(2000) })
  recorder.event({ ...failed, related: about(nodes, { metadata: { name: 'n1' } } as Node) })
  await recorder.flush()
  expect(api.all(events)).toHaveLength(2)
  expect(api.all(events)[0]!.message).toHaveLength(1024)
})
