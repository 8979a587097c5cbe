import type { CelType } from '../contract'
import { patternOf } from '../library/regex'
import { formatFault } from '../library/string-format'
import { CelError } from '../runtime/errors'
import { toDuration, toTimestamp } from '../runtime/conversions'
import { walk, type Expr } from '../syntax/ast'
import type { Fault } from '../syntax/errors'
import { sameType, typeText } from './types'

const literalChecks: Readonly<Record<string, (value: unknown) => unknown>> = { duration: toDuration, timestamp: toTimestamp, matches: (value) => patternOf(String(value)) }

/** What is wrong with literals of an expression whose types are right: they would fail whenever it is evaluated. */
export function literalFaults(root: Expr): Fault[] {
  const faults: Fault[] = []
  const mismatch = (expr: Expr, expected: CelType, found: CelType): void =>
    void faults.push({ at: expr.at, message: `expected type '${typeText(expected)}' but found '${typeText(found)}'` })
  // What is formatted may be of any types.
  const exempt = new Set<Expr>()
  walk(root, (expr) => {
    if (expr.kind === 'call' && expr.name === 'format') walk(expr, (below) => void exempt.add(below))
    if (exempt.has(expr) && expr.kind !== 'call') return
    switch (expr.kind) {
      case 'call': {
        const literal = expr.args[0]
        const test = literalChecks[expr.name]
        if (test && literal?.kind === 'literal' && fails(test, literal.value)) faults.push({ at: literal.at, message: `invalid ${expr.name} argument` })
        if (expr.name === 'format' && expr.overloads?.[0]?.id === 'string_format') faults.push(...formatFault(expr))
        return
      }
      case 'list': {
        const item = (i: number): CelType => typeWithin(expr.items[i]!, expr.optional.has(i))
        const wrong = expr.items.findIndex((_, i) => !sameType(item(i), item(0)))
        if (wrong > 0) mismatch(expr.items[wrong]!, item(0), item(wrong))
        return
      }
      case 'map': {
        const [first] = expr.entries
        for (const { key, value, optional } of expr.entries) {
          if (!sameType(key.type!, first!.key.type!)) mismatch(key, first!.key.type!, key.type!)
          const [wanted, found] = [typeWithin(first!.value, first!.optional), typeWithin(value, optional)]
          if (!sameType(wanted, found)) mismatch(value, wanted, found)
        }
        return
      }
      default:
    }
  })
  return faults
}

function typeWithin(expr: Expr, optional: boolean): CelType {
  const type = expr.type!
  return optional && type.sort === 'optional' ? type.value : type
}

function fails(test: (value: unknown) => unknown, value: unknown): boolean {
  try {
    test(value)
    return false
  } catch (error) {
    if (error instanceof CelError) return true
    throw error
  }
}
