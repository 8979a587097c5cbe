import { FieldErrors } from './field-errors'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './meta/v1/types'
import { byteLength, isLabelValue, isQualifiedName, nameIsDnsLabel, nameIsPathSegment } from './names'
import type { NameRule } from './names'

const annotationBytes = 256 * 1024
const managerBytes = 128
const subresourceBytes = 256

/**
 * What every object's metadata must fulfil when it is written for the first time, after a name was generated. What is the very same in
 * `judged` is passed over. `errors` stands at `metadata`.
 */
export function validateObjectMeta(meta: ObjectMeta, namespaced: boolean, nameRule: NameRule, errors: FieldErrors, judged?: ObjectMeta): void {
  if (!judged || meta.name !== judged.name || meta.generateName !== judged.generateName) validateNames(meta, nameRule, errors)
  if (!namespaced) {
    if (meta.namespace) errors.at('namespace').forbidden('not allowed on this type')
  } else if (!meta.namespace) errors.at('namespace').required()
  else if (meta.namespace !== judged?.namespace) for (const message of nameIsDnsLabel(meta.namespace, false)) errors.at('namespace').invalid(meta.namespace, message)

  const { labels, annotations, ownerReferences, finalizers } = meta
  if (meta.generation !== undefined && meta.generation < 0) errors.at('generation').invalid(meta.generation, 'must be greater than or equal to 0')
  if (labels && labels !== judged?.labels) validateLabels(labels, errors.at('labels'))
  if (annotations && annotations !== judged?.annotations) validateAnnotations(annotations, errors.at('annotations'))
  if (ownerReferences && ownerReferences !== judged?.ownerReferences) validateOwnerReferences(ownerReferences, errors.at('ownerReferences'))
  if (finalizers && finalizers !== judged?.finalizers) validateFinalizers(finalizers, errors.at('finalizers'))
  if (meta.managedFields) validateManagedFields(meta.managedFields, errors.at('managedFields'))
}

/** Names are parts of paths, whatever their kind makes of them. */
export function validateNames(meta: ObjectMeta, nameRule: NameRule, errors: FieldErrors): void {
  if (meta.generateName) for (const message of nameRule(meta.generateName, true)) errors.at('generateName').invalid(meta.generateName, message)
  if (!meta.name) errors.at('name').required('name or generateName is required')
  else for (const message of nameRule(meta.name, false)) errors.at('name').invalid(meta.name, message)
}

/** How often the validation of a kind looks at metadata that was looked at for every kind already. */
export interface MetadataChecks {
  /** As at a new object, by the kind's own rule for names. */
  readonly whole: number
  /** As at a changed object. */
  readonly update: number
}

/**
 * Metadata of a changed object. The original looks at it for every kind, and most kinds look again: what is wrong is told as often.
 * `legacy` is what the kind adds at each of its own looks. `errors` stands at `metadata`.
 */
export function validateUpdatedMeta(
  meta: ObjectMeta, old: ObjectMeta, { namespaced, nameRule, whole, update, legacy }: MetadataChecks & { namespaced: boolean; nameRule: NameRule; legacy(errors: FieldErrors): void },
  errors: FieldErrors,
): void {
  const asNew = (rule: NameRule, to: FieldErrors): void => validateObjectMeta(meta, namespaced, rule, to)
  const probe = new FieldErrors()
  validateObjectMeta(meta, namespaced, nameIsPathSegment, probe, old)
  validateWhatStays(meta, old, probe)
  if (whole > 0 && (meta.name !== old.name || meta.generateName !== old.generateName)) validateNames(meta, nameRule, probe)
  legacy(probe)
  if (!probe.any) return
  asNew(nameIsPathSegment, errors)
  validateObjectMetaUpdate(meta, old, errors)
  for (let i = 0; i < update; i++) {
    validateObjectMetaUpdate(meta, old, errors)
    legacy(errors)
  }
  for (let i = 0; i < whole; i++) {
    asNew(nameRule, errors)
    legacy(errors)
  }
}

const constant = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/** What a write on an existing object must leave as it is. `errors` stands at `metadata`. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, errors: FieldErrors): void {
  validateWhatStays(meta, old, errors)
  if (meta.labels) validateLabels(meta.labels, errors.at('labels'))
  if (meta.annotations) validateAnnotations(meta.annotations, errors.at('annotations'))
  if (meta.ownerReferences) validateOwnerReferences(meta.ownerReferences, errors.at('ownerReferences'))
  if (meta.managedFields) validateManagedFields(meta.managedFields, errors.at('managedFields'))
}

function validateWhatStays(meta: ObjectMeta, old: ObjectMeta, errors: FieldErrors): void {
  if (old.deletionTimestamp) {
    const fresh = [...new Set((meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer)))].sort()
    if (fresh.length > 0) {
      const shown = `[]string{${fresh.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`
      errors.at('finalizers').forbidden(`no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`)
    }
  }
  if (!meta.resourceVersion) errors.at('resourceVersion').invalid('', 'must be specified for an update')
  if ((meta.generation ?? 0) < (old.generation ?? 0)) errors.at('generation').invalid(meta.generation ?? 0, 'must not be decremented')
  for (const field of constant) {
    if (same(meta[field], old[field])) continue
    errors.at(field).invalid(meta[field] ?? (field === 'deletionTimestamp' || field === 'deletionGracePeriodSeconds' ? null : ''), 'field is immutable')
  }
}

const same = (a: unknown, b: unknown): boolean => (a ?? '') === (b ?? '')

/** `errors` stands at the labels; keys are not part of the path, as in the original. */
export function validateLabels(labels: Readonly<Record<string, string>>, errors: FieldErrors): void {
  for (const key in labels) {
    for (const message of isQualifiedName(key)) errors.invalid(key, message)
    for (const message of isLabelValue(labels[key]!)) errors.invalid(labels[key], message)
  }
}

/** Keys are qualified names of either case; all together are limited in size. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, errors: FieldErrors): void {
  let bytes = 0
  for (const key in annotations) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.invalid(key, message)
    bytes += byteLength(key) + byteLength(annotations[key]!)
  }
  if (bytes > annotationBytes) errors.tooLong(annotationBytes)
}

export function validateFinalizers(finalizers: readonly string[], errors: FieldErrors): void {
  for (const finalizer of finalizers) for (const message of isQualifiedName(finalizer)) errors.invalid(finalizer, message)
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.invalid(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set')
  }
}

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

/** Of built-in kinds: what has no domain must be one of the few that always were. */
export function validateLegacyFinalizers(finalizers: readonly string[], errors: FieldErrors): void {
  for (const [i, finalizer] of finalizers.entries()) {
    if (!finalizer.includes('/') && !standardFinalizers.has(finalizer)) errors.at(i).invalid(finalizer, 'name is neither a standard finalizer name nor is it fully qualified')
  }
}

export function validateOwnerReferences(references: readonly OwnerReference[], errors: FieldErrors): void {
  let controller: string | undefined
  for (const reference of references) {
    validateOwnerReference(reference, errors)
    if (!reference.controller) continue
    const name = `${reference.kind}/${reference.name}`
    if (controller === undefined) controller = name
    else errors.invalid(references, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`)
  }
}

function validateOwnerReference(reference: OwnerReference, errors: FieldErrors): void {
  const { apiVersion, kind, name, uid } = reference
  // More than one slash is no group and version: the original reads none out of it.
  const parts = (apiVersion ?? '').split('/')
  const version = parts.length > 2 ? '' : parts.at(-1)!
  if (!version) errors.at('apiVersion').invalid(apiVersion ?? '', 'version must not be empty')
  if (!kind) errors.at('kind').invalid(kind ?? '', 'must not be empty')
  if (!name) errors.at('name').invalid(name ?? '', 'must not be empty')
  if (!uid) errors.at('uid').invalid(uid ?? '', 'must not be empty')
  if (apiVersion === 'v1' && kind === 'Event') errors.invalid(reference, '/v1, Kind=Event is disallowed from being an owner')
}

export function validateManagedFields(entries: readonly ManagedFieldsEntry[], errors: FieldErrors): void {
  entries.forEach(({ operation = '', fieldsType = '', manager = '', subresource = '' }, i) => {
    if (operation !== 'Apply' && operation !== 'Update') errors.at(i, 'operation').invalid(operation, 'must be `Apply` or `Update`')
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') errors.at(i, 'fieldsType').invalid(fieldsType, 'must be `FieldsV1`')
    if (manager !== '') validateFieldManager(manager, errors.at(i, 'manager'))
    if (byteLength(subresource) > subresourceBytes) errors.at(i, 'subresource').tooLong(subresourceBytes)
  })
}

/** The `fieldManager` of a request, too. */
export function validateFieldManager(manager: string, errors: FieldErrors): void {
  if (byteLength(manager) > managerBytes) errors.tooLong(managerBytes)
  let position = 0
  for (const character of manager) {
    // Go calls only the plain space printable among spaces.
    if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      errors.invalid(manager, `invalid character U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} (at position ${position})`)
    }
    position += byteLength(character)
  }
}
