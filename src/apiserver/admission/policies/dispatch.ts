import type { ParamKind, ParamRef } from '#api/admissionregistration/v1/types'
import type { Namespace } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { messageOf } from '#base/error-message'
import type { ObjectReader } from '../../authentication/objects'
import { askedVersion, type Candidate } from '../matching/candidates'
import { namespaceOf } from '../matching/place'
import { beginning, converting } from '../matching/versioned'
import { matchesIn, namespaceFor, objectMatches } from '../matching/selectors'
import type { AdmissionRequest } from '../plugin'
import type { Binding, BoundPolicy, Match, Policy } from './follow'
import { ConfigurationError, type Params, unknownKind } from './params'

type Bound<P extends Policy, B extends Binding> = BoundPolicy<P, B>

/** One policy with one of its bindings and what it is given. `params` undefined: nothing. */
export interface Invocation<P extends Policy, B extends Binding> {
  readonly bound: Bound<P, B>
  readonly binding: B
  readonly apiVersion: string
  readonly params: KubeObject | undefined
}

/** What is to be asked of one policy, or why it cannot be asked. */
export interface PolicyCalls<P extends Policy, B extends Binding> {
  readonly bound: Bound<P, B>
  readonly invocations: readonly Invocation<P, B>[]
  readonly faults: readonly { readonly binding: B | undefined; readonly message: string }[]
}

/** The namespace of a request, and parameters that must be looked at for the first time: a promise only where something is missing. */
export function prepared<P extends Policy, B extends Binding>(
  candidates: readonly Candidate<Bound<P, B>>[], request: AdmissionRequest, deps: { readonly objects: ObjectReader; readonly params: Params },
): Namespace | undefined | Promise<Namespace | undefined> {
  const namespace = namespaceFor(request, deps.objects)
  const waiting: Promise<unknown>[] = []
  beginning(request)
  for (const apiVersion of new Set(candidates.map((candidate) => candidate.apiVersion))) {
    // What cannot be converted is the fault of those who want to see it.
    const asked = converting(request, [apiVersion])?.catch((error: unknown) => unconverted(request, apiVersion, messageOf(error)))
    if (asked) waiting.push(asked)
  }
  for (const { item: { policy: { spec } } } of candidates) {
    const resource = spec.paramKind && deps.params.resource(spec.paramKind)
    const ready = resource && deps.params.ready(resource)
    if (ready) waiting.push(ready)
  }
  return waiting.length === 0 ? namespace : Promise.all(waiting).then(() => namespace)
}

/** Why a request's objects cannot be shown, by version. */
const faults = new WeakMap<AdmissionRequest, Map<string, string>>()

function unconverted(request: AdmissionRequest, apiVersion: string, message: string): void {
  let known = faults.get(request)
  if (!known) faults.set(request, (known = new Map()))
  known.set(apiVersion, message)
}

/** Which policies are to be asked with which parameters. */
export function callsOf<P extends Policy, B extends Binding>(
  candidates: readonly Candidate<Bound<P, B>>[], request: AdmissionRequest, namespace: Namespace | undefined, params: Params,
): PolicyCalls<P, B>[] {
  const calls: PolicyCalls<P, B>[] = []
  for (const { item: bound, apiVersion } of candidates) {
    if (!objectMatches(bound.selectors, request) || !matchesIn(bound.selectors, request, namespace)) continue
    calls.push(callsOfPolicy(bound, apiVersion, request, namespace, params))
  }
  return calls
}

function callsOfPolicy<P extends Policy, B extends Binding>(bound: Bound<P, B>, apiVersion: string, request: AdmissionRequest, namespace: Namespace | undefined, params: Params): PolicyCalls<P, B> {
  const fault = faults.get(request)?.get(apiVersion)
  if (fault !== undefined) return { bound, invocations: [], faults: [{ binding: undefined, message: `failed to configure policy: ${fault}` }] }
  const { paramKind } = bound.policy.spec
  const resource = paramKind && params.resource(paramKind)
  if (paramKind && !resource) return { bound, invocations: [], faults: [{ binding: undefined, message: `failed to configure policy: ${unknownKind(paramKind).message}` }] }
  const invocations: Invocation<P, B>[] = []
  const misgiven: { binding: B; message: string }[] = []
  for (const { binding, match } of bound.bindings) {
    if (match && !isFor(match, request, namespace)) continue
    try {
      for (const given of paramsFor(paramKind, binding.spec.paramRef)) invocations.push({ bound, binding, apiVersion, params: given })
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      misgiven.push({ binding, message: `failed to configure binding: ${error.message}` })
    }
  }
  return { bound, invocations, faults: misgiven }

  function paramsFor(kind: ParamKind | undefined, ref: ParamRef | undefined): readonly (KubeObject | undefined)[] {
    return kind && ref ? params.collect(kind, resource!, ref, namespaceOf(request)) : [undefined]
  }
}

const isFor = (match: Match, request: AdmissionRequest, namespace: Namespace | undefined): boolean =>
  objectMatches(match.selectors, request) && matchesIn(match.selectors, request, namespace) && askedVersion(match, request) !== undefined
