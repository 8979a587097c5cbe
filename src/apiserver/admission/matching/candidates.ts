import type { Kind } from '../../kinds'
import type { AdmissionRequest } from '../plugin'
import { type Rule, versionFor } from './place'

/** What asks for requests by rules. */
export interface Ruled {
  /** Undefined: all requests. */
  readonly rules: readonly Rule[] | undefined
  /** Those that it leaves out, whatever the rules say. */
  readonly excludes?: readonly Rule[]
  readonly matchPolicy: string | undefined
}

/** One that is to be asked, and the version that it wants to see. */
export interface Candidate<T> {
  readonly item: T
  readonly apiVersion: string
  /** Its place among all. */
  readonly index: number
}

/**
 * Who asks for which requests, worked out once for each kind, operation and subresource: a write that nobody asks for costs two
 * look-ups. Made anew whenever the items change.
 */
export interface Candidates<T> {
  readonly none: boolean
  for(request: AdmissionRequest): readonly Candidate<T>[]
}

/** The version in which something asks for a request; undefined: it does not. */
export function askedVersion({ rules, excludes, matchPolicy }: Ruled, request: AdmissionRequest): string | undefined {
  if (excludes && excludes.length > 0 && versionFor(excludes, matchPolicy, request) !== undefined) return undefined
  return rules === undefined ? request.kind.apiVersion : versionFor(rules, matchPolicy, request)
}

export function candidatesOf<T extends Ruled>(items: readonly T[]): Candidates<T> {
  const known = new WeakMap<Kind, Map<string, readonly Candidate<T>[]>>()
  const byName = items.some(({ rules = [], excludes = [] }) => [...rules, ...excludes].some(({ resourceNames }) => (resourceNames?.length ?? 0) > 0))
  const find = (request: AdmissionRequest): readonly Candidate<T>[] =>
    items.flatMap((item, index) => {
      const apiVersion = askedVersion(item, request)
      return apiVersion === undefined ? [] : [{ item, apiVersion, index }]
    })
  return {
    none: items.length === 0,
    for(request) {
      if (byName) return find(request)
      let ofKind = known.get(request.kind)
      if (!ofKind) known.set(request.kind, (ofKind = new Map()))
      const key = request.subresource === '' ? request.operation : `${request.operation} ${request.subresource}`
      let found = ofKind.get(key)
      if (!found) ofKind.set(key, (found = find(request)))
      return found
    },
  }
}
