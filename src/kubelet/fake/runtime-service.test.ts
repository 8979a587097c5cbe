import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { runtimeServiceSuite } from '../runtime-service-suite'
import { createFakeRuntimeService } from './runtime-service'

runtimeServiceSuite('fake', async () => ({
  runtime: createFakeRuntimeService({ clock: createFakeClock() }), image: 'x', command: ['x'], logDirectory: '/logs', [Symbol.asyncDispose]: async () => undefined,
}))

test('containers end as the rules say, and no timer waits for those that run on', async () => {
  const clock = createFakeClock()
  const runtime = createFakeRuntimeService({ clock, rules: { outcome: (config) => (config.metadata.name === 'brief' ? { runMs: 5000, exitCode: 4 } : {}) } })
  const sandbox = await runtime.runPodSandbox({ metadata: { name: 'p', uid: 'p', namespace: 'd', attempt: 0 } })
  for (const name of ['brief', 'long']) {
    const config = { metadata: { name, attempt: 0 }, image: { image: 'x' } }
    await runtime.startContainer(await runtime.createContainer(sandbox, config, { metadata: { name: 'p', uid: 'p', namespace: 'd', attempt: 0 } }))
  }
  expect(clock.pending).toBe(1)
  await clock.advance(5000)
  expect(clock.pending).toBe(0)
  const [ended] = await runtime.listContainers({ state: 'exited' })
  expect(await runtime.containerStatus(ended!.id)).toMatchObject({ metadata: { name: 'brief' }, exitCode: 4, reason: 'Error' })
  expect(runtime.counts).toEqual({ sandboxes: 1, running: 1 })
})
