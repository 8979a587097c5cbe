import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily } from '#component-base/series'
import type { TokenAuthenticator, TokenIdentity } from './token'

export interface TokenCacheOptions {
  /** Milliseconds for which an identity is kept, and for which it is that there is none; 0: not at all. */
  readonly successTtl: number
  readonly failureTtl: number
}

const largest = 32_768

/** Remembers answers of an authenticator that asks others, and asks once for many callers of one moment. Errors are not remembered. */
export function cachedTokens(authenticator: TokenAuthenticator, { successTtl, failureTtl }: TokenCacheOptions, clock: Pick<Clock, 'monotonic'>, metrics?: Metrics): TokenAuthenticator {
  const counts = metrics && cacheCounts(metrics)
  // Under a key that nobody knows: memory holds no token, and nobody can find out which ones collide.
  const secret = randomBytes(32)
  const known = new Map<string, { identity: TokenIdentity | undefined; until: number }>()
  const asking = new Map<string, Promise<TokenIdentity | undefined>>()

  const ask = async (key: string, token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> => {
    try {
      const identity = await authenticator.authenticateToken(token, audiences)
      if (counts) counts.fetched.value++
      const ttl = identity ? successTtl : failureTtl
      if (ttl > 0) {
        known.delete(key)
        if (known.size >= largest) known.delete(known.keys().next().value!)
        known.set(key, { identity, until: clock.monotonic() + ttl })
      }
      return identity
    } catch (error) {
      if (counts) counts.failed.value++
      throw error
    } finally {
      asking.delete(key)
    }
  }

  return {
    authenticateToken(token, audiences) {
      const key = createHmac('sha256', secret).update(JSON.stringify([token, audiences])).digest('base64')
      const found = known.get(key)
      const hit = found !== undefined && clock.monotonic() < found.until
      if (counts) (hit ? counts.hit : counts.miss).value++
      if (hit) return found.identity
      let answer = asking.get(key)
      if (!answer) asking.set(key, (answer = ask(key, token, audiences)))
      return answer
    },
  }
}

interface CacheCounts {
  readonly hit: CounterSeries
  readonly miss: CounterSeries
  readonly fetched: CounterSeries
  readonly failed: CounterSeries
}

function cacheCounts(metrics: Metrics): CacheCounts {
  const requests = counterFamily('authentication_token_cache_request_total', '', ['status'])
  const fetches = counterFamily('authentication_token_cache_fetch_total', '', ['status'])
  metrics.source(() => requests.text() + fetches.text())
  return { hit: requests.of('hit'), miss: requests.of('miss'), fetched: fetches.of('ok'), failed: fetches.of('error') }
}
