import { isNotFound } from '#apimachinery/api-error'
import type { OwnerReference } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { defineController } from '#controller-runtime/controller'
import type { ReconcileContext } from '#controller-runtime/controller'
import { discoverInformers } from '#controller-runtime/discovered-informers'
import type { DiscoveredInformers } from '#controller-runtime/discovered-informers'
import { blocks, createGraph } from './graph'
import type { Graph, Node } from './graph'

interface State extends Disposable {
  graph: Graph
  /** Undefined until the first list of everything is in. */
  kinds: DiscoveredInformers | undefined
}
type Context = ReconcileContext<State>

/**
 * Deletes what no longer has an owner, holds back foreground deletions until their dependents are gone, and lets the
 * dependents of orphaning deletions go. Knows who owns whom from the metadata of everything the server has; before it
 * deletes anything it asks the server itself, since a deletion cannot be taken back.
 */
export const garbageCollector = defineController<State>({
  name: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  watches: [],
  writes: 'everything',
  workers: 20,

  async setUp(context) {
    const state: State = {
      kinds: undefined,
      graph: createGraph(
        { check: (node) => context.enqueue(`check ${node.uid}`), orphan: (node) => context.enqueue(`orphan ${node.uid}`) },
        (apiVersion, kind) => state.kinds?.find(apiVersion, kind),
      ),
      [Symbol.dispose]: () => state.kinds?.[Symbol.dispose](),
    }
    state.kinds = await discoverInformers(context, (resource, object, old) => {
      if (object) state.graph.put(resource, object)
      else if (old) state.graph.remove(old.metadata.uid)
    })
    return state
  },

  async reconcile(key, context) {
    const node = context.state.graph.get(key.slice(key.indexOf(' ') + 1))
    if (!node) return
    if (key.startsWith('orphan ')) await letDependentsGo(node, context)
    else await check(node, context)
  },
})

async function check(node: Node, context: Context): Promise<void> {
  const { graph } = context.state
  if (node.deleting && !node.deletingDependents) return
  const resource = resourceOf(node, context)
  // A kind that is not served: whoever refers to it finds that out, and waits for it to come.
  if (!resource) return node.virtual ? checkDependents(node, context) : undefined
  const latest = await read(resource, node, context)
  if (!latest || latest.metadata.uid !== node.uid) {
    // Gone, or never there: what hung on it is checked next.
    graph.remove(node.uid)
    return
  }
  if (node.virtual) {
    graph.put(resource, latest)
    return
  }
  if (node.deletingDependents) return finishForeground(node, latest, resource, context)

  const references = latest.metadata.ownerReferences ?? []
  if (references.length === 0) return
  const { solid, dangling, waiting } = await classify(node, references, context)
  if (solid.length > 0) {
    const dead = new Set([...dangling, ...waiting].map(({ uid }) => uid))
    if (dead.size > 0) await writeOwners(resource, latest, references.filter(({ uid }) => !dead.has(uid)), context)
    return
  }
  if (waiting.length > 0 && node.dependents.size > 0) {
    // Its owner waits for it, and it for its own dependents: one of them may wait in turn for something above (a circle).
    if ([...node.dependents].some((dependent) => dependent.deletingDependents))
      await writeOwners(resource, latest, references.map((reference) => ({ ...reference, blockOwnerDeletion: false })), context)
    return remove(resource, latest, 'Foreground', context)
  }
  const { finalizers = [] } = latest.metadata
  await remove(resource, latest, finalizers.includes('orphan') ? 'Orphan' : finalizers.includes('foregroundDeletion') ? 'Foreground' : 'Background', context)
}

function checkDependents(node: Node, { state, enqueue }: Context): void {
  // Served under another version by now, or later: each dependent decides for itself.
  for (const dependent of node.dependents) if (!state.graph.get(dependent.uid)?.virtual) enqueue(`check ${dependent.uid}`, 30_000)
}

interface Owners { solid: OwnerReference[]; dangling: OwnerReference[]; waiting: OwnerReference[] }

async function classify(node: Node, references: readonly OwnerReference[], context: Context): Promise<Owners> {
  const owners: Owners = { solid: [], dangling: [], waiting: [] }
  await Promise.all(references.map(async (reference) => {
    const resource = context.state.kinds?.find(reference.apiVersion, reference.kind)
    if (!resource) throw new Error(`unable to get REST mapping for ${reference.apiVersion}/${reference.kind}.`)
    if (resource.namespaced && !node.namespace) {
      // Nothing of the cluster can belong to something in a namespace; it is left alone rather than deleted.
      tellInvalid(node, reference, context)
      owners.solid.push(reference)
      return
    }
    const owner = await read(resource, { name: reference.name, namespace: resource.namespaced ? node.namespace : undefined }, context)
    if (!owner || owner.metadata.uid !== reference.uid) owners.dangling.push(reference)
    else if (owner.metadata.deletionTimestamp && owner.metadata.finalizers?.includes('foregroundDeletion')) owners.waiting.push(reference)
    else owners.solid.push(reference)
  }))
  return owners
}

function tellInvalid(node: Node, reference: OwnerReference, { tell }: Context): void {
  const message = `ownerRef [${reference.apiVersion}/${reference.kind}, name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace "${node.namespace ?? ''}"`
  tell(node.resource!, { apiVersion: node.apiVersion, kind: node.kind, metadata: { name: node.name, namespace: node.namespace, uid: node.uid } as KubeObject['metadata'] }, 'Warning', 'OwnerRefInvalidNamespace', message)
}

/** An owner may go once no dependent blocks it any more. */
async function finishForeground(node: Node, latest: KubeObject, resource: ResourceRef, context: Context): Promise<void> {
  const blocking = [...node.dependents].filter((dependent) => !dependent.virtual && blocks(dependent, node))
  if (blocking.length === 0) return dropFinalizer(resource, latest, 'foregroundDeletion', context)
  for (const dependent of blocking) if (!dependent.deletingDependents) context.enqueue(`check ${dependent.uid}`)
}

async function letDependentsGo(node: Node, context: Context): Promise<void> {
  const resource = resourceOf(node, context)
  if (!resource) return
  await Promise.all([...node.dependents].map(async (dependent) => {
    const kind = resourceOf(dependent, context)
    const latest = kind && (await read(kind, dependent, context))
    const references = latest?.metadata.ownerReferences
    if (!kind || !references?.some(({ uid }) => uid === node.uid)) return
    await writeOwners(kind, latest!, references.filter(({ uid }) => uid !== node.uid), context)
  }))
  const latest = await read(resource, node, context)
  if (latest?.metadata.uid === node.uid) await dropFinalizer(resource, latest, 'orphan', context)
}

const resourceOf = (node: Node, { state }: Context): ResourceRef | undefined => node.resource ?? state.kinds?.find(node.apiVersion, node.kind)

async function read(resource: ResourceRef, { name, namespace }: Pick<Node, 'name' | 'namespace'>, { client, signal }: Context): Promise<KubeObject | undefined> {
  if (resource.namespaced && !namespace) return undefined
  try {
    return await client.get(resource, { name, namespace }, { signal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Merge patches, since custom resources know no strategic ones; the revision sees to it that nobody else's change is lost. */
async function writeOwners(resource: ResourceRef, { metadata }: KubeObject, ownerReferences: readonly OwnerReference[], { client }: Context): Promise<void> {
  const { resourceVersion, uid } = metadata
  const patch = { metadata: { resourceVersion, uid, ownerReferences: ownerReferences.length > 0 ? ownerReferences : null } }
  await client.patch(resource, metadata, patch, { type: 'merge' }).catch(ignoreGone)
}

async function dropFinalizer(resource: ResourceRef, { metadata }: KubeObject, finalizer: string, { client }: Context): Promise<void> {
  if (!metadata.finalizers?.includes(finalizer)) return
  const { resourceVersion, uid } = metadata
  const patch = { metadata: { resourceVersion, uid, finalizers: metadata.finalizers.filter((name) => name !== finalizer) } }
  await client.patch(resource, metadata, patch, { type: 'merge' }).catch(ignoreGone)
}

async function remove(resource: ResourceRef, { metadata }: KubeObject, propagationPolicy: 'Foreground' | 'Background' | 'Orphan', { client }: Context): Promise<void> {
  // The revision counts too: another owner may be set, or this one adopted, just now.
  const { uid, resourceVersion } = metadata
  await client.delete(resource, metadata, { propagationPolicy, preconditions: { uid, resourceVersion } }).catch(ignoreGone)
}

function ignoreGone(error: unknown): void {
  if (!isNotFound(error)) throw error
}
