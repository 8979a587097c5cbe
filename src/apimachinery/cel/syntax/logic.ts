import type { Expr } from './ast'

/** Long chains of `&&` and `||` become a tree of little depth, since every pass over it recurses; `ops` are the places of the operators. */
export function balanced(name: string, terms: readonly Expr[], ops: readonly number[]): Expr {
  if (terms.length === 1) return terms[0]!
  const between = (low: number, high: number): Expr => {
    const middle = (low + high + 1) >> 1
    const left = middle === low ? terms[middle]! : between(low, middle - 1)
    const right = middle === high ? terms[middle + 1]! : between(middle + 1, high)
    return { kind: 'call', name, target: undefined, args: [left, right], at: ops[middle]! }
  }
  return between(0, ops.length - 1)
}
