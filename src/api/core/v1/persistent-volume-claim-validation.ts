import type { FieldErrors } from '#apimachinery/field-errors'
import { canonicalQuantity, compareQuantities, quantitySign } from '#apimachinery/quantity'
import { dnsLabel, dnsSubdomain, labelSelector, optionalOneOf } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { specDifference } from './spec-difference'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, TypedLocalObjectReference, TypedObjectReference } from './types'

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes = ['Block', 'Filesystem']

export function validateAccessModes(modes: readonly string[], errors: FieldErrors): void {
  for (const mode of modes) if (!accessModes.includes(mode)) errors.notSupported(mode, accessModes)
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.forbidden('may not use ReadWriteOncePod with other access modes')
  }
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, errors: FieldErrors): void {
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.at('accessModes').required('at least 1 access mode is required')
  labelSelector(errors, 'selector', spec.selector)
  validateAccessModes(modes, errors.at('accessModes'))
  const storage = spec.resources?.requests?.['storage']
  if (storage === undefined) errors.at('resources').key('storage').required()
  else if (quantitySign(storage) <= 0) errors.at('resources').key('storage').invalid(canonicalQuantity(storage), 'must be greater than zero')
  if (spec.storageClassName) dnsSubdomain(errors, 'storageClassName', spec.storageClassName)
  optionalOneOf(errors, 'volumeMode', spec.volumeMode, volumeModes)
  if (spec.dataSource) validateSource(spec.dataSource, errors.at('dataSource'))
  if (spec.dataSourceRef) validateSourceRef(spec.dataSourceRef, errors.at('dataSourceRef'))
  if (spec.dataSourceRef?.namespace && spec.dataSource) {
    errors.at('dataSource').invalid(spec.dataSource, 'may not be specified when dataSourceRef.namespace is specified')
  } else if (spec.dataSource && spec.dataSourceRef && !sameSource(spec.dataSource, spec.dataSourceRef)) {
    errors.at('dataSource').invalid(spec.dataSource, 'must match dataSourceRef')
  }
  if (spec.volumeAttributesClassName) dnsSubdomain(errors, 'volumeAttributesClassName', spec.volumeAttributesClassName)
}

const sameSource = (a: TypedLocalObjectReference, b: TypedObjectReference): boolean => a.kind === b.kind && a.name === b.name && (a.apiGroup ?? '') === (b.apiGroup ?? '')

function validateSource({ name, kind, apiGroup }: TypedLocalObjectReference, errors: FieldErrors): void {
  if (!name) errors.at('name').required()
  if (!kind) errors.at('kind').required()
  if (!apiGroup && kind !== 'PersistentVolumeClaim') errors.invalid(kind, 'must be \'PersistentVolumeClaim\' when referencing the default apiGroup')
  if (apiGroup) dnsSubdomain(errors, 'apiGroup', apiGroup)
}

function validateSourceRef(reference: TypedObjectReference, errors: FieldErrors): void {
  validateSource(reference, errors)
  if (reference.namespace) dnsLabel(errors, 'namespace', reference.namespace)
}

/** As Go prints its internal structure, which is what the original shows a difference of. */
function inGo(spec: Partial<PersistentVolumeClaimSpec>): unknown {
  const { selector, resources, dataSource, dataSourceRef } = spec
  return {
    AccessModes: spec.accessModes ?? null,
    Selector: selector ?? null,
    Resources: { Limits: resources?.limits ?? null, Requests: resources?.requests ?? null },
    VolumeName: spec.volumeName ?? '',
    StorageClassName: spec.storageClassName ?? null,
    VolumeMode: spec.volumeMode ?? null,
    DataSource: dataSource ? { APIGroup: dataSource.apiGroup ?? null, Kind: dataSource.kind, Name: dataSource.name } : null,
    DataSourceRef: dataSourceRef
      ? { APIGroup: dataSourceRef.apiGroup ?? null, Kind: dataSourceRef.kind, Name: dataSourceRef.name, Namespace: dataSourceRef.namespace ?? null }
      : null,
    VolumeAttributesClassName: spec.volumeAttributesClassName ?? null,
  }
}

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldErrors): void {
  const at = errors.at('spec')
  const bound = old.status.phase === 'Bound'
  const now = { ...claim.spec }
  // The binder writes the volume's name once, and admission the default class where none was named.
  if (!old.spec.volumeName && now.volumeName) delete now.volumeName
  const before = { ...old.spec }
  if (now.storageClassName !== before.storageClassName && before.storageClassName === undefined) delete now.storageClassName
  const size = now.resources?.requests?.['storage']
  const oldSize = before.resources?.requests?.['storage']
  if (bound) {
    now.resources = { ...now.resources, requests: { ...now.resources?.requests, ...(oldSize === undefined ? {} : { storage: oldSize }) } }
    delete now.volumeAttributesClassName
    delete before.volumeAttributesClassName
  }
  if (!semanticallyEqual(now, before)) {
    at.forbidden(`spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${specDifference(inGo(before), inGo(now))}`)
  }
  if (!bound || size === undefined || oldSize === undefined) return
  const allocated = old.status.capacity?.['storage']
  if (compareQuantities(size, oldSize) < 0 && (allocated === undefined || compareQuantities(size, allocated) <= 0)) {
    at.at('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity')
  }
}
