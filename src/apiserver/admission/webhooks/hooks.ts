import type { MatchCondition, MutatingWebhook, ValidatingWebhook } from '#api/admissionregistration/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { Informer } from '#client/informer'
import type { Webhook, Webhooks } from '../../webhook/webhook'
import { type Candidates, candidatesOf, type Ruled } from '../matching/candidates'
import { type Selectors, selectorsOf } from '../matching/selectors'

type Spec = ValidatingWebhook | MutatingWebhook

/** One webhook of a configuration, made ready to be asked. */
export interface Hook extends Ruled {
  readonly name: string
  readonly configuration: string
  /** Of all webhooks of its sort; stays while the configuration keeps its order. */
  readonly uid: string
  readonly selectors: Selectors
  readonly matchConditions: readonly MatchCondition[]
  readonly ignoresFailure: boolean
  readonly hasSideEffects: boolean
  readonly timeoutMs: number
  /** The first version of AdmissionReview that it knows and we know. */
  readonly reviewVersion: 'v1' | 'v1beta1' | undefined
  /** May be asked again when others changed the object after it. */
  readonly reinvocable: boolean
  readonly place: Webhook
}

export interface Hooks extends AsyncDisposable {
  /** False until the configurations are in memory. */
  readonly ready: Promise<void> | undefined
  current(): Candidates<Hook>
}

type Configuration = KubeObject & { readonly webhooks?: readonly Spec[] }

/** The webhooks of all configurations, in the order of the configurations' names. Follows them; made ready at the first request after a change. */
export function followHooks<T extends Configuration>(informer: Informer<T>, webhooks: Webhooks): Hooks {
  let made: Candidates<Hook> | undefined
  let places: Webhook[] = []
  const subscription = informer.on(() => (made = undefined))
  return {
    get ready() {
      return informer.hasSynced ? undefined : informer.synced
    },
    current() {
      if (made) return made
      const before = places
      places = []
      const sorted = informer.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      made = candidatesOf(sorted.flatMap((configuration) => hooksOf(configuration, webhooks, places)))
      // Only now: whoever is asked as before keeps its connections.
      for (const place of before) void place[Symbol.asyncDispose]()
      return made
    },
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]()
      await Promise.all(places.map((place) => place[Symbol.asyncDispose]()))
    },
  }
}

function hooksOf({ metadata, webhooks: specs = [] }: Configuration, webhooks: Webhooks, places: Webhook[]): Hook[] {
  const names = new Map<string, number>()
  return specs.map((spec) => {
    const count = names.get(spec.name) ?? 0
    names.set(spec.name, count + 1)
    const place = webhooks.of(spec.clientConfig)
    places.push(place)
    return {
      name: spec.name, configuration: metadata.name, uid: `${metadata.name}/${spec.name}/${count}`, place,
      rules: spec.rules ?? [], matchPolicy: spec.matchPolicy, selectors: selectorsOf(spec),
      matchConditions: spec.matchConditions ?? [],
      ignoresFailure: spec.failurePolicy === 'Ignore', hasSideEffects: spec.sideEffects !== 'None' && spec.sideEffects !== 'NoneOnDryRun',
      timeoutMs: (spec.timeoutSeconds ?? 10) * 1000, reviewVersion: spec.admissionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1'),
      reinvocable: 'reinvocationPolicy' in spec && spec.reinvocationPolicy === 'IfNeeded',
    }
  })
}
