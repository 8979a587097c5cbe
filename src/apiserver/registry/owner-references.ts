import type { KubeObject } from '#apimachinery/object'
import type { OwnerReference } from '#apimachinery/meta/v1/types'

const same = (a: OwnerReference, b: OwnerReference): boolean =>
  a.uid === b.uid && a.name === b.name && a.kind === b.kind && a.apiVersion === b.apiVersion &&
  a.controller === b.controller && a.blockOwnerDeletion === b.blockOwnerDeletion

/** Drops owner references that stand there twice, with a warning. */
export function dropRepeatedOwners(object: KubeObject, afterAdmission: boolean, warn: (text: string) => void): void {
  const owners = object.metadata.ownerReferences
  if (!owners || owners.length < 2) return
  const kept: OwnerReference[] = []
  const repeated: string[] = []
  for (const owner of owners) {
    if (kept.some((other) => same(other, owner))) repeated.push(owner.uid)
    else kept.push(owner)
  }
  if (repeated.length === 0) return
  object.metadata.ownerReferences = kept
  warn(`.metadata.ownerReferences contains duplicate entries${afterAdmission ? ' after mutating admission happens' : ''}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`)
}
