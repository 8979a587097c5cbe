import { boolType } from '#api/admissionregistration/v1/language'
import type { MatchCondition } from '#api/admissionregistration/v1/types'
import type { CelEnvironment } from '#apimachinery/cel/contract'
import { matchConditionsBudget, requestBudget } from '#apimachinery/cel/environment'
import { type Composition, policyEnvironment } from '#apimachinery/cel/policy-environment'
import type { Authorizer } from '../../authorization/authorizer'
import type { AdmissionRequest } from '../plugin'
import { activationOf, type Activation, answered } from './activation'
import { compiled, OutOfBudget, outcomeOf } from './expressions'

/** Expressions that must all hold before a webhook or policy is asked. */
export interface Conditions {
  /**
   * Whether they do. One that does not hold decides, whatever became of the others.
   * @throws UntoldCondition where one cannot be told and that is no reason to let the request be.
   */
  hold(activation: Activation): boolean
}

export class UntoldCondition extends Error {}

/** `ignoresFailure`: where a condition cannot be told, nobody is asked. */
export function compileConditions(conditions: readonly MatchCondition[] | undefined, ignoresFailure: boolean, environment: CelEnvironment): Conditions | undefined {
  if (!conditions?.length) return undefined
  const expressions = conditions.map(({ expression }) => compiled(environment, expression, boolType))
  return {
    hold(activation) {
      const budget = { left: matchConditionsBudget }
      const faults: string[] = []
      try {
        for (const expression of expressions) {
          const outcome = outcomeOf(expression, activation, budget)
          if ('fault' in outcome) faults.push(outcome.fault)
          else if (outcome.value === false) return false
        }
      } catch (error) {
        if (!(error instanceof OutOfBudget)) throw error
        faults.splice(0, faults.length, error.message)
      }
      if (faults.length === 0) return true
      if (ignoresFailure) return false
      throw new UntoldCondition(faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`)
    },
  }
}

/** The same for a policy's, which may name its variables. */
export const policyConditionsHold = (conditions: Conditions, composition: Composition, activation: Activation): boolean =>
  conditions.hold({ ...activation, namespaceObject: null, variables: composition.values(activation, { left: requestBudget }) })

interface Conditioned {
  readonly matchConditions: readonly MatchCondition[]
  readonly ignoresFailure: boolean
}

const ofWebhooks = new WeakMap<Conditioned, Conditions>()

/** The same for a webhook's conditions. Throws `UntoldCondition`. */
export function webhookConditionsHold(hook: Conditioned, apiVersion: string, request: AdmissionRequest, authorizer: Authorizer): Promise<boolean> {
  let conditions = ofWebhooks.get(hook)
  if (!conditions) ofWebhooks.set(hook, (conditions = compileConditions(hook.matchConditions, hook.ignoresFailure, policyEnvironment({ authorizer: true }))!))
  const activation = activationOf(request, apiVersion, undefined, { authorizer })
  return answered(() => conditions.hold(activation))
}
