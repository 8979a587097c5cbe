/** An expression over the claims of a token, or over the user that they came to. */
export interface ClaimExpression {
  /** Throws with what went wrong. */
  evaluate(value: unknown): unknown
}

/** Throws an Error with what is wrong. @param decides Whether it must come to true or false. */
export function compileExpression(_expression: string, _variable: 'claims' | 'user', _decides: boolean): ClaimExpression {
  throw new Error('expressions are not supported')
}

export function selectsClaim(_expression: string, _claim: string): boolean {
  return false
}
