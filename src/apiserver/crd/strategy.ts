import type { Unstructured } from '#apimachinery/object'
import { sameJson } from '#apimachinery/schema/validation/same-json'

/** Whatever changes beside metadata counts, a status too where it has no endpoint of its own. */
export function bumpGeneration(object: Unstructured, old: Unstructured): void {
  const generation = old.metadata.generation ?? 1
  object.metadata.generation = changed(object, old) ? generation + 1 : generation
}

function changed(object: Unstructured, old: Unstructured): boolean {
  for (const field in object) if (field !== 'metadata' && !sameJson(object[field], old[field])) return true
  for (const field in old) if (!(field in object)) return true
  return false
}

/** The status endpoint writes nothing else, metadata included. */
export function prepareStatus(object: Unstructured, old: Unstructured): void {
  const { status } = object
  for (const field in object) delete object[field]
  Object.assign(object, old, { metadata: { ...old.metadata } })
  if (status === undefined) delete object.status
  else object.status = status
}
