import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { matchesLabels, nothing, SelectorError, selectorOfObject } from '#apimachinery/selectors/label-selector'
import type { Labels, Selector } from '#apimachinery/selectors/label-selector'

const compiled = new WeakMap<LabelSelector, Selector>()

/**
 * Whether a LabelSelector of a cached (frozen) object selects labels; compiled once per selector. One that cannot be read,
 * which only old data can hold, selects nothing.
 */
export function selects(selector: LabelSelector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  let found = compiled.get(selector)
  if (!found) compiled.set(selector, (found = compile(selector)))
  return matchesLabels(found, labels)
}

function compile(selector: LabelSelector): Selector {
  try {
    return selectorOfObject(selector)
  } catch (error) {
    if (error instanceof SelectorError) return nothing
    throw error
  }
}

/** An empty selector selects everything, which no workload means. */
export const isEmptySelector = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
