import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { services } from '#api/core/v1/service'
import type { Pod, ResourceQuota } from '#api/core/v1/types'
import { isNotFound } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { clone, sameData } from '#base/clone'
import type { Informer } from '#client/informer'
import type { ResourceList } from '#component-helpers/pod-totals'
import { quotaEvaluator } from '#component-helpers/quota-usage'
import type { QuotaEvaluator } from '#component-helpers/quota-usage'
import { defineController, on, reading } from '#controller-runtime/controller'
import type { SetUpContext } from '#controller-runtime/controller'
import { discoverInformers } from '#controller-runtime/discovered-informers'
import type { DiscoveredInformers } from '#controller-runtime/discovered-informers'
import { namesCounted, sameAmounts, totalUsage, usageOf } from './usage'

/**
 * How long after a charge or a new object a quota is counted again. Admission charges before an object is there: counted at
 * once, a write on its way would be given away twice. By then every request has ended, and one that failed is paid back.
 */
const settledMs = 60_000

/** These are counted by what they say; of all others there need only be a number. */
const whole: readonly ResourceRef[] = [pods, services, persistentvolumeclaims]
const isWhole = ({ group, resource }: ResourceRef): boolean => group === '' && whole.some((known) => known.resource === resource)

interface State extends Disposable {
  kinds: DiscoveredInformers | undefined
  evaluatorOf(resource: ResourceRef): QuotaEvaluator
}

/**
 * Says in the status of each ResourceQuota what its namespace uses. Admission keeps count of what comes; what goes, or uses
 * less, is seen here, and so is what was charged for a write that failed.
 */
export const resourcequota = defineController<State>({
  name: 'resourcequota-controller',
  watches: [
    on(resourcequotas, undefined, { when: (quota, old) => !quota || !old || !sameData(quota.spec, old.spec) }),
    reading(pods), reading(services), reading(persistentvolumeclaims),
  ],
  writes: [{ of: resourcequotas, subresource: 'status' }],

  async setUp(context) {
    const { cached, enqueue, clock } = context
    const evaluators = new Map<string, QuotaEvaluator>()
    const evaluatorOf = (resource: ResourceRef): QuotaEvaluator => {
      const id = `${resource.group}/${resource.resource}`
      let evaluator = evaluators.get(id)
      if (!evaluator) evaluators.set(id, (evaluator = quotaEvaluator(resource)))
      return evaluator
    }
    const changed = (resource: ResourceRef, object: KubeObject | undefined, old: KubeObject | undefined): void => {
      const quotas = cached(resourcequotas).list((object ?? old)!.metadata.namespace)
      if (quotas.length === 0) return
      const evaluator = evaluatorOf(resource)
      for (const quota of quotas) {
        const names = namesCounted(quota, evaluator)
        if (names.length === 0) continue
        if (!old) enqueue(keyOf(quota), settledMs)
        else if (!object || !sameData(usageOf(quota, evaluator, names, object, clock.now()), usageOf(quota, evaluator, names, old, clock.now()))) enqueue(keyOf(quota))
      }
    }
    const handlers = whole.map((resource) => cached(resource).on((object, old) => changed(resource, object, old)))
    handlers.push(cached(resourcequotas).on((quota, old) => {
      if (quota && old && !sameData(quota.status, old.status)) enqueue(keyOf(quota), settledMs)
    }))
    const state: State = {
      kinds: undefined,
      evaluatorOf,
      [Symbol.dispose]() {
        state.kinds?.[Symbol.dispose]()
        for (const handler of handlers) handler[Symbol.dispose]()
      },
    }
    state.kinds = await discoverInformers(context, (resource, object, old) => {
      // An update of what is only counted changes no count.
      if (resource.namespaced && !isWhole(resource) && (!object || !old)) changed(resource, object, old)
    }, () => {
      // A quota may have waited for a kind that was not there.
      for (const quota of cached(resourcequotas).list()) enqueue(keyOf(quota))
    })
    return state
  },

  async reconcile(key, context) {
    const { cached, client, clock } = context
    const quota = cached(resourcequotas).get(key)
    if (!quota || quota.metadata.deletionTimestamp) return
    const hard = quota.spec?.hard ?? {}
    const now = clock.now()
    const used: ResourceList = {}
    // What nobody counts keeps what it says.
    for (const name in hard) if (quota.status?.used?.[name] !== undefined) used[name] = quota.status.used[name]
    let requeueAfter: number | undefined
    for (const { evaluator, informer } of counted(context, key)) {
      const names = namesCounted(quota, evaluator)
      if (names.length === 0 || !informer.hasSynced) continue
      const objects = informer.list(quota.metadata.namespace)
      Object.assign(used, totalUsage(quota, evaluator, names, objects, now))
      if (informer.resource.resource === pods.resource) requeueAfter = overdueIn(objects as readonly Pod[], now)
    }
    if (!sameAmounts(quota.status?.hard, hard) || !sameAmounts(quota.status?.used, used)) {
      const status = { hard: clone(hard), used }
      await client.update<ResourceQuota>(resourcequotas, { ...clone(quota), status }, { subresource: 'status' }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    }
    return { requeueAfter }
  },
})

/** Everything in namespaces that can be counted; one whose first list is on its way has the quota counted again when it is in. */
function* counted({ cached, state, enqueue }: SetUpContext & { state: State }, key: string): Iterable<{ evaluator: QuotaEvaluator; informer: Informer<KubeObject> }> {
  for (const resource of whole) yield { evaluator: state.evaluatorOf(resource), informer: cached(resource) }
  for (const resource of state.kinds?.resources ?? []) {
    if (!resource.namespaced || isWhole(resource)) continue
    const informer = state.kinds!.informer(resource)
    if (!informer) continue
    // One that is given up with its kind never fills.
    if (!informer.hasSynced) informer.synced.then(() => enqueue(key), () => {})
    yield { evaluator: state.evaluatorOf(resource), informer }
  }
}

/** When the next of the pods that are going should have been gone, and no longer counts. Milliseconds from `now`. */
function overdueIn(objects: readonly Pod[], now: number): number | undefined {
  let soonest: number | undefined
  for (const { metadata: { deletionTimestamp, deletionGracePeriodSeconds = 0 } } of objects) {
    if (!deletionTimestamp) continue
    const left = Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000 - now
    if (left >= 0 && (soonest === undefined || left < soonest)) soonest = left
  }
  return soonest === undefined ? undefined : soonest + 1
}
