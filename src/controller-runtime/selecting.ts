import type { LabelSelector } from '#apimachinery/meta/v1/types'

export type LabelMatcher = (labels: Readonly<Record<string, string>> | undefined) => boolean

const compiled = new WeakMap<LabelSelector, LabelMatcher>()

/** What a LabelSelector selects, compiled once per (frozen, cached) selector. No selector selects nothing, an empty one everything. */
export function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  if (!selector) return () => false
  let found = compiled.get(selector)
  if (!found) compiled.set(selector, (found = compile(selector)))
  return found
}

function compile({ matchLabels = {}, matchExpressions = [] }: LabelSelector): LabelMatcher {
  const equal = Object.entries(matchLabels)
  return (labels = {}) => {
    for (const [key, value] of equal) if (labels[key] !== value) return false
    for (const { key, operator, values = [] } of matchExpressions) {
      const value = labels[key]
      if (operator === 'In' && (value === undefined || !values.includes(value))) return false
      if (operator === 'NotIn' && value !== undefined && values.includes(value)) return false
      if (operator === 'Exists' && value === undefined) return false
      if (operator === 'DoesNotExist' && value !== undefined) return false
    }
    return true
  }
}

export const selectsNothing = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
