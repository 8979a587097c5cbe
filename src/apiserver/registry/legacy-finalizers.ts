import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import type { Resource } from '#apimachinery/resource'

const standard = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])
/** Groups that came when finalizers were qualified already, or whose kinds are not the core's. */
const free = new Set(['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'coordination.k8s.io'])

/** Finalizers without a domain are the few that always were, on built-in kinds. `errors` stands at `metadata`. */
export function checkLegacyFinalizers({ group, customResource }: Resource, { finalizers }: ObjectMeta, errors: FieldErrors): void {
  if (!finalizers || finalizers.length === 0 || customResource || free.has(group)) return
  for (const [i, finalizer] of finalizers.entries()) {
    if (!finalizer.includes('/') && !standard.has(finalizer)) errors.at('finalizers', i).invalid(finalizer, 'name is neither a standard finalizer name nor is it fully qualified')
  }
}
