import type { TokenReview } from '#api/authentication/v1/types'
import type { Clock } from '#base/clock'
import { callAgain } from '../webhook/call-again'
import type { Webhook } from '../webhook/webhook'
import type { TokenAuthenticator } from './token'

export const tokenReviewVersions = ['v1', 'v1beta1'] as const

export interface WebhookTokenOptions {
  /** Of authentication.k8s.io: what the webhook is sent and answers. */
  readonly version: string
  /** What a token is for when the webhook's answer names no audiences. */
  readonly audiences: readonly string[]
}

/**
 * Asks a webhook whom a token stands for, by POSTing a TokenReview. A webhook that is not reached is asked again a few times.
 * @throws Error for a version that there is not.
 */
export function webhookTokens(webhook: Webhook, { version, audiences: own }: WebhookTokenOptions, clock: Clock): TokenAuthenticator {
  if (!tokenReviewVersions.includes(version as never)) {
    throw new Error(`unsupported authentication webhook version ${JSON.stringify(version)}, supported versions are "v1", "v1beta1"`)
  }
  return {
    async authenticateToken(token, wanted) {
      const review = {
        apiVersion: `authentication.k8s.io/${version}`, kind: 'TokenReview', metadata: {},
        spec: { token, ...(wanted.length > 0 ? { audiences: wanted } : {}) }, status: { user: {} },
      }
      const answer = (await callAgain(webhook, review, clock, { timeoutMs: 30_000 })) as Partial<TokenReview> | null
      const status: Partial<TokenReview['status']> = answer?.status ?? {}
      const accepted = status.audiences?.length ? status.audiences : own
      const shared = wanted.filter((audience) => accepted.includes(audience))
      if (wanted.length > 0 && shared.length === 0) return undefined
      if (!status.authenticated) {
        if (status.error) throw new Error(status.error)
        return undefined
      }
      const { username = '', uid, groups, extra } = status.user ?? {}
      return { user: { name: username, groups: groups ?? [], ...(uid ? { uid } : {}), ...(extra && Object.keys(extra).length > 0 ? { extra } : {}) }, audiences: shared }
    },
  }
}
