import { expect, test } from 'vitest'
import { systemClock } from './clock'

test('a sleep that is aborted rejects with the reason of its signal', async () => {
  const abort = new AbortController()
  const slept = systemClock.sleep(60_000, abort.signal)
  abort.abort(new Error('no longer needed'))
  await expect(slept).rejects.toThrow('no longer needed')
})
