import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta, OwnerReference } from '#apimachinery/meta/v1/types'
import { byteLength, isDns1123Label, isLabelValue, isQualifiedName, nameIsDnsSubdomain } from '#apimachinery/names'
import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'

const annotationLimit = 256 * 1024

/** What holds for the metadata of every new object. */
export function validateMetadata(object: KubeObject, resource: Resource, errors: FieldErrors): void {
  const { metadata } = object
  const nameRule = resource.validateName ?? nameIsDnsSubdomain
  if (metadata.generateName) {
    for (const message of nameRule(metadata.generateName, true)) errors.at('generateName').invalid(metadata.generateName, message)
  }
  if (!metadata.name) errors.at('name').required('name or generateName is required')
  else for (const message of nameRule(metadata.name, false)) errors.at('name').invalid(metadata.name, message)
  if (resource.namespaced) {
    if (!metadata.namespace) errors.at('namespace').required()
    else for (const message of isDns1123Label(metadata.namespace)) errors.at('namespace').invalid(metadata.namespace, message)
  }
  validateLabelsAndSuch(metadata, errors)
  validateFinalizers(metadata.finalizers, errors)
}

/** What may not change, and what holds for the rest. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject, errors: FieldErrors): void {
  const { metadata } = object
  const before = old.metadata
  if (before.deletionTimestamp) {
    const extra = (metadata.finalizers ?? []).filter((name) => !before.finalizers?.includes(name)).sort()
    if (extra.length > 0) {
      const shown = `[]string{${extra.map((name) => JSON.stringify(name)).join(', ')}}`
      errors.at('finalizers').forbidden(`no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`)
    }
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (metadata[field] !== before[field]) errors.at(field).invalid(metadata[field], 'field is immutable')
  }
  if (metadata.labels !== before.labels || metadata.annotations !== before.annotations || metadata.ownerReferences !== before.ownerReferences) {
    validateLabelsAndSuch(metadata, errors)
  }
}

function validateLabelsAndSuch(metadata: ObjectMeta, errors: FieldErrors): void {
  const { labels, annotations, ownerReferences } = metadata
  for (const key in labels) {
    for (const message of isQualifiedName(key)) errors.at('labels').invalid(key, message)
    for (const message of isLabelValue(labels[key]!)) errors.at('labels').invalid(labels[key], message)
  }
  let size = 0
  for (const key in annotations) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.at('annotations').invalid(key, message)
    size += byteLength(key) + byteLength(annotations[key]!)
  }
  if (size > annotationLimit) errors.at('annotations').tooLong(annotationLimit)
  if (ownerReferences) validateOwners(ownerReferences, errors.at('ownerReferences'))
}

function validateOwners(owners: readonly OwnerReference[], errors: FieldErrors): void {
  let controller = ''
  for (const owner of owners) {
    const { apiVersion = '', kind = '', name, uid } = owner
    if (apiVersion === '' || apiVersion.endsWith('/')) errors.at('apiVersion').invalid(apiVersion, 'version must not be empty')
    if (kind === '') errors.at('kind').invalid(kind, 'must not be empty')
    if (!name) errors.at('name').invalid(name ?? '', 'must not be empty')
    if (!uid) errors.at('uid').invalid(uid ?? '', 'must not be empty')
    if (apiVersion === 'v1' && kind === 'Event') errors.invalid(owner, '/v1, Kind=Event is disallowed from being an owner')
    if (!owner.controller) continue
    const here = `${kind}/${name}`
    if (controller === '') controller = here
    else errors.invalid(owners, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${here}`)
  }
}

function validateFinalizers(finalizers: readonly string[] | undefined, errors: FieldErrors): void {
  if (!finalizers) return
  for (const name of finalizers) for (const message of isQualifiedName(name)) errors.at('finalizers').invalid(name, message)
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.at('finalizers').invalid(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')
  }
}
