import { compileProblem } from '#api/admissionregistration/v1/language'
import type { CelBudget, CelEnvironment, CelProgram, CelType } from '#apimachinery/cel/contract'
import { CelError } from '#apimachinery/cel/runtime/errors'
import { CelCompileError } from '#apimachinery/cel/syntax/errors'

/** An expression that was compiled, or what is wrong with it. */
export interface Expression {
  readonly text: string
  readonly program: CelProgram | undefined
  readonly problem: string
}

export function compiled(environment: CelEnvironment, text: string, expect?: readonly CelType[]): Expression {
  try {
    return { text, program: environment.compile(text, expect), problem: '' }
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error
    return { text, program: undefined, problem: compileProblem(error) }
  }
}

/** A value, or why there is none. */
export type Outcome = { readonly value: unknown } | { readonly fault: string }

/** All expressions of a request together cost too much: none is asked any more. */
export class OutOfBudget extends Error {
  constructor() {
    super('validation failed due to running out of cost budget, no further validation rules will be run')
  }
}

/** Throws `OutOfBudget`, and what an authorizer that has not answered yet throws. */
export function outcomeOf({ text, program, problem }: Expression, activation: Readonly<Record<string, unknown>>, budget: CelBudget): Outcome {
  if (!program) return { fault: `compilation error: ${problem}` }
  try {
    return { value: program.evaluate(activation, budget) }
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    if (error.reason === 'budget') throw new OutOfBudget()
    return { fault: `expression '${text}' resulted in error: ${error.message}` }
  }
}
