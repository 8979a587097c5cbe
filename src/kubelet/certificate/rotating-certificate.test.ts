import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { keepCertificateFresh } from './rotating-certificate'

test('a certificate is replaced when it is time, again later, and what fails is tried again', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const start = clock.now()
  const used: string[] = []
  let asked = 0
  const done = keepCertificateFresh(
    {
      name: 'client', rotateAt: start + 1_000_000,
      async renew() {
        asked++
        if (asked === 2) throw new Error('the server is away')
        return { certificate: `c${asked}`, key: 'k', rotateAt: clock.now() + 1_000_000 }
      },
      changed: ({ certificate }) => void used.push(certificate),
    },
    { clock, log: silent, signal: abort.signal },
  )
  await clock.advance(999_000)
  expect(used).toEqual([])
  await clock.advance(1000)
  expect(used).toEqual(['c1'])
  await clock.advance(1_000_000)
  expect([asked, used]).toEqual([2, ['c1']])
  await clock.advance(15_000)
  expect(used).toEqual(['c1', 'c3'])
  abort.abort()
  await clock.settle()
  await done
  expect(clock.pending, 'no timer is left').toBe(0)
})
