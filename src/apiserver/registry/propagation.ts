import type { DeleteOptions } from '#apimachinery/meta/v1/types'
import type { Resource } from '#apimachinery/resource'

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** The finalizers that a delete leaves: how dependents are treated is told to the garbage collector by them. Undefined: as they are. */
export function finalizersFor(resource: Resource, present: readonly string[] | undefined, options: DeleteOptions): string[] | undefined {
  const wanted = policyOf(resource, present, options)
  const kept = (present ?? []).filter((name) => name !== orphan && name !== foreground)
  if (wanted) kept.push(wanted)
  const same = kept.length === (present?.length ?? 0) && kept.every((name) => present!.includes(name))
  return same ? undefined : kept
}

function policyOf(resource: Resource, present: readonly string[] | undefined, { orphanDependents, propagationPolicy }: DeleteOptions): string | undefined {
  if (orphanDependents !== undefined) return orphanDependents ? orphan : undefined
  if (propagationPolicy === 'Orphan') return orphan
  if (propagationPolicy === 'Foreground') return foreground
  if (propagationPolicy === 'Background') return undefined
  const already = present?.find((name) => name === orphan || name === foreground)
  return already ?? (resource.defaultGarbageCollection === 'orphan' ? orphan : undefined)
}
