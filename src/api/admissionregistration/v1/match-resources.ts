import type { FieldErrors } from '#apimachinery/field-errors'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { isPathSegmentName } from '#apimachinery/names'
import { labelSelector, optionalOneOf, report } from '../../field-checks'
import { validateRule } from './rules'
import type { MatchResources, NamedRuleWithOperations, ParamKind, ParamRef } from './types'

/** One of these: only what is absent is missing, an empty text is as wrong as any other. */
export function stated(errors: FieldErrors, field: string, value: string | undefined, supported: readonly string[]): void {
  if (value === undefined) errors.at(field).required()
  else optionalOneOf(errors, field, value, supported)
}

/** A policy that names no namespaces or objects takes all of them. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (!match) return
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
}

export function validateMatch(match: MatchResources | undefined, errors: FieldErrors): void {
  if (!match) return
  stated(errors, 'matchPolicy', match.matchPolicy, ['Equivalent', 'Exact'])
  labelSelector(errors, 'namespaceSelector', match.namespaceSelector)
  labelSelector(errors, 'objectSelector', match.objectSelector)
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, rule] of (match[field] ?? []).entries()) validateNamedRule(rule, errors.at(field, i))
  }
}

/** Nothing is left to change of what is deleted. */
const mutable = ['*', 'CONNECT', 'CREATE', 'UPDATE']

export function validateMutable(match: MatchResources | undefined, errors: FieldErrors): void {
  for (const { operations = [] } of match?.resourceRules ?? []) {
    for (const operation of operations) if (!mutable.includes(operation)) errors.at('resourceRules', 'operations').notSupported(operation, mutable)
  }
}

function validateNamedRule(rule: NamedRuleWithOperations, errors: FieldErrors): void {
  const names = rule.resourceNames ?? []
  for (const [i, name] of names.entries()) {
    const at = errors.at('resourceNames')
    report(at, i, name, isPathSegmentName(name))
    if (names.indexOf(name) < i) at.at(i).duplicate(name)
  }
  validateRule(rule, errors)
}

export const paramKindText = (kind: ParamKind | undefined): string => (kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>')

export function paramText(param: ParamRef | undefined): string {
  if (param?.name) return `${param.namespace || '*'}/${param.name}`
  return param?.selector ? goSelector(param.selector) : '<unset>'
}

/** The original prints the structure itself here. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels).sort().map((key) => `${key}: ${matchLabels[key]},`).join('')
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`
}
