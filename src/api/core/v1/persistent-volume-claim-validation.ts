import type { FieldErrors } from '#apimachinery/field-errors'
import { canonicalQuantity, compareQuantities, quantityMilliValue, quantitySign } from '#apimachinery/quantity'
import { dnsLabel, dnsSubdomain, labelSelector, optionalOneOf } from '../../field-checks'
import { isQualifiedName } from '#apimachinery/names'
import { immutable } from '../../strategies'
import { semanticallyEqual } from '../../semantic-equality'
import { isNative } from './resource-names'
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
    // The original shows nothing of the source here.
    errors.invalid({}, 'may not be specified when dataSourceRef.namespace is specified')
  } else if (spec.dataSource && spec.dataSourceRef && !sameSource(spec.dataSource, spec.dataSourceRef)) {
    errors.invalid({}, 'must match dataSourceRef')
  }
  if (spec.volumeAttributesClassName) dnsSubdomain(errors, 'volumeAttributesClassName', spec.volumeAttributesClassName)
}

const sameSource = (a: TypedLocalObjectReference, b: TypedObjectReference): boolean => a.kind === b.kind && a.name === b.name && (a.apiGroup ?? null) === (b.apiGroup ?? null)

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

/** `path` names the spec. */
export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (['requests', 'limits'] as const).flatMap((sort) => {
    const storage = resources?.[sort]?.['storage']
    if (storage === undefined || quantityMilliValue(storage) % 1000 === 0) return []
    return [`${path}.resources.${sort}[storage]: fractional byte value ${JSON.stringify(canonicalQuantity(storage))} is invalid, must be an integer`]
  })
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
  if (compareQuantities(size ?? '0', oldSize ?? '0') < 0 && compareQuantities(size ?? '0', old.status.capacity?.['storage'] ?? '0') <= 0) {
    at.at('resources', 'requests', 'storage').forbidden('field can not be less than status.capacity')
  }
  immutable(errors, 'volumeMode', claim.spec.volumeMode, old.spec.volumeMode)
  if (old.status.currentVolumeAttributesClassName === undefined || claim.spec.volumeAttributesClassName) return
  const wanted = claim.spec.volumeAttributesClassName === undefined ? 'nil' : 'empty string'
  if (claim.spec.volumeAttributesClassName !== old.spec.volumeAttributesClassName) {
    at.at('volumeAttributesClassName').forbidden(`update to ${wanted} is forbidden when status.currentVolumeAttributesClassName is not nil`)
  }
}

const resizeStatuses = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending']

export function validateClaimStatus({ spec, status }: PersistentVolumeClaim, errors: FieldErrors): void {
  // The path is the original's.
  if (!spec.accessModes?.length) errors.at('Spec', 'accessModes').required()
  const at = errors.at('status')
  const notBelowZero = (list: 'capacity' | 'allocatedResources', name: string, amount: string): void => {
    if (quantitySign(amount) < 0) at.at(list).key(name).invalid(Number.isNaN(Number(amount)) ? amount : Number(amount), 'must be a valid resource quantity')
  }
  for (const [name, amount] of Object.entries(status.capacity ?? {})) notBelowZero('capacity', name, amount)
  for (const [name, value] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    resizable(name, at.at('allocatedResourceStatuses'))
    if (!resizeStatuses.includes(value)) at.at('allocatedResourceStatuses').notSupported(name, resizeStatuses)
  }
  for (const [name, amount] of Object.entries(status.allocatedResources ?? {})) if (resizable(name, at.at('allocatedResources'))) notBelowZero('allocatedResources', name, amount)
}

/** Whether the resource is one that a claim can have more of. */
function resizable(name: string, errors: FieldErrors): boolean {
  const messages = isQualifiedName(name)
  for (const message of messages) errors.invalid(name, message)
  if (messages.length > 0) return false
  if (name === 'storage' || !isNative(name)) return true
  errors.notSupported(name, ['storage'])
  return false
}
