import type { OwnerReference } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import type { ResourceRef } from '#apimachinery/resource'

/** An object as the garbage collector knows it. */
export interface Node {
  readonly uid: string
  readonly name: string
  /** Absent for objects of the cluster. */
  readonly namespace: string | undefined
  readonly apiVersion: string
  readonly kind: string
  /** Undefined while it is only known from a reference (virtual), and its kind is not served. */
  readonly resource: ResourceRef | undefined
  /** Only known from references so far. */
  readonly virtual: boolean
  owners: readonly OwnerReference[]
  readonly dependents: Set<Node>
  /** Has a deletionTimestamp. */
  deleting: boolean
  /** Waits for its dependents (foreground deletion). */
  deletingDependents: boolean
  /** Lets its dependents go first (orphaning). */
  orphaning: boolean
}

/** What is worth a look after a change. */
export interface GraphWork {
  /** May have to be deleted, or have dead references. */
  check(node: Node): void
  /** Its dependents must be let go. */
  orphan(node: Node): void
}

const has = (object: KubeObject, finalizer: string): boolean => !!object.metadata.finalizers?.includes(finalizer)

/**
 * Who owns whom, by uid. Fed with the metadata of everything; an owner that only references know is kept as a virtual node
 * and checked, since it may never have existed.
 */
export function createGraph(work: GraphWork, find: (apiVersion: string, kind: string) => ResourceRef | undefined) {
  const nodes = new Map<string, Node>()

  const link = (node: Node, references: readonly OwnerReference[]): void => {
    for (const reference of references) {
      let owner = nodes.get(reference.uid)
      if (!owner) {
        owner = virtualNode(node, reference, find(reference.apiVersion, reference.kind))
        nodes.set(reference.uid, owner)
        work.check(owner)
      } else if (!owner.virtual && (owner.kind !== reference.kind || owner.name !== reference.name || (owner.namespace && owner.namespace !== node.namespace))) {
        // The reference names a uid that is something else, or in another namespace: checking the dependent finds out.
        work.check(node)
      }
      owner.dependents.add(node)
    }
  }
  const unlink = (node: Node, references: readonly OwnerReference[]): void => {
    for (const { uid } of references) {
      const owner = nodes.get(uid)
      if (!owner) continue
      owner.dependents.delete(node)
      if (owner.deletingDependents) work.check(owner)
      if (owner.virtual && owner.dependents.size === 0) nodes.delete(uid)
    }
  }

  const remove = (uid: string): void => {
    const node = nodes.get(uid)
    if (!node) return
    nodes.delete(uid)
    unlink(node, node.owners)
    for (const dependent of node.dependents) work.check(dependent)
  }

  return {
    get: (uid: string): Node | undefined => nodes.get(uid),
    get size() {
      return nodes.size
    },
    remove,

    put(resource: ResourceRef, object: KubeObject): void {
      const { uid, name, namespace, ownerReferences = [], deletionTimestamp } = object.metadata
      const before = nodes.get(uid)
      const orphaning = !!deletionTimestamp && has(object, 'orphan')
      const waiting = !!deletionTimestamp && has(object, 'foregroundDeletion')
      const was = { deleting: before?.deleting ?? false, waiting: before?.deletingDependents ?? false, orphaning: before?.orphaning ?? false }

      let node = before
      if (!node || node.virtual) {
        node = {
          uid, name, namespace, apiVersion: groupVersionOf(resource), kind: resource.kind, resource, virtual: false, owners: ownerReferences,
          dependents: before?.dependents ?? new Set(), deleting: false, deletingDependents: false, orphaning: false,
        }
        nodes.set(uid, node)
        link(node, ownerReferences)
        // Whoever referred to it by another name or from another namespace was wrong.
        if (before) for (const dependent of node.dependents) if (!matches(node, dependent)) work.check(dependent)
        if (ownerReferences.some((reference) => nodes.get(reference.uid)?.virtual === false && nodes.get(reference.uid)!.deleting)) work.check(node)
      } else if (!sameReferences(node.owners, ownerReferences)) {
        const old = node.owners
        const kept = new Set(ownerReferences.map((reference) => reference.uid))
        node.owners = ownerReferences
        unlink(node, old.filter((reference) => !kept.has(reference.uid)))
        link(node, ownerReferences)
        // One that no longer blocks its owner may be what the owner waits for.
        for (const { uid: owner } of ownerReferences) if (nodes.get(owner)?.deletingDependents) work.check(nodes.get(owner)!)
        work.check(node)
      }

      node.deleting = !!deletionTimestamp
      node.deletingDependents = waiting
      node.orphaning = orphaning
      if (orphaning && !was.orphaning) work.orphan(node)
      if (waiting && !was.waiting) {
        for (const dependent of node.dependents) work.check(dependent)
        work.check(node)
      }
    },
  }
}

export type Graph = ReturnType<typeof createGraph>

function virtualNode(dependent: Node, { uid, name, apiVersion, kind }: OwnerReference, resource: ResourceRef | undefined): Node {
  const namespace = resource && !resource.namespaced ? undefined : dependent.namespace
  return { uid, name, namespace, apiVersion, kind, resource, virtual: true, owners: [], dependents: new Set(), deleting: false, deletingDependents: false, orphaning: false }
}

const matches = (owner: Node, dependent: Node): boolean =>
  dependent.owners.some((reference) => reference.uid === owner.uid && reference.name === owner.name && reference.kind === owner.kind) &&
  (owner.namespace === undefined || owner.namespace === dependent.namespace)

function sameReferences(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every((x, i) => x.uid === b[i]!.uid && !!x.blockOwnerDeletion === !!b[i]!.blockOwnerDeletion && x.name === b[i]!.name && x.kind === b[i]!.kind)
}

export const blocks = (dependent: Node, owner: Node): boolean => dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion === true)
