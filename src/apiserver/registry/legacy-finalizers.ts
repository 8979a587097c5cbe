import type { FieldErrors } from '#apimachinery/field-errors'
import { validateLegacyFinalizers } from '#apimachinery/object-meta-validation'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import type { Resource } from '#apimachinery/resource'

/** Groups that came when finalizers were qualified already, or whose kinds are not the core's. */
const free = new Set(['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'coordination.k8s.io'])

/** Finalizers without a domain are the few that always were, on built-in kinds. `errors` stands at `metadata`. */
export function checkLegacyFinalizers({ group, customResource }: Resource, { finalizers }: ObjectMeta, errors: FieldErrors): void {
  if (!finalizers || finalizers.length === 0 || customResource || free.has(group)) return
  validateLegacyFinalizers(finalizers, errors.at('finalizers'))
}
