/** What one of several asks for, and between what it must stay. */
export interface Wish {
  readonly lowerBound: number
  readonly upperBound: number
  /** At least the lower bound. */
  readonly target: number
}

const smallestTarget = 0.001

/**
 * Shares `sum` out so that everybody gets the same proportion of their target, less where a bound is met first. Throws where the bounds
 * leave no solution.
 */
export function allocate(sum: number, wishes: readonly Wish[]): { shares: number[]; proportion: number } {
  const low = wishes.reduce((total, { lowerBound }) => total + lowerBound, 0)
  const high = wishes.reduce((total, { upperBound }) => total + upperBound, 0)
  if (low - sum > 1e-7) throw new Error(`lower bounds sum to ${low}, which is higher than the required sum of ${sum}`)
  if (sum - high > 1e-7) throw new Error(`upper bounds sum to ${high}, which is lower than the required sum of ${sum}`)
  const targets = wishes.map(({ target }) => Math.max(target, smallestTarget))
  const at = (proportion: number): number[] => wishes.map(({ lowerBound, upperBound }, i) => Math.max(lowerBound, Math.min(upperBound, proportion * targets[i]!)))
  // The total grows with the proportion in straight pieces between the points at which somebody leaves a bound or meets one.
  const points = wishes.flatMap(({ lowerBound, upperBound }, i) => [lowerBound / targets[i]!, upperBound / targets[i]!]).sort((a, b) => a - b)
  const total = (proportion: number): number => at(proportion).reduce((all, one) => all + one, 0)
  let before = 0
  for (const point of points) {
    const [from, to] = [total(before), total(point)]
    if (to >= sum) {
      const proportion = to > from ? before + ((sum - from) / (to - from)) * (point - before) : before
      return { shares: at(Math.max(before, Math.min(point, proportion))), proportion }
    }
    before = point
  }
  return { shares: at(before), proportion: before }
}
