import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { isLabelValue, isQualifiedName } from '#apimachinery/names'

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

/** Whether it can be asked at all: of one that cannot, validation says so elsewhere, and nobody asks what it matches. An absent one matches nothing. */
export function isReadable(selector: LabelSelector | undefined | null): boolean {
  for (const key in selector?.matchLabels) if (!isSoundKey(key) || isLabelValue(selector.matchLabels[key]!).length > 0) return false
  return (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const countFits = operator === 'In' || operator === 'NotIn' ? values.length > 0 : (operator === 'Exists' || operator === 'DoesNotExist') && values.length === 0
    return countFits && isSoundKey(key) && values.every((value) => isLabelValue(value).length === 0)
  })
}

const isSoundKey = (key: string): boolean => isQualifiedName(key).length === 0

/** As Go prints maps: keys in the order of their bytes. */
export function shownLabels(labels: Readonly<Record<string, string>> | undefined): object | null {
  return labels ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : null
}

/** As Go prints it, whatever order a client wrote it in. */
export function shownSelector(selector: LabelSelector | undefined | null): object | null {
  if (!selector) return null
  const { matchLabels, matchExpressions } = selector
  return {
    ...(matchLabels && { matchLabels: shownLabels(matchLabels) }),
    ...(matchExpressions && { matchExpressions: matchExpressions.map(({ key, operator, values }) => ({ key, operator, ...(values && { values }) })) }),
  }
}
