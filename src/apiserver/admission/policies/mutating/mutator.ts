import { jsonPatch, objectToApply } from '#api/admissionregistration/v1/language'
import type { MutatingAdmissionPolicy, Mutation } from '#api/admissionregistration/v1/types'
import type { CelType } from '#apimachinery/cel/contract'
import { requestBudget } from '#apimachinery/cel/environment'
import { composeVariables, type Composition, policyEnvironment } from '#apimachinery/cel/policy-environment'
import type { Activation } from '../activation'
import { compileConditions, policyConditionsHold } from '../conditions'
import { compiled, outcomeOf } from '../expressions'
import { applyConfiguration } from './apply-configuration'
import { MutationFault } from './fault'
import { applyOperations } from './json-patch'
import type { Change } from './change'

/** One mutation of a policy: what it says for a request, and what that makes of an object. */
export interface Mutating {
  /** Throws `MutationFault`, `OutOfBudget`, and what an authorizer that has not answered yet throws. */
  evaluate(activation: Activation): unknown
  readonly change: Change
}

export interface Mutator {
  /** Whether the match conditions do. Throws `UntoldCondition`, and what an authorizer that has not answered yet throws. */
  holds(activation: Activation): boolean
  readonly mutations: readonly Mutating[]
}

const known = new WeakMap<MutatingAdmissionPolicy, Mutator>()

/** A policy's expressions, compiled once. */
export function mutatorOf(policy: MutatingAdmissionPolicy): Mutator {
  let mutator = known.get(policy)
  if (!mutator) known.set(policy, (mutator = compileMutator(policy)))
  return mutator
}

function compileMutator({ spec }: MutatingAdmissionPolicy): Mutator {
  const { variables = [], paramKind, matchConditions, mutations = [], failurePolicy } = spec
  const names = { params: paramKind !== undefined, authorizer: true }
  const forConditions = composeVariables(policyEnvironment(names), variables)
  const conditions = compileConditions(matchConditions, failurePolicy === 'Ignore', forConditions.environment)
  const whole = composeVariables(policyEnvironment({ ...names, patchTypes: true }), variables)
  return {
    holds: (activation) => !conditions || policyConditionsHold(conditions, forConditions, activation),
    mutations: mutations.map((mutation) => mutatingOf(mutation, whole)),
  }
}

function mutatingOf({ patchType, applyConfiguration: configuration, jsonPatch: operations }: Mutation, composition: Composition): Mutating {
  return patchType === 'JSONPatch'
    ? { evaluate: evaluation(operations?.expression ?? '', jsonPatch(), composition), change: applyOperations }
    : { evaluate: evaluation(configuration?.expression ?? '', objectToApply(), composition), change: applyConfiguration }
}

/** Each mutation has a budget of its own, and variables that see what the mutations before it made of the object. */
function evaluation(text: string, expect: readonly CelType[], composition: Composition): Mutating['evaluate'] {
  const expression = compiled(composition.environment, text, expect)
  return (activation) => {
    if (!expression.program) throw new MutationFault(expression.problem)
    const budget = { left: requestBudget }
    const outcome = outcomeOf(expression, { ...activation, variables: composition.values(activation, budget) }, budget)
    if ('fault' in outcome) throw new MutationFault(outcome.fault)
    return outcome.value
  }
}
