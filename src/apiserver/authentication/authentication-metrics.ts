import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily, histogramFamily, type HistogramSeries } from '#component-base/series'
import type { UserInfo } from './authenticator'
import type { Authenticate } from './union'

type Outcome = 'success' | 'failure'
interface Counted {
  readonly attempts: CounterSeries
  readonly seconds: HistogramSeries
}

const buckets = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i)

/** The same, with every attempt counted and timed. Series are looked up once: this runs with each request. */
export function countedAuthentication(ask: Authenticate, metrics: Metrics, clock: Pick<Clock, 'monotonic'>): Authenticate {
  const attempts = counterFamily('authentication_attempts', 'Counter of authenticated attempts.', ['result'])
  const seconds = histogramFamily('authentication_duration_seconds', 'Authentication duration in seconds broken out by result.', buckets, ['result'])
  const named = counterFamily('authenticated_user_requests', 'Counter of authenticated requests broken out by username.', ['username'])
  metrics.source(() => attempts.text() + seconds.text() + named.text())
  const outcomes = new Map<Outcome, Counted>()
  const users = new Map<string, CounterSeries>()

  const done = (result: Outcome, start: number): void => {
    let counted = outcomes.get(result)
    if (!counted) outcomes.set(result, (counted = { attempts: attempts.of(result), seconds: seconds.of(result) }))
    counted.attempts.value++
    counted.seconds.observe((clock.monotonic() - start) / 1000)
  }
  const known = (user: UserInfo, start: number): UserInfo => {
    done('success', start)
    const name = shortName(user.name)
    let counted = users.get(name)
    if (!counted) users.set(name, (counted = named.of(name)))
    counted.value++
    return user
  }
  const failed = (error: unknown, start: number): never => {
    done('failure', start)
    throw error
  }
  return (credentials, path, remarks) => {
    const start = clock.monotonic()
    let user: ReturnType<Authenticate>
    try {
      user = ask(credentials, path, remarks)
    } catch (error) {
      return failed(error, start)
    }
    return user instanceof Promise ? user.then((found) => known(found, start), (error: unknown) => failed(error, start)) : known(user, start)
  }
}

const wellKnown = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'])

/** A label has few values: most people are `other`. */
const shortName = (name: string): string => (wellKnown.has(name) ? name : name.includes('@') ? 'email_id' : 'other')
