import type { FieldErrors } from '#apimachinery/field-errors'

/** The most that one rule may cost by estimate, for all values that one object may have of its schema. */
export const expressionLimit = 10_000_000
/** All rules of a version together. */
const totalLimit = 100_000_000
const mostNamed = 4

/** What the rules of a schema may cost together, and which of them matter. */
export class CostTotal {
  #total = 0
  readonly #dear: { readonly at: FieldErrors; readonly cost: number }[] = []

  observe(at: FieldErrors, cost: number): void {
    this.#total += cost
    if (cost >= totalLimit / 100) this.#dear.push({ at, cost })
  }

  judge(errors: FieldErrors): void {
    if (this.#total <= totalLimit) return
    const dearest = this.#dear.toSorted((a, b) => b.cost - a.cost).slice(0, mostNamed)
    for (const { at } of dearest) at.forbidden('contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')
    errors.forbidden(costMessage('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, totalLimit))
  }
}

export function costMessage(what: string, cost: number, limit: number): string {
  const factor = cost / limit
  const shown = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
