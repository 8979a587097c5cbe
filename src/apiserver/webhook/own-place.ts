import { ApiError } from '#apimachinery/api-error'
import type { Transport } from '#client/transport'
import type { Clock } from '#base/clock'
import type { Webhook, WebhookClientConfig } from './webhook'
import { WebhookError } from './webhook-error'

/** Whether a webhook is this server itself: one that is an extension API server is asked by way of it, and so learns who asks. */
export const isOwnPlace = ({ service }: WebhookClientConfig): boolean => service?.namespace === 'default' && service.name === 'kubernetes' && (service.port ?? 443) === 443

/** Asks within the process, as the server itself. */
export function ownPlace({ service }: WebhookClientConfig, self: Pick<Transport, 'request'>, clock: Clock): Webhook {
  const path = service?.path || '/'
  return {
    async call(body, { timeoutMs, signal, wantsAnswer = true }) {
      const inTime = new AbortController()
      const timer = clock.after(timeoutMs, () => inTime.abort())
      try {
        const asked = { method: 'POST' as const, path, body: typeof body === 'string' ? (JSON.parse(body) as unknown) : body, signal: signal ? AbortSignal.any([signal, inTime.signal]) : inTime.signal }
        const answer = await self.request(asked)
        return wantsAnswer ? answer.body : undefined
      } catch (error) {
        const [timedOut, canceled] = [inTime.signal.aborted, signal?.aborted ?? false]
        if (timedOut || canceled) throw new WebhookError({ message: `Post ${JSON.stringify(`https://kubernetes.default.svc:443${path}`)}: context ${timedOut ? 'deadline exceeded' : 'canceled'}`, timedOut, canceled, cause: error })
        if (!(error instanceof ApiError)) throw error
        throw new WebhookError({ message: error.message, code: error.code, reason: error.reason as never, cause: error })
      } finally {
        timer[Symbol.dispose]()
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
