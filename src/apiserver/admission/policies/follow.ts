import type { MatchResources, ParamKind, ParamRef } from '#api/admissionregistration/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { Informer } from '#client/informer'
import { type Candidates, candidatesOf, type Ruled } from '../matching/candidates'
import { type Selectors, selectorsOf } from '../matching/selectors'
import type { Params } from './params'

export type Policy = KubeObject & { readonly spec: { readonly paramKind?: ParamKind; readonly matchConstraints?: MatchResources } }
export type Binding = KubeObject & { readonly spec: { readonly policyName?: string; readonly paramRef?: ParamRef; readonly matchResources?: MatchResources } }

/** Which requests a policy or binding is for. */
export interface Match extends Ruled {
  readonly selectors: Selectors
}

export interface BoundPolicy<P extends Policy, B extends Binding> extends Ruled {
  readonly policy: P
  readonly selectors: Selectors
  /** `match` absent: for all that the policy is for. */
  readonly bindings: readonly { readonly binding: B; readonly match: Match | undefined }[]
}

export interface Policies<P extends Policy, B extends Binding> extends Disposable {
  /** Settled once policies and bindings are in memory; undefined: they are. */
  readonly ready: Promise<void> | undefined
  current(): Candidates<BoundPolicy<P, B>>
}

/** Policies with their bindings, by name. Follows both; made ready at the first request after a change. */
export function followPolicies<P extends Policy, B extends Binding>(policies: Informer<P>, bindings: Informer<B>, params: Params): Policies<P, B> {
  let made: Candidates<BoundPolicy<P, B>> | undefined
  const subscriptions = [
    policies.on((policy) => {
      made = undefined
      // So that parameters are there when the first request comes.
      if (policy?.spec.paramKind) params.resource(policy.spec.paramKind)
    }),
    bindings.on(() => (made = undefined)),
  ]
  const make = (): Candidates<BoundPolicy<P, B>> => {
    const byPolicy = new Map<string, B[]>()
    for (const binding of bindings.list()) {
      const name = binding.spec.policyName ?? ''
      const others = byPolicy.get(name)
      if (others) others.push(binding)
      else byPolicy.set(name, [binding])
    }
    const sorted = policies.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    return candidatesOf(sorted.flatMap((policy) => {
      const own = byPolicy.get(policy.metadata.name)
      const { matchConstraints = {} } = policy.spec
      if (!own) return []
      return [{
        policy, ...matchOf(matchConstraints), bindings: own.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map((binding) => ({ binding, match: binding.spec.matchResources && matchOf(binding.spec.matchResources) })),
      }]
    }))
  }
  return {
    get ready() {
      return policies.hasSynced && bindings.hasSynced ? undefined : Promise.all([policies.synced, bindings.synced]).then(() => undefined)
    },
    current: () => (made ??= make()),
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
    },
  }
}

const matchOf = (match: MatchResources): Match => ({
  rules: match.resourceRules?.length ? match.resourceRules : undefined, excludes: match.excludeResourceRules ?? [], matchPolicy: match.matchPolicy, selectors: selectorsOf(match),
})
