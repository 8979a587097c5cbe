import { badRequest, forbidden, internal } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import { WebhookError } from '../../webhook/webhook-error'
import { namespaceMatches, objectMatches } from '../matching/selectors'
import { converting } from '../matching/versioned'
import type { AdmissionRequest } from '../plugin'
import type { CallEnd } from './webhook-metrics'
import type { WebhookDeps } from './deps'
import type { Hook } from './hooks'
import { isRefusal, type ObjectTexts, refusalBy, reviewOf, type Verdict, verdictOf } from './review'

/** A webhook that could not be asked, or whose answer is none. The failure policy says what becomes of the request. */
export class HookFailure extends Error {
  constructor({ name }: Hook, why: string, cause?: unknown) {
    super(`failed calling webhook ${JSON.stringify(name)}: ${why}`, cause === undefined ? undefined : { cause })
  }
}

/** Whether a webhook that asks for such requests asks for this one. Throws `ApiError`. */
export async function wants(hook: Hook, apiVersion: string, request: AdmissionRequest, { objects, authorizer }: Pick<WebhookDeps, 'objects' | 'authorizer'>): Promise<boolean> {
  if (!objectMatches(hook.selectors, request) || !(await namespaceMatches(hook.selectors, request, objects))) return false
  const waiting = converting(request, [apiVersion])
  if (waiting) await waiting
  if (hook.matchConditions.length === 0) return true
  // The language is loaded for who has conditions.
  const { webhookConditionsHold, UntoldCondition } = await import('../policies/conditions')
  try {
    return await webhookConditionsHold(hook, apiVersion, request, authorizer)
  } catch (error) {
    if (error instanceof UntoldCondition) throw forbidden(request.resource, request.name, error.message)
    throw error
  }
}

/** Asks. Warnings and audit annotations go where they belong. Throws `ApiError` where the webhook refuses, `HookFailure` where it fails. */
export async function ask(hook: Hook, apiVersion: string, request: AdmissionRequest, texts: ObjectTexts, mutating: boolean): Promise<Verdict> {
  if (request.dryRun && hook.hasSideEffects) throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`)
  if (hook.reviewVersion === undefined) {
    throw new HookFailure(hook, 'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)')
  }
  const { uid, text } = reviewOf(hook, apiVersion, request, texts)
  let answer: unknown
  try {
    answer = await hook.place.call(text, { timeoutMs: hook.timeoutMs })
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error
    throw new HookFailure(hook, `failed to call webhook: ${error.message}`, error)
  }
  let verdict: Verdict
  try {
    verdict = verdictOf(answer, uid, hook, mutating)
  } catch (error) {
    throw new HookFailure(hook, `received invalid webhook response: ${messageOf(error)}`, error)
  }
  for (const [key, value] of Object.entries(verdict.auditAnnotations)) request.annotate(`${hook.name}/${key}`, value)
  for (const warning of verdict.warnings) request.warn(warning)
  if (!verdict.allowed) throw refusalBy(hook, verdict.result)
  return verdict
}

/** What becomes of a request whose webhook failed: true where it goes on without it. */
export function goesOnWithout(hook: Hook, error: unknown, log: Log): boolean {
  if (!(error instanceof HookFailure)) return false
  if (hook.ignoresFailure) log.warn('failed calling webhook, failing open', { webhook: hook.name, error })
  else log.warn('failed calling webhook, failing closed', { webhook: hook.name, error })
  return hook.ignoresFailure
}

/** A call that did not end well, as it is counted. */
export function endOf(hook: Hook, error: unknown): CallEnd {
  if (error instanceof HookFailure) {
    const { cause } = error
    return { rejected: !hook.ignoresFailure, code: cause instanceof WebhookError ? cause.code : 500, failure: 'calling', canceled: cause instanceof WebhookError && cause.canceled }
  }
  if (isRefusal(error)) return { rejected: true, code: error.code }
  return { rejected: true, code: 0, failure: 'internal' }
}

/** As the client hears of it. */
export const asAnswer = (error: unknown): unknown => (error instanceof HookFailure ? internal(error) : error)
