import { check } from './check/checker'
import { sameType, typeText } from './check/types'
import type { CelEnvironment, CelObjectType, CelProgram, CelType } from './contract'
import { worstCost } from './cost/estimate'
import { AnswerPending } from './library/authorizer'
import { baseFunctions } from './library/base'
import { compileExpression } from './runtime/compile'
import { CelError, celError } from './runtime/errors'
import { Frame } from './runtime/frame'
import { counted } from './runtime/work'
import type { Expr } from './syntax/ast'
import { CelCompileError } from './syntax/errors'
import { parse } from './syntax/parser'

/** The most that one evaluation may cost: about 100 ms in the original. */
export const perCallLimit = 1_000_000
/** The most that all expressions of one request may cost. */
export const requestBudget = 10_000_000
/** The same for the conditions of webhooks and policies. */
export const matchConditionsBudget = requestBudget / 4

export interface EnvironmentOptions {
  /** Object types that expressions may make values of: `Object{spec: ...}`. */
  readonly objects?: readonly CelObjectType[]
}

/** Compiled programs are kept by their text while their environment is; the oldest go first. */
const kept = 2_000

/** The language as Kubernetes 1.36 has it, with variables by name; a name may have dots in it. */
export function createEnvironment(variables: Readonly<Record<string, CelType>>, { objects = [] }: EnvironmentOptions = {}): CelEnvironment {
  return environmentOf(new Map(Object.entries(variables)), new Map(objects.map((object) => [object.name, object])))
}

function environmentOf(variables: ReadonlyMap<string, CelType>, objects: ReadonlyMap<string, CelObjectType>): CelEnvironment {
  const programs = new Map<string, CelProgram>()
  return {
    compile(expression, expect) {
      let program = programs.get(expression)
      if (!program) {
        program = compile(expression, variables, objects)
        if (programs.size >= kept) programs.delete(programs.keys().next().value!)
        programs.set(expression, program)
      }
      if (expect && !expect.some((type) => sameType(type, program.type))) throw new CelCompileError(expected(expect), 'type')
      return program
    },
    extend: (more) => environmentOf(new Map([...variables, ...Object.entries(more)]), objects),
  }
}

const expected = (types: readonly CelType[]): string => (types.length === 1 ? `must evaluate to ${typeText(types[0]!)}` : `must evaluate to one of [${types.map(typeText).join(' ')}]`)

function compile(expression: string, variables: ReadonlyMap<string, CelType>, objects: ReadonlyMap<string, CelObjectType>): CelProgram {
  const expr = parse(expression)
  check(expr, expression, { scope: { variables, outer: undefined }, functions: baseFunctions(), objects })
  const { node, locals, reads } = compiled(expr, objects)
  let worst: number | undefined
  return {
    type: expr.type!,
    reads,
    get worstCost() {
      return (worst ??= worstCost(expr, variables))
    },
    evaluate(values, budget) {
      const frame = new Frame(values, locals, perCallLimit)
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
function take(cost: number, budget: { left: number }): void {
  if (cost > budget.left) {
    budget.left = -1
    throw celError('validation failed due to running out of cost budget, no further validation rules will be run', 'budget')
  }
  budget.left -= cost
}

function compiled(expr: Expr, objects: ReadonlyMap<string, CelObjectType>): ReturnType<typeof compileExpression> {
  try {
    return compileExpression(expr, objects)
  } catch (error) {
    if (error instanceof CelError) throw new CelCompileError(error.message, 'program')
    throw error
  }
}

