import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { createFakeClock } from '#base/fake-clock'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { ApiServerOptions } from '../options'
import { startTestServer } from '../testing/test-server'

async function keptFor(options: ApiServerOptions, ms: number): Promise<number> {
  const clock = createFakeClock()
  await using store = openMemoryStore({ clock })
  await using server = await startTestServer({ store, clock }, options)
  await server.client.create(events, { metadata: { name: 'a', namespace: 'default' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Why', message: 'So' } as never)
  await clock.advance(ms)
  return (await server.client.list(events, { namespace: 'default' })).items.length
}

test('events go after an hour, or as the server is told', async () => {
  expect(await keptFor({}, 3_599_000)).toBe(1)
  expect(await keptFor({}, 3_601_000)).toBe(0)
  expect(await keptFor({ eventTtl: 60_000 }, 61_000)).toBe(0)
  expect(await keptFor({ eventTtl: 0 }, 24 * 3_600_000)).toBe(1)
})
