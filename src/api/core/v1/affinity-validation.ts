import type { FieldErrors } from '#apimachinery/field-errors'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { isLabelValue } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, labelSelector, qualifiedName, report } from '../../field-checks'
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from './types'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, errors: FieldErrors): void {
  if (nodeAffinity) {
    const at = errors.at('nodeAffinity')
    const selector = nodeAffinity[required]
    if (selector) validateNodeSelector(selector, at.at(required))
    for (const [i, { weight, preference }] of (nodeAffinity[preferred] ?? []).entries()) {
      validateWeight(weight, at.at(preferred, i))
      validateNodeSelectorTerm(preference, true, at.at(preferred, i, 'preference'))
    }
  }
  if (podAffinity) validatePodAffinity(podAffinity, errors.at('podAffinity'))
  if (podAntiAffinity) validatePodAffinity(podAntiAffinity, errors.at('podAntiAffinity'))
}

/** As Go prints its internal structure, which the original shows of terms that changed. */
export function termInGo({ matchExpressions, matchFields }: NodeSelectorTerm): unknown {
  const list = (requirements: readonly NodeSelectorRequirement[] | undefined): unknown =>
    requirements?.map(({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null })) ?? null
  return { MatchExpressions: list(matchExpressions), MatchFields: list(matchFields) }
}

export function validateNodeSelector(selector: NodeSelector, errors: FieldErrors): void {
  const terms = selector.nodeSelectorTerms ?? []
  if (terms.length === 0) errors.at('nodeSelectorTerms').required('must have at least one node selector term')
  for (const [i, term] of terms.entries()) validateNodeSelectorTerm(term, false, errors.at('nodeSelectorTerms', i))
}

function validateNodeSelectorTerm(term: NodeSelectorTerm, anyValue: boolean, errors: FieldErrors): void {
  for (const [i, requirement] of (term.matchExpressions ?? []).entries()) validateExpression(requirement, anyValue, errors.at('matchExpressions', i))
  for (const [i, requirement] of (term.matchFields ?? []).entries()) validateField(requirement, errors.at('matchFields', i))
}

function validateExpression({ key, operator, values = [] }: NodeSelectorRequirement, anyValue: boolean, errors: FieldErrors): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.at('values').required("must be specified when `operator` is 'In' or 'NotIn'")
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.at('values').required("must be specified single value when `operator` is 'Lt' or 'Gt'")
  } else errors.at('operator').invalid(operator, 'not a valid selector operator')
  qualifiedName(errors, 'key', key)
  if (!anyValue) for (const [i, value] of values.entries()) report(errors.at('values'), i, value, isLabelValue(value))
}

function validateField({ key, operator, values = [] }: NodeSelectorRequirement, errors: FieldErrors): void {
  if (operator !== 'In' && operator !== 'NotIn') errors.at('operator').invalid(operator, 'not a valid selector operator')
  else if (values.length !== 1) errors.at('values').required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
  if (key !== 'metadata.name') errors.at('key').invalid(key, 'not a valid field selector key')
  else for (const [i, value] of values.entries()) dnsSubdomain(errors.at('values'), i, value)
}

function validateWeight(weight: number, errors: FieldErrors): void {
  if (weight < 1 || weight > 100) errors.at('weight').invalid(weight, 'must be in the range 1-100')
}

function validatePodAffinity(affinity: PodAffinity, errors: FieldErrors): void {
  for (const [i, term] of (affinity[required] ?? []).entries()) validateTerm(term, errors.at(required, i))
  for (const [i, { weight, podAffinityTerm }] of (affinity[preferred] ?? []).entries()) {
    validateWeight(weight, errors.at(preferred, i))
    validateTerm(podAffinityTerm, errors.at(preferred, i, 'podAffinityTerm'))
  }
}

function validateTerm(term: PodAffinityTerm, errors: FieldErrors): void {
  labelSelector(errors, 'labelSelector', term.labelSelector)
  labelSelector(errors, 'namespaceSelector', term.namespaceSelector)
  for (const namespace of term.namespaces ?? []) dnsLabel(errors, 'namespace', namespace)
  validateLabelKeys(term.matchLabelKeys, term.mismatchLabelKeys, term.labelSelector, errors)
  if (!term.topologyKey) errors.at('topologyKey').required('can not be empty')
  qualifiedName(errors, 'topologyKey', term.topologyKey)
}

/** Keys whose values come from the pod itself; they are merged into the selector, so it must be there and not name them already. */
export function validateLabelKeys(match: readonly string[] = [], mismatch: readonly string[] = [], selector: LabelSelector | undefined, errors: FieldErrors): void {
  const lists = [['matchLabelKeys', match], ['mismatchLabelKeys', mismatch]] as const
  for (const [field, keys] of lists) {
    if (keys.length > 0 && !selector) errors.at(field).forbidden('must not be specified when labelSelector is not set')
    else for (const [i, key] of keys.entries()) qualifiedName(errors.at(field), i, key)
  }
  const named = new Set(Object.keys(selector?.matchLabels ?? {}))
  for (const { key } of selector?.matchExpressions ?? []) {
    const index = match.indexOf(key)
    if (index >= 0 && named.has(key)) errors.at(index).invalid(key, 'exists in both matchLabelKeys and labelSelector')
    named.add(key)
  }
  for (const [i, key] of match.entries()) {
    if (mismatch.includes(key)) errors.at('matchLabelKeys', i).invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys')
  }
}
