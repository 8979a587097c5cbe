import type { StatusReason } from '#apimachinery/api-error'

export interface WebhookFailure {
  readonly message: string
  /** What its answer's status was, or would have been as an API error; 503 where it was not reached. */
  readonly code?: number
  readonly reason?: StatusReason
  readonly timedOut?: boolean
  /** Whoever asked has gone. */
  readonly canceled?: boolean
  readonly cause?: unknown
}

/** A webhook that was not reached, did not answer in time, or whose answer is no 2xx or no JSON. The message is client-go's. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly code: number
  readonly reason: StatusReason
  readonly timedOut: boolean
  readonly canceled: boolean

  constructor({ message, code = 503, reason = 'ServiceUnavailable', timedOut = false, canceled = false, cause }: WebhookFailure) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.reason = reason
    this.timedOut = timedOut
    this.canceled = canceled
  }
}
