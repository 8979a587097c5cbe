import type { LabelSelector } from '#apimachinery/meta/v1/types'

/** Whether labels are what a selector asks for. An unknown operator matches nothing; validation reports it elsewhere. */
export function selectorMatches(selector: LabelSelector, labels: Readonly<Record<string, string>> = {}): boolean {
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const value = labels[key]
    const fits = operator === 'In' ? value !== undefined && values.includes(value)
      : operator === 'NotIn' ? value === undefined || !values.includes(value)
      : operator === 'Exists' ? value !== undefined
      : operator === 'DoesNotExist' && value === undefined
    if (!fits) return false
  }
  return true
}
