import type { SubjectAccessReview, SubjectAccessReviewSpec, SubjectAccessReviewStatus } from '#api/authorization/v1/types'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import { callAgain } from '../webhook/call-again'
import type { Webhook } from '../webhook/webhook'
import { WebhookError } from '../webhook/webhook-error'
import type { AuthorizationMetrics } from './authorization-metrics'
import type { Attributes, Authorizer, Decision, RuleResolver } from './authorizer'
import type { MatchConditions } from './match-conditions'
import { reviewSpecOf } from './subject-access-review'

export const subjectAccessReviewVersions = ['v1', 'v1beta1'] as const

export interface WebhookAuthorizerOptions {
  /** How metrics call it. */
  readonly name: string
  /** Of authorization.k8s.io: what the webhook is sent and answers. */
  readonly version: string
  readonly timeoutMs: number
  /** Milliseconds for which an answer is kept; 0: not at all. */
  readonly authorizedTtl: number
  readonly unauthorizedTtl: number
  /** What counts when it cannot be asked. */
  readonly onError: 'no-opinion' | 'deny'
  /** It is asked only where all of them hold; undefined: always. */
  readonly conditions?: MatchConditions
}

export interface WebhookAuthorizerDeps {
  readonly webhook: Webhook
  readonly clock: Clock
  readonly metrics?: AuthorizationMetrics
}

const largestCache = 8192
/** Questions that are longer may be an attack on the cache. */
const longestRemembered = 10_000
const noOpinion: Decision = { verdict: 'no-opinion', reason: '' }

/** `--authorization-mode=Webhook`: asks by POSTing a SubjectAccessReview. */
export function webhookAuthorizer(options: WebhookAuthorizerOptions, { webhook, clock, metrics }: WebhookAuthorizerDeps): Authorizer & RuleResolver {
  const { name, version, timeoutMs, onError, conditions } = options
  const known = new Map<string, { status: SubjectAccessReviewStatus; until: number }>()

  const remembered = (key: string): SubjectAccessReviewStatus | undefined => {
    const found = known.get(key)
    if (!found) return undefined
    known.delete(key)
    if (found.until <= clock.monotonic()) return undefined
    // What was asked for last goes last.
    known.set(key, found)
    return found.status
  }
  const remember = (key: string, status: SubjectAccessReviewStatus): void => {
    const ttl = status.allowed ? options.authorizedTtl : options.unauthorizedTtl
    if (ttl <= 0) return
    if (known.size >= largestCache) known.delete(known.keys().next().value!)
    known.set(key, { status, until: clock.monotonic() + ttl })
  }

  const ask = async (attributes: Attributes, spec: SubjectAccessReviewSpec, key: string): Promise<Decision> => {
    try {
      const counted: Webhook = {
        async call(body, call) {
          const start = clock.monotonic()
          let result = 'success'
          try {
            return await webhook.call(body, call)
          } catch (error) {
            result = resultOf(error)
            throw error
          } finally {
            metrics?.webhookAsked(name, result, (clock.monotonic() - start) / 1000)
          }
        },
        [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
      }
      const answer = (await callAgain(counted, reviewOf(spec, version), clock, { timeoutMs })) as Partial<SubjectAccessReview> | null
      const status: SubjectAccessReviewStatus = { ...answer?.status, allowed: answer?.status?.allowed === true }
      if (sizeOf(attributes) < longestRemembered) remember(key, status)
      return decisionOf(status)
    } catch (error) {
      if (onError === 'no-opinion') metrics?.webhookFailedOpen(name, resultOf(error))
      return { verdict: onError, reason: '', error: messageOf(error) }
    }
  }

  return {
    authorize(attributes) {
      const spec = reviewSpecOf(attributes)
      const matched = conditions?.(spec)
      if (matched?.error !== undefined) return { verdict: onError, reason: '', error: matched.error }
      if (matched && !matched.matches) return noOpinion
      const key = JSON.stringify(spec)
      const status = remembered(key)
      return status ? decisionOf(status) : ask(attributes, spec, key)
    },
    rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: true, evaluationError: 'webhook authorizer does not support user rule resolution' }),
  }
}

function reviewOf(spec: SubjectAccessReviewSpec, version: string): object {
  // The older version names the groups otherwise.
  const { groups, ...others } = spec
  const sent = version === 'v1beta1' ? { ...others, ...(groups ? { group: groups } : {}) } : spec
  return { apiVersion: `authorization.k8s.io/${version}`, kind: 'SubjectAccessReview', metadata: {}, spec: sent, status: { allowed: false } }
}

function decisionOf({ allowed, denied, reason = '' }: SubjectAccessReviewStatus): Decision {
  if (denied) return { verdict: 'deny', reason, ...(allowed ? { error: 'webhook subject access review returned both allow and deny response' } : {}) }
  return allowed ? { verdict: 'allow', reason } : { verdict: 'no-opinion', reason }
}

const sizeOf = ({ namespace, verb, group, version, resource, subresource, name, path }: Attributes): number =>
  namespace.length + verb.length + group.length + version.length + resource.length + subresource.length + name.length + path.length

function resultOf(error: unknown): string {
  if (!(error instanceof WebhookError)) return 'error'
  return error.canceled ? 'canceled' : error.timedOut || error.reason === 'Timeout' || error.code === 504 ? 'timeout' : 'error'
}
