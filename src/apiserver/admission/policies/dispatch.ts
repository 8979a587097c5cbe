import type { ParamKind, ParamRef } from '#api/admissionregistration/v1/types'
import type { Namespace } from '#api/core/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { ObjectReader } from '../../authentication/objects'
import { askedVersion, type Candidate } from '../matching/candidates'
import { namespaceOf } from '../matching/place'
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
  for (const { item: { policy: { spec } } } of candidates) {
    const resource = spec.paramKind && deps.params.resource(spec.paramKind)
    const ready = resource && deps.params.ready(resource)
    if (ready) waiting.push(ready)
  }
  return waiting.length === 0 ? namespace : Promise.all(waiting).then(() => namespace)
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
  const { paramKind } = bound.policy.spec
  const resource = paramKind && params.resource(paramKind)
  if (paramKind && !resource) return { bound, invocations: [], faults: [{ binding: undefined, message: `failed to configure policy: ${unknownKind(paramKind).message}` }] }
  const invocations: Invocation<P, B>[] = []
  const faults: { binding: B; message: string }[] = []
  for (const { binding, match } of bound.bindings) {
    if (match && !isFor(match, request, namespace)) continue
    try {
      for (const given of paramsFor(paramKind, binding.spec.paramRef)) invocations.push({ bound, binding, apiVersion, params: given })
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      faults.push({ binding, message: `failed to configure binding: ${error.message}` })
    }
  }
  return { bound, invocations, faults }

  function paramsFor(kind: ParamKind | undefined, ref: ParamRef | undefined): readonly (KubeObject | undefined)[] {
    return kind && ref ? params.collect(kind, resource!, ref, namespaceOf(request)) : [undefined]
  }
}

const isFor = (match: Match, request: AdmissionRequest, namespace: Namespace | undefined): boolean =>
  objectMatches(match.selectors, request) && matchesIn(match.selectors, request, namespace) && askedVersion(match, request) !== undefined
