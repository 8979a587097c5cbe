import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { createMetrics } from '#component-base/metrics'
import { cachedTokens } from './token-cache'

test('what the cache knew, and how often others were asked, is counted', async () => {
  const clock = createFakeClock()
  const metrics = createMetrics()
  let broken = false
  const tokens = cachedTokens({
    async authenticateToken(token) {
      if (broken) throw new Error('out of order')
      return { user: { name: token, groups: [] }, audiences: [] }
    },
  }, { successTtl: 1000, failureTtl: 1000 }, clock, metrics)
  await tokens.authenticateToken('a', [])
  await tokens.authenticateToken('a', [])
  await clock.advance(1001)
  broken = true
  await expect(tokens.authenticateToken('a', [])).rejects.toThrow('out of order')
  expect((await metrics.text()).body.split('\n').filter((line) => line.startsWith('authentication_'))).toEqual([
    'authentication_token_cache_request_total{status="hit"} 1', 'authentication_token_cache_request_total{status="miss"} 2',
    'authentication_token_cache_fetch_total{status="ok"} 1', 'authentication_token_cache_fetch_total{status="error"} 1',
  ])
})
