/** Why an evaluation has no value: the expression's own fault, one call that cost too much, or all calls of a request together. */
export type CelErrorReason = 'evaluation' | 'call cost' | 'budget'

export class CelError extends Error {
  override readonly name = 'CelError'
  readonly reason: CelErrorReason
  constructor(message: string, reason: CelErrorReason = 'evaluation') {
    super(message)
    this.reason = reason
  }
}

/** Errors are values to `||` and `&&`, which meet them by the thousand: the stack, which says nothing here, is what makes them slow. */
export function celError(message: string, reason?: CelErrorReason): CelError {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return new CelError(message, reason)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

export function fail(message: string): never {
  throw celError(message)
}

export const noSuchOverload = (): never => fail('no such overload')

export const callTooCostly = (): never => {
  throw celError('operation cancelled: actual cost limit exceeded', 'call cost')
}

/** What `||`, `&&` and their like may pass over; running out of costs ends everything. */
export const isFault = (error: unknown): error is CelError => error instanceof CelError && error.reason === 'evaluation'
