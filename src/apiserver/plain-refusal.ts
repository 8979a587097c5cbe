import { ApiError } from '#apimachinery/api-error'

/** A refusal that goes out as a line of text, as the original's filters write it, instead of a Status. */
export class PlainRefusal extends ApiError {}

export const tooManyRequests = (retryAfterSeconds: number): PlainRefusal =>
  new PlainRefusal(429, 'TooManyRequests', 'Too many requests, please try again later.', { retryAfterSeconds })
