import { check } from './check/checker'
import type { Declarations, ObjectTypes } from './check/scope'
import { declaredText, sameType } from './check/types'
import type { CelBudget, CelEnvironment, CelProgram, CelType } from './contract'
import { worstCost } from './cost/estimate'
import { AnswerPending } from './library/authorizer'
import { baseFunctions, merged } from './library/base'
import type { FunctionDeclaration } from './library/overload'
import { compileExpression } from './runtime/compile'
import { CelError, celError } from './runtime/errors'
import { Frame } from './runtime/frame'
import { counted } from './runtime/work'
import type { Expr } from './syntax/ast'
import { CelCompileError } from './syntax/errors'
import { bindings } from './syntax/macros'
import { parse } from './syntax/parser'

/** The most that one evaluation may cost: about 100 ms in the original. */
export const perCallLimit = 1_000_000
/** The most that all expressions of one request may cost. */
export const requestBudget = 10_000_000
/** The same for the conditions of webhooks and policies. */
export const matchConditionsBudget = requestBudget / 4

export interface EnvironmentOptions {
  /** Object types by name, of which expressions may make values: `Object{spec: ...}`. */
  readonly objects?: ObjectTypes
  /** Functions beside those that all of Kubernetes' expressions know. */
  readonly functions?: readonly FunctionDeclaration[]
  /** Whether `cel.bind(name, value, expression)` is known. */
  readonly bindings?: boolean
  /** The one type in which the estimate of costs looks for sizes, by the paths of what is read; otherwise those of the variables. */
  readonly sizesOf?: CelType
}

interface Described extends Declarations {
  readonly bindings: boolean
  readonly sizesOf: CelType | undefined
}

/** Compiled programs are kept by their text while their environment is; the oldest go first. */
const kept = 2_000

/** The language as Kubernetes 1.36 has it, with variables by name; a name may have dots in it. */
export function createEnvironment(variables: Readonly<Record<string, CelType>>,
  { objects = () => undefined, functions = [], bindings: binds = false, sizesOf }: EnvironmentOptions = {}): CelEnvironment {
  return environmentOf({ scope: { variables: new Map(Object.entries(variables)), outer: undefined }, objects,
    functions: functions.length === 0 ? baseFunctions() : merged(functions), bindings: binds, sizesOf })
}

function environmentOf(declarations: Described): CelEnvironment {
  const programs = new Map<string, CelProgram>()
  return {
    compile(expression, expect) {
      let program = programs.get(expression)
      if (!program) {
        program = compile(expression, declarations)
        if (programs.size >= kept) programs.delete(programs.keys().next().value!)
        programs.set(expression, program)
      }
      if (expect && !expect.some((type) => sameType(type, program.type))) throw new CelCompileError(unexpected(expect, program.type), 'type')
      return program
    },
    extend: (more) => environmentOf({ ...declarations, scope: { variables: new Map([...declarations.scope.variables, ...Object.entries(more)]), outer: undefined } }),
  }
}

function unexpected(types: readonly CelType[], found: CelType): string {
  const wanted = types.length === 1 ? declaredText(types[0]!) : `one of [${types.map(declaredText).join(' ')}]`
  return `must evaluate to ${wanted} but got ${declaredText(found)}`
}

function compile(expression: string, declarations: Described): CelProgram {
  const expr = parse(expression, declarations.bindings ? bindings : undefined)
  check(expr, expression, declarations)
  const { node, reads } = compiled(expr, declarations.objects)
  let worst: number | undefined
  return {
    type: expr.type!,
    reads,
    get worstCost() {
      return (worst ??= worstCost(expr, declarations.scope.variables, declarations.sizesOf))
    },
    evaluate(values, budget) {
      const frame = new Frame(values, perCallLimit)
      let value: unknown
      try {
        value = counted(() => node(frame))
        frame.charge(0)
      } catch (error) {
        // What has to wait for an answer starts anew, and costs then.
        if (!(error instanceof AnswerPending)) take(frame.cost, budget)
        throw error
      }
      take(frame.cost, budget)
      return value
    },
  }
}

/** Being out of budget is what the caller must know first. */
function take(cost: number, budget: CelBudget): void {
  if (cost > budget.left) {
    budget.left = -1
    throw celError('validation failed due to running out of cost budget, no further validation rules will be run', 'budget')
  }
  budget.left -= cost
}

function compiled(expr: Expr, objects: ObjectTypes): ReturnType<typeof compileExpression> {
  try {
    return compileExpression(expr, objects)
  } catch (error) {
    if (error instanceof CelError) throw new CelCompileError(error.message, 'program')
    throw error
  }
}
