import { ApiError } from '#apimachinery/api-error'

/** Nothing can be made in a namespace on its way out, and nobody wants to hear of it. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError && !!error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
