import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { createMetrics } from '#component-base/metrics'
import { countedAuthentication } from './authentication-metrics'

test('attempts are counted, and people by sorts of names', async () => {
  const metrics = createMetrics()
  await metrics.text()
  const users = ['admin', 'a@b', 'jane', 'joe']
  const ask = countedAuthentication(() => {
    const name = users.shift()
    if (!name) throw new Error('nobody')
    return { name, groups: [] }
  }, metrics, createFakeClock())
  for (let i = 0; i < 4; i++) await ask({ headers: {} })
  expect(() => ask({ headers: {} })).toThrow('nobody')
  const { body } = await metrics.text()
  for (const line of ['authentication_attempts{result="success"} 4', 'authentication_attempts{result="failure"} 1', 'authenticated_user_requests{username="other"} 2', 'authenticated_user_requests{username="email_id"} 1']) expect(body).toContain(line)
})
