// Metadata inside templates: labels and annotations, and for claims nothing else.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { annotations, labels } from '../../field-checks'

export function validateTemplateMeta(metadata: ObjectMeta | undefined, errors: FieldErrors): void {
  if (!metadata) return
  validateLabelsAndAnnotations(metadata, errors)
  for (const field in metadata) {
    if (field === 'labels' || field === 'annotations') continue
    const value = metadata[field as keyof ObjectMeta]
    // The original names fields by their Go names.
    if (value !== undefined && value !== null) errors.at(field === 'uid' ? 'uID' : field).forbidden('cannot be set')
  }
}

export function validateLabelsAndAnnotations(metadata: ObjectMeta | undefined, errors: FieldErrors): void {
  if (metadata?.labels) labels(errors, 'labels', metadata.labels)
  if (metadata?.annotations) annotations(errors, 'annotations', metadata.annotations)
}
