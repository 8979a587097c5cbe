import type { TokenAuthenticator } from '../token'
import type { JwtAuthenticator } from './authentication-configuration'
import { jwtAuthenticator, type JwtAuthenticatorDeps, type RunningJwtAuthenticator } from './jwt-authenticator'

/** The issuers that are known now. */
export interface JwtAuthenticators extends TokenAuthenticator, Disposable {
  /**
   * Puts others in their place, once each of them was reached.
   * @throws Error that says which were not, after a minute: all stays as it was.
   */
  replace(configured: readonly JwtAuthenticator[]): Promise<void>
}

const patience = 60_000

export function jwtAuthenticators(configured: readonly JwtAuthenticator[], algorithms: readonly string[], deps: JwtAuthenticatorDeps): JwtAuthenticators {
  const open = (wanted: readonly JwtAuthenticator[]): RunningJwtAuthenticator[] => wanted.map((one) => jwtAuthenticator({ configured: one, algorithms }, deps))
  const close = (all: readonly RunningJwtAuthenticator[]): void => all.forEach((one) => one[Symbol.dispose]())
  let current = open(configured)

  return {
    authenticateToken(token, audiences) {
      // Each issuer is there once: whoever knows the token decides.
      for (const one of current) {
        const identity = one.authenticateToken(token, audiences)
        if (identity) return identity
      }
      return undefined
    },
    async replace(wanted) {
      const next = open(wanted)
      if (!(await settled(next, deps))) {
        const problems = next.flatMap((one) => one.problem() ?? [])
        close(next)
        throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
      }
      const before = current
      current = next
      close(before)
      for (const { issuer } of before) if (!next.some((one) => one.issuer === issuer)) deps.metrics?.forget(issuer)
    },
    [Symbol.dispose]: () => close(current),
  }
}

/** Whether all were reached in time. */
function settled(all: readonly RunningJwtAuthenticator[], { clock }: JwtAuthenticatorDeps): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(patience, () => resolve(false))
    void Promise.all(all.map(({ initialized }) => initialized)).then(() => {
      timer[Symbol.dispose]()
      resolve(true)
    })
  })
}
