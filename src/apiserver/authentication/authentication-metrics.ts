import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import type { UserInfo } from './authenticator'
import type { Authenticate } from './union'

type Outcome = 'success' | 'failure'
interface Counted {
  inc(): void
}
interface Observed {
  observe(seconds: number): void
}

const buckets = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i)

/** The same, with every attempt counted and timed. Labels are looked up once: this runs with each request. */
export function countedAuthentication(ask: Authenticate, metrics: Metrics, clock: Pick<Clock, 'monotonic'>): Authenticate {
  const attempts = new Map<Outcome, Counted>()
  const durations = new Map<Outcome, Observed>()
  const users = new Map<string, Counted>()
  metrics.counter('authentication_attempts', 'Counter of authenticated attempts.', ['result']).use((metric) => {
    for (const result of ['success', 'failure'] as const) attempts.set(result, metric.labels({ result }))
  })
  metrics.histogram('authentication_duration_seconds', 'Authentication duration in seconds broken out by result.', buckets, ['result']).use((metric) => {
    for (const result of ['success', 'failure'] as const) durations.set(result, metric.labels({ result }))
  })
  const named = metrics.counter('authenticated_user_requests', 'Counter of authenticated requests broken out by username.', ['username'])
  const countUser = (username: string): void => {
    const known = users.get(username)
    if (known) return known.inc()
    named.use((metric) => {
      const made = metric.labels({ username })
      users.set(username, made)
      made.inc()
    })
  }
  return (credentials, path, remarks) => {
    const start = clock.monotonic()
    const done = (result: Outcome): void => {
      attempts.get(result)?.inc()
      durations.get(result)?.observe((clock.monotonic() - start) / 1000)
    }
    const known = (user: UserInfo): UserInfo => {
      done('success')
      countUser(shortName(user.name))
      return user
    }
    const failed = (error: unknown): never => {
      done('failure')
      throw error
    }
    let user: ReturnType<Authenticate>
    try {
      user = ask(credentials, path, remarks)
    } catch (error) {
      return failed(error)
    }
    return user instanceof Promise ? user.then(known, failed) : known(user)
  }
}

const wellKnown = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'])

/** A label has few values: most people are `other`. */
const shortName = (name: string): string => (wellKnown.has(name) ? name : name.includes('@') ? 'email_id' : 'other')
