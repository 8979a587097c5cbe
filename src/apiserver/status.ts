import { ApiError, internal } from '#apimachinery/api-error'
import type { Status } from '#apimachinery/meta/v1/types'
import { StoreUnavailable } from '#storage/store'

/** Whatever went wrong as what the API answers. What nobody foresaw is 500, with its message and no more. */
export function statusOf(error: unknown): Status {
  if (error instanceof ApiError) return error.status
  if (error instanceof StoreUnavailable) return new ApiError(500, 'InternalError', `Internal error occurred: ${error.message}`).status
  return internal(error).status
}

/** Whether the error is a fault of the server, and belongs into its log. */
export const isFault = (error: unknown): boolean => !(error instanceof ApiError) || error.code >= 500
