import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Webhook } from '../webhook/webhook'
import type { Backend, Failed } from './backend'

/** How often a batch is sent before it is given up. */
const attempts = 5

/** Batches as `audit.k8s.io/v1` EventLists to another server. Whatever goes wrong is tried again: the record must not have holes. */
export const webhookBackend = (webhook: Webhook, initialBackoff: number, clock: Clock, failed: Failed): Backend => ({
  async process(events) {
    const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.map(({ json }) => json).join(',')}]}`
    const backoff = createBackoff({ initial: initialBackoff, max: Infinity, factor: 1.5, jitter: 0.2 })
    for (let attempt = 1; ; attempt++) {
      try {
        await webhook.call(body, { timeoutMs: 30_000, wantsAnswer: false })
        return true
      } catch (error) {
        if (attempt === attempts) {
          failed('webhook', error, events)
          return false
        }
        await clock.sleep(backoff.next())
      }
    }
  },
  [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
})
