import { timingSafeEqual } from 'node:crypto'
import type { Secret } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Informer } from '#client/informer'
import {
  bootstrapTokenGroups, bootstrapTokenNamespace, bootstrapTokenPrefix, bootstrapTokenTimeLeft, bootstrapTokenType, bootstrapTokenValue, parseBootstrapToken,
} from '#component-helpers/bootstrap-token'
import type { Log } from '#component-base/log'
import type { TokenAuthenticator } from './token'

/**
 * `--enable-bootstrap-token-auth`: tokens `id.secret` that a secret in kube-system holds, for machines that are not in the cluster yet. A
 * secret that is not good is nobody's token: whoever sends it learns nothing about it, the log does.
 * @param secrets Of kube-system, of the type of bootstrap tokens at least.
 */
export function bootstrapTokens(secrets: Pick<Informer<Secret>, 'get'>, clock: Pick<Clock, 'now'>, log: Log): TokenAuthenticator {
  return {
    authenticateToken(token, audiences) {
      const parsed = parseBootstrapToken(token)
      const secret = parsed && secrets.get(`${bootstrapTokenNamespace}/${bootstrapTokenPrefix}${parsed.id}`)
      if (!secret) return undefined
      const wrong = problemOf(secret, parsed, clock.now())
      if (wrong) {
        log.info('a bootstrap token was refused', { secret: `${bootstrapTokenNamespace}/${secret.metadata.name}`, reason: wrong })
        return undefined
      }
      return { user: { name: `system:bootstrap:${parsed.id}`, groups: bootstrapTokenGroups(secret)! }, audiences }
    },
  }
}

function problemOf(secret: Secret, { id, secret: key }: { id: string; secret: string }, now: number): string | undefined {
  if (secret.metadata.deletionTimestamp) return 'is deleted and awaiting removal'
  if (secret.type !== bootstrapTokenType || !secret.data) return `has invalid type, expected ${bootstrapTokenType}`
  const held = Buffer.from(bootstrapTokenValue(secret, 'token-secret'))
  const given = Buffer.from(key)
  if (held.length !== given.length || !timingSafeEqual(held, given)) return 'has invalid value for key token-secret'
  if (bootstrapTokenValue(secret, 'token-id') !== id) return 'has invalid value for key token-id'
  if (bootstrapTokenTimeLeft(secret, now) === 0) return 'has expired'
  if (bootstrapTokenValue(secret, 'usage-bootstrap-authentication') !== 'true') return 'not marked usage-bootstrap-authentication=true'
  return bootstrapTokenGroups(secret) ? undefined : 'has invalid value for key auth-extra-groups'
}
