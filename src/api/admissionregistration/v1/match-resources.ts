import type { FieldErrors } from '#apimachinery/field-errors'
import { isPathSegmentName } from '#apimachinery/names'
import { labelSelector, oneOf, report } from '../../field-checks'
import { formatSelector } from '../../printing'
import { validateRule } from './rules'
import type { MatchResources, NamedRuleWithOperations, ParamKind, ParamRef } from './types'

/** A policy that names no namespaces or objects takes all of them. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (!match) return
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
}

export function validateMatch(match: MatchResources | undefined, errors: FieldErrors): void {
  if (!match) return
  oneOf(errors, 'matchPolicy', match.matchPolicy, ['Equivalent', 'Exact'])
  labelSelector(errors, 'namespaceSelector', match.namespaceSelector)
  labelSelector(errors, 'objectSelector', match.objectSelector)
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, rule] of (match[field] ?? []).entries()) validateNamedRule(rule, errors.at(field, i))
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
  return param?.selector ? formatSelector(param.selector) : '<unset>'
}
