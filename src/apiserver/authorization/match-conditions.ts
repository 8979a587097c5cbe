import type { SubjectAccessReviewSpec } from '#api/authorization/v1/types'
import type { Clock } from '#base/clock'
import type { AuthorizationMetrics } from './authorization-metrics'

/** Whether a webhook is to be asked. An error only where no condition says no. */
export type MatchConditions = (spec: SubjectAccessReviewSpec) => { readonly matches: boolean; readonly error?: string }

export interface MatchConditionDeps {
  readonly name: string
  readonly clock: Pick<Clock, 'monotonic'>
  readonly metrics?: AuthorizationMetrics | undefined
}

const notYet = 'match conditions are not supported'

/** What is wrong with an expression; undefined: nothing. */
export function conditionProblem(_expression: string): string | undefined {
  return notYet
}

export function matchConditions(_expressions: readonly string[], _deps: MatchConditionDeps): MatchConditions {
  throw new Error(notYet)
}
