import type { Status, StatusCause, StatusDetails } from '#apimachinery/meta/v1/types'
import { messageOf } from '#base/error-message'
import type { FieldError } from './field-errors'

/** The `reason` of a Status: what a program branches on. */
export type StatusReason =
  | 'Unauthorized' | 'Forbidden' | 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Gone' | 'Invalid' | 'ServerTimeout' | 'StoreReadError'
  | 'Timeout' | 'TooManyRequests' | 'BadRequest' | 'MethodNotAllowed' | 'NotAcceptable' | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType' | 'InternalError' | 'Expired' | 'ServiceUnavailable' | ''

/** What a message names: `pods "web" not found`, `deployments.apps "web" is invalid`. */
export interface Named {
  group?: string
  /** Plural resource, or the kind for `Invalid`. */
  resource: string
}

/** An answer that is not a success. The server's edge writes `status`, the client throws it again on the other side. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status
  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options)
    this.status = {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message,
      ...(reason === '' ? {} : { reason }), ...(details ? { details } : {}), code,
    }
  }
  get code(): number {
    return this.status.code ?? 500
  }
  get reason(): string {
    return this.status.reason ?? ''
  }

  static from(status: Status): ApiError {
    const error = new ApiError(status.code ?? 500, '', status.message ?? 'unknown')
    Object.assign(error.status, status)
    return error
  }
}

const qualified = ({ group, resource }: Named): string => (group ? `${resource}.${group}` : resource)
const detailsOf = (named: Named, name: string): StatusDetails => ({
  ...(name ? { name } : {}), ...(named.group ? { group: named.group } : {}), kind: named.resource,
})

export const notFound = (named: Named, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualified(named)} "${name}" not found`, detailsOf(named, name))
export const alreadyExists = (named: Named, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualified(named)} "${name}" already exists`, detailsOf(named, name))
export const conflict = (named: Named, name: string, why: string): ApiError =>
  new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(named)} "${name}": ${why}`, detailsOf(named, name))
export const forbidden = (named: Named, name: string, why: string): ApiError =>
  new ApiError(403, 'Forbidden', name ? `${qualified(named)} "${name}" is forbidden: ${why}` : `${qualified(named)} is forbidden: ${why}`, detailsOf(named, name))
export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)
export const unauthorized = (message = 'Unauthorized'): ApiError => new ApiError(401, 'Unauthorized', message)
export const expired = (message: string): ApiError => new ApiError(410, 'Expired', message)
export const internal = (cause: unknown): ApiError =>
  new ApiError(500, 'InternalError', `Internal error occurred: ${messageOf(cause)}`, {
    causes: [{ message: messageOf(cause) }],
  }, { cause })
export const tooManyRequests = (message: string, retryAfterSeconds: number): ApiError =>
  new ApiError(429, 'TooManyRequests', message, retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined)
export const methodNotAllowed = (named: Named, verb: string): ApiError =>
  new ApiError(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${qualified(named)}"`, detailsOf(named, ''))

/** 422: every field that was refused is a cause. `kind` is the object's kind, not its resource. */
export function invalid(kind: { group?: string; kind: string }, name: string, errors: readonly FieldError[]): ApiError {
  const causes: StatusCause[] = errors.map((e) => ({ reason: e.type, message: e.message, field: e.field }))
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))]
  const all = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`
  const named = { group: kind.group, resource: kind.kind }
  return new ApiError(422, 'Invalid', `${qualified(named)} "${name}" is invalid: ${all}`, { ...detailsOf(named, name), causes })
}

const has = (reason: StatusReason) => (error: unknown): error is ApiError => error instanceof ApiError && error.reason === reason
export const isNotFound = has('NotFound')
export const isAlreadyExists = has('AlreadyExists')
export const isConflict = has('Conflict')
export const isForbidden = has('Forbidden')
export const isInvalid = has('Invalid')
/** A revision that is no longer kept: list again. */
export const isGone = (error: unknown): error is ApiError => error instanceof ApiError && error.code === 410
export const isTooManyRequests = has('TooManyRequests')
/** Worth another try later: overload, time-outs, a server on its way down. */
export const isTransient = (error: unknown): boolean => error instanceof ApiError && (error.code === 429 || error.code >= 500)
