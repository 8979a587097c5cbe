import { boolType, stringOrNull, stringType } from '#api/admissionregistration/v1/language'
import type { ValidatingAdmissionPolicy, Validation } from '#api/admissionregistration/v1/types'
import { requestBudget } from '#apimachinery/cel/environment'
import { composeVariables, type Composition, policyEnvironment } from '#apimachinery/cel/policy-environment'
import type { CelBudget } from '#apimachinery/cel/contract'
import type { KubeObject } from '#apimachinery/object'
import { compileConditions, policyConditionsHold, UntoldCondition } from './conditions'
import type { Activation } from './activation'
import { compiled, type Expression, OutOfBudget, outcomeOf } from './expressions'

export interface Verdict {
  readonly message: string
  readonly reason?: string | undefined
}

/** What came of one policy with one set of parameters. */
export interface Judgement {
  /** Validations that do not hold, or that cannot be told, by their place; nothing of what holds. */
  readonly verdicts: readonly (readonly [index: number, verdict: Verdict])[]
  readonly annotations: readonly (readonly [key: string, value: string])[]
  /** Annotations that cannot be told: a reason to refuse, whatever the binding's actions are. */
  readonly faults: readonly string[]
}

export interface Validator {
  judge(activation: Activation, params: KubeObject | undefined): Judgement
}

const nothing: Judgement = { verdicts: [], annotations: [], faults: [] }
/** Longer messages of expressions are as good as none. */
const maxMessage = 5 * 1024

const known = new WeakMap<ValidatingAdmissionPolicy, Validator>()

/** A policy's expressions, compiled once. */
export function validatorOf(policy: ValidatingAdmissionPolicy): Validator {
  let validator = known.get(policy)
  if (!validator) known.set(policy, (validator = compileValidator(policy)))
  return validator
}

/** What cannot be compiled is told when it is asked: the policy was accepted by an older server, or the language has changed. */
function compileValidator({ spec }: ValidatingAdmissionPolicy): Validator {
  const params = spec.paramKind !== undefined
  const ignoresFailure = spec.failurePolicy === 'Ignore'
  const whole = composeVariables(policyEnvironment({ params, authorizer: true }), spec.variables ?? [])
  const forMessages = spec.validations?.some(({ messageExpression }) => messageExpression) ? composeVariables(policyEnvironment({ params, authorizer: true }), spec.variables ?? []) : undefined
  const conditions = compileConditions(spec.matchConditions, ignoresFailure, whole.environment)
  const validations = (spec.validations ?? []).map((validation) => ({
    validation, expression: compiled(whole.environment, validation.expression, boolType),
    message: validation.messageExpression ? compiled(forMessages!.environment, validation.messageExpression, stringType) : undefined,
  }))
  const annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({ key, expression: compiled(whole.environment, valueExpression, stringOrNull) }))
  return {
    judge(activation, given) {
      const all = { ...activation, params: given ?? null }
      try {
        if (conditions && !policyConditionsHold(conditions, whole, all)) return nothing
        const budget = { left: requestBudget }
        const verdicts = judgeValidations(validations, evaluation(whole, all, budget), ignoresFailure, forMessages && (() => evaluation(forMessages, { ...all, authorizer: undefined }, budget)))
        const own = annotate(annotations, evaluation(whole, all, { left: requestBudget }), ignoresFailure)
        return { verdicts, ...own }
      } catch (error) {
        if (!(error instanceof OutOfBudget) && !(error instanceof UntoldCondition)) throw error
        return ignoresFailure ? nothing : { ...nothing, verdicts: [[0, { message: error.message }]] }
      }
    },
  }
}

type Evaluate = (expression: Expression) => ReturnType<typeof outcomeOf>

/** Expressions with one activation, and variables that are evaluated once for all of them. */
function evaluation(composition: Composition, activation: Activation, budget: CelBudget): Evaluate {
  const all = { ...activation, variables: composition.values(activation, budget) }
  return (expression) => outcomeOf(expression, all, budget)
}

interface Compiled {
  readonly validation: Validation
  readonly expression: Expression
  readonly message: Expression | undefined
}

function judgeValidations(validations: readonly Compiled[], evaluate: Evaluate, ignoresFailure: boolean, forMessages: (() => Evaluate) | undefined): [number, Verdict][] {
  const verdicts: [number, Verdict][] = []
  let say: Evaluate | undefined
  for (const [i, { validation, expression, message }] of validations.entries()) {
    const outcome = evaluate(expression)
    if ('fault' in outcome) {
      if (!ignoresFailure) verdicts.push([i, { message: outcome.fault }])
      continue
    }
    if (outcome.value === true) continue
    say ??= forMessages?.()
    let said: string | undefined
    try {
      said = message && say ? sentence(say(message)) : undefined
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error
      if (!ignoresFailure) verdicts.push([i, { message: `failed messageExpression: ${error.message}` }])
      continue
    }
    verdicts.push([i, { message: said || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`, reason: validation.reason ?? 'Invalid' }])
  }
  return verdicts
}

/** What an expression says, where that is a message: one line of a bearable length. */
function sentence(outcome: ReturnType<typeof outcomeOf>): string | undefined {
  if ('fault' in outcome || typeof outcome.value !== 'string') return undefined
  const text = outcome.value.trim()
  return text.includes('\n') || Buffer.byteLength(text) > maxMessage ? undefined : text
}

function annotate(annotations: readonly { readonly key: string; readonly expression: Expression }[], evaluate: Evaluate, ignoresFailure: boolean): Pick<Judgement, 'annotations' | 'faults'> {
  const found: [string, string][] = []
  const faults: string[] = []
  for (const { key, expression } of annotations) {
    const outcome = evaluate(expression)
    if ('fault' in outcome) {
      if (!ignoresFailure) faults.push(outcome.fault)
    } else if (typeof outcome.value === 'string' && outcome.value.trim() !== '') found.push([key, outcome.value.trim()])
  }
  return { annotations: found, faults }
}
