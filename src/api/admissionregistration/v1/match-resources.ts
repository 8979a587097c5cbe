import { formatSelector } from '../../printing'
import type { MatchResources, ParamKind, ParamRef } from './types'

/** A policy that names no namespaces or objects takes all of them. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (!match) return
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
}

export const paramKindText = (kind: ParamKind | undefined): string => (kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>')

export function paramText(param: ParamRef | undefined): string {
  if (param?.name) return `${param.namespace || '*'}/${param.name}`
  return param?.selector ? formatSelector(param.selector) : '<unset>'
}
