import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Webhook, WebhookCall } from './webhook'
import { WebhookError } from './webhook-error'

const attempts = 5

/**
 * Calls a webhook of authentication or authorization, again where it seems to have been a passing trouble: a connection that was torn down,
 * an internal error, a timeout, too many requests. Others are not tried again: the request waits for it.
 */
export async function callAgain(webhook: Webhook, body: unknown, clock: Pick<Clock, 'sleep'>, { timeoutMs, signal }: WebhookCall): Promise<unknown> {
  const backoff = createBackoff({ initial: 500, factor: 1.5, max: 10_000, jitter: 0.2 })
  for (let attempt = 1; ; attempt++) {
    try {
      return await webhook.call(body, { timeoutMs, ...(signal ? { signal } : {}) })
    } catch (error) {
      if (attempt >= attempts || !(error instanceof WebhookError) || !mayPass(error)) throw error
      await clock.sleep(backoff.next(), signal)
    }
  }
}

function mayPass({ reason, canceled, message }: WebhookError): boolean {
  if (canceled) return false
  return reason === 'InternalError' || reason === 'Timeout' || reason === 'TooManyRequests' || reason === 'ServerTimeout' || message.includes('connection reset by peer')
}
