import { isConflict, isNotFound } from '#apimachinery/api-error'
import { namespaces } from '#api/core/v1/namespace'
import type { Namespace, NamespaceCondition } from '#api/core/v1/types'
import { formatTime } from '#apimachinery/time'
import { clone, sameData } from '#base/clone'
import type { Client } from '#client/client'
import { defineController, on } from '#controller-runtime/controller'
import { discoverInformers } from '#controller-runtime/discovered-informers'
import type { DiscoveredInformers } from '#controller-runtime/discovered-informers'
import { discover } from '#controller-runtime/discovery'
import type { Discovered } from '#controller-runtime/discovery'

/**
 * Empties a namespace that is to be deleted, then lets it go. Pods go first, since what they use (policies, secrets,
 * volumes) should outlive them; then every other kind that the server has. What remains, and why, stands in the
 * namespace's conditions. Waits for what takes its time by watching everything's metadata.
 */
export const namespace = defineController<DiscoveredInformers>({
  name: 'namespace-controller',
  watches: [on(namespaces, ({ metadata }) => (metadata.deletionTimestamp ? [metadata.name] : []))],
  writes: 'everything',
  workers: 10,

  setUp: (context) =>
    discoverInformers(context, (_resource, object, old) => {
      // Only what goes away brings a namespace nearer to its end.
      if (object || !old?.metadata.namespace) return
      if (context.cached(namespaces).get(old.metadata.namespace)?.metadata.deletionTimestamp) context.enqueue(old.metadata.namespace)
    }),

  async reconcile(key, { cached, client, clock }) {
    const namespace = cached(namespaces).get(key)
    if (!namespace?.metadata.deletionTimestamp || !namespace.spec?.finalizers?.includes('kubernetes')) return
    const now = clock.now()
    const terminating = await writeStatus(client, namespace, namespace.status?.conditions)
    const { resources, failed } = await discover(client)
    const deletable = resources.filter((resource) => resource.namespaced && resource.verbs.includes('delete') && resource.verbs.includes('list'))
    const isPods = ({ group, resource }: Discovered): boolean => group === '' && resource === 'pods'

    const found: Remains[] = []
    const first = deletable.filter(isPods)
    found.push(...(await Promise.all(first.map((resource) => empty(client, resource, key)))))
    // While pods remain nothing that they use is taken from them.
    if (found.every(({ count, error }) => count === 0 && error === undefined))
      found.push(...(await Promise.all(deletable.filter((resource) => !isPods(resource)).map((resource) => empty(client, resource, key)))))

    const conditions = conditionsFor(found, failed, terminating.status?.conditions ?? [], formatTime(now))
    const told = await writeStatus(client, terminating, conditions)
    const errors = found.filter(({ error }) => error !== undefined)
    if (errors.length > 0 || failed.length > 0) throw new Error(`namespace ${key}: ${[...errors.map(({ error }) => error!.message), ...failed].join(', ')}`)
    if (found.some(({ count }) => count > 0)) return

    const finalized = clone(told)
    finalized.spec = { ...finalized.spec, finalizers: finalized.spec?.finalizers?.filter((finalizer) => finalizer !== 'kubernetes') }
    await client.update(namespaces, finalized, { subresource: 'finalize' }).catch(ignoreGone)
  },
})

interface Remains { resource: Discovered; count: number; finalizers: readonly string[]; error?: Error }

/** Deletes all objects of a kind in a namespace, and counts what is still there. */
async function empty(client: Client, resource: Discovered, namespace: string): Promise<Remains> {
  try {
    const before = await client.list(resource, { namespace, metadataOnly: true })
    if (before.items.length === 0) return { resource, count: 0, finalizers: [] }
    if (resource.verbs.includes('deletecollection')) await client.deleteCollection(resource, { namespace, propagationPolicy: 'Background' })
    else await Promise.all(before.items.map(({ metadata }) => client.delete(resource, metadata, { propagationPolicy: 'Background' }).catch(ignoreGone)))
    const { items } = await client.list(resource, { namespace, metadataOnly: true })
    return { resource, count: items.length, finalizers: items.flatMap(({ metadata }) => metadata.finalizers ?? []) }
  } catch (error) {
    // A kind that is no longer served holds nothing.
    if (isNotFound(error)) return { resource, count: 0, finalizers: [] }
    return { resource, count: 0, finalizers: [], error: error instanceof Error ? error : new Error(String(error)) }
  }
}

function conditionsFor(found: readonly Remains[], failed: readonly string[], before: readonly NamespaceCondition[], now: string): NamespaceCondition[] {
  const count = (names: readonly string[]): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    return counts
  }
  const errors = found.flatMap(({ error }) => (error ? [error.message] : [])).sort()
  const remaining = found.filter(({ count }) => count > 0).map(({ resource, count }) => `${resource.resource}.${resource.group} has ${count} resource instances`).sort()
  const finalizers = [...count(found.flatMap((f) => f.finalizers))].map(([name, n]) => `${name} in ${n} resource instances`).sort()
  const state = (type: string, problem: string | false, badReason: string, goodReason: string, good: string): NamespaceCondition => {
    const status = problem === false ? 'False' : 'True'
    const old = before.find((condition) => condition.type === type)
    return {
      type, status, lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
      reason: problem === false ? goodReason : badReason, message: problem === false ? good : problem,
    }
  }
  const made = [
    state('NamespaceDeletionDiscoveryFailure', failed.length > 0 && `Discovery failed for some groups, ${failed.length} failing: unable to retrieve the complete list of server APIs: ${failed.join(', ')}`,
      'DiscoveryFailed', 'ResourcesDiscovered', 'All resources successfully discovered'),
    state('NamespaceDeletionGroupVersionParsingFailure', false, 'GroupVersionParsingFailed', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    state('NamespaceDeletionContentFailure', errors.length > 0 && `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`,
      'ContentDeletionFailed', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    state('NamespaceContentRemaining', remaining.length > 0 && `Some resources are remaining: ${remaining.join(', ')}`,
      'SomeResourcesRemain', 'ContentRemoved', 'All content successfully removed'),
    state('NamespaceFinalizersRemaining', finalizers.length > 0 && `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
      'SomeFinalizersRemain', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ]
  return [...before.filter(({ type }) => !made.some((condition) => condition.type === type)), ...made]
}

async function writeStatus(client: Client, namespace: Namespace, conditions: NamespaceCondition[] | undefined): Promise<Namespace> {
  const same = namespace.status?.phase === 'Terminating' && sameData(namespace.status.conditions, conditions)
  if (same) return namespace
  return client.update(namespaces, { ...clone(namespace), status: { phase: 'Terminating', ...(conditions ? { conditions } : {}) } }, { subresource: 'status' })
}

function ignoreGone(error: unknown): void {
  if (!isNotFound(error) && !isConflict(error)) throw error
}
