import type { StatusReason } from '#apimachinery/api-error'
import type { Status } from '#apimachinery/meta/v1/types'
import { WebhookError } from './webhook-error'

const generic: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', ''],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', ''],
  409: ['AlreadyExists', 'the server reported a conflict'],
  415: ['UnsupportedMediaType', ''],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
}

/** What an answer that is no 2xx comes to. A `Status` speaks for itself; other bodies are quoted where client-go quotes them. */
export function refusalOf(code: number, contentType: string, text: string): WebhookError {
  const status = contentType.includes('json') ? statusIn(text) : undefined
  if (status) return new WebhookError({ message: status.message ?? 'unknown', code: status.code ?? code, reason: (status.reason ?? '') as StatusReason })
  const words = contentType === '' || contentType.startsWith('text/') ? text.trim().slice(0, 2048) || 'unknown' : 'unknown'
  const known = generic[code]
  if (known) return new WebhookError({ message: known[1] || words, code, reason: known[0] })
  if (code >= 500) return new WebhookError({ message: `an error on the server (${JSON.stringify(words)}) has prevented the request from succeeding`, code, reason: 'InternalError' })
  return new WebhookError({ message: `the server responded with the status code ${code} but did not return more information`, code, reason: '' })
}

function statusIn(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status> | null
    return value?.kind === 'Status' && value.status !== 'Success' ? (value as Status) : undefined
  } catch {
    return undefined
  }
}
