import { callTooCostly, fail } from './errors'

/** One evaluation: the variables it was given, those of its folds, and what it has cost so far. */
export class Frame {
  readonly variables: Readonly<Record<string, unknown>>
  readonly locals: unknown[] = []
  readonly limit: number
  cost = 0
  constructor(variables: Readonly<Record<string, unknown>>, limit: number) {
    this.variables = variables
    this.limit = limit
  }

  variable(name: string): unknown {
    const found = this.variables[name]
    if (typeof found === 'function') return (found as () => unknown)()
    return found === undefined ? fail(`no such attribute(s): ${name}`) : found
  }

  /** Charged before what costs, so that what is too dear is not done. */
  charge(cost: number): void {
    this.cost += cost
    if (this.cost > this.limit) callTooCostly()
  }
}

export type Node = (frame: Frame) => unknown
