import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { canonicalQuantity, quantitySign } from '#apimachinery/quantity'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { dnsLabel, dnsSubdomain, optionalOneOf } from '../../field-checks'
import { ageColumn, column, nameColumn, wide } from '../../printing'
import { nodeTermWarnings } from '../../node-label-warnings'
import { semanticallyEqual } from '../../semantic-equality'
import { carryStatus, immutable } from '../../strategies'
import { termInGo, validateNodeSelector } from './affinity-validation'
import { legacyVolumeSources, validateIscsi } from './legacy-volume-validation'
import { noBacksteps } from './path-checks'
import { accessModesText } from './persistent-volume-claim'
import { validateAccessModes, volumeModes } from './persistent-volume-claim-validation'
import { specDifference } from './spec-difference'
import { validateDriverName, validateHostPath } from './volume-validation'
import type { CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeSpec, SecretReference } from './types'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'
const mountOptions = 'volume.beta.kubernetes.io/mount-options'
const takesMountOptions = new Set<string>([
  'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi', 'cinder', 'cephfs', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk',
])
const deprecatedSources: readonly [source: keyof PersistentVolumeSpec, shown: string, text: string][] = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'], ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'], ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'], ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]
const reclaimPolicies = ['Delete', 'Recycle', 'Retain']

export const persistentvolumes = defineResource<PersistentVolume>({
  group: '', version: 'v1', kind: 'PersistentVolume', resource: 'persistentvolumes', namespaced: false,
  shortNames: ['pv'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PersistentVolume') } },
  metadataChecks: { whole: 2, update: 0 },
  subresources: {
    status: statusOnly({
      prepareForUpdate({ status }, { status: old }, { now }) {
        const { lastPhaseTransitionTime: given } = status
        if (status.phase === old.phase) {
          if (given === undefined && old.lastPhaseTransitionTime !== undefined) status.lastPhaseTransitionTime = old.lastPhaseTransitionTime
        } else if (given === undefined || given === old.lastPhaseTransitionTime) status.lastPhaseTransitionTime = now
      },
    }),
  },

  prepareForCreate(volume, { now }) {
    volume.status = { phase: 'Pending', lastPhaseTransitionTime: now }
  },
  prepareForUpdate: carryStatus,
  resetFields: [['status']],
  validate: validateVolume,
  validateUpdate(volume, old, errors) {
    // The original looks twice at a volume that changes, and so tells twice what is wrong with it.
    validateVolume(volume, errors)
    const source = (spec: PersistentVolumeSpec): object => Object.fromEntries(sourcesOf(spec).map((field) => [field, spec[field]]))
    const mayExpandNow = old.spec.csi && !old.spec.csi.controllerExpandSecretRef && volume.spec.csi?.controllerExpandSecretRef
    const { controllerExpandSecretRef: _added, ...csi } = volume.spec.csi ?? {}
    const [now, before] = [source(mayExpandNow ? { ...volume.spec, csi: csi as CSIPersistentVolumeSource } : volume.spec), source(old.spec)]
    if (!semanticallyEqual(now, before)) {
      errors.at('spec', 'persistentvolumesource').forbidden(`spec.persistentvolumesource is immutable after creation\n${specDifference(before, now)}`)
    }
    // Both paths are those of the original.
    immutable(errors, 'volumeMode', volume.spec.volumeMode, old.spec.volumeMode)
    if (old.spec.nodeAffinity && !semanticallyEqual(withCurrentLabels(volume.spec.nodeAffinity), withCurrentLabels(old.spec.nodeAffinity))) {
      const { required } = volume.spec.nodeAffinity ?? {}
      const shown = volume.spec.nodeAffinity ? { Required: required ? { NodeSelectorTerms: (required.nodeSelectorTerms ?? []).map(termInGo) } : null } : null
      errors.at('nodeAffinity').invalid(shown, 'field is immutable, except for updating from beta label to GA')
    }
    if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
      errors.at('spec', 'volumeAttributesClassName').forbidden('update from non-nil value to nil is forbidden')
    }
  },
  warnings({ metadata, spec }) {
    const found: string[] = []
    if (metadata.annotations?.[classAnnotation] !== undefined) found.push(`metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`)
    if (metadata.annotations?.[mountOptions] !== undefined) found.push(`metadata.annotations[${mountOptions}]: deprecated since v1.31; use "mountOptions" attribute instead`)
    if (spec.persistentVolumeReclaimPolicy === 'Recycle') found.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
    for (const [i, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) found.push(...nodeTermWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, term))
    for (const [source, shown, text] of deprecatedSources) if (spec[source]) found.push(`spec.${shown}: ${text}`)
    return found
  },

  columns: [
    nameColumn,
    column('Capacity', ({ spec }) => spec.capacity?.['storage'] ?? '0'),
    column('Access Modes', ({ spec }) => accessModesText(spec.accessModes)),
    column('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy),
    column('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : status.phase)),
    column('Claim', ({ spec }) => (spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '')),
    column('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''),
    column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    column('Reason', ({ status }) => status.reason ?? ''),
    ageColumn,
    wide('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>'),
  ],
})

const notSources = new Set<string>([
  'capacity', 'accessModes', 'claimRef', 'persistentVolumeReclaimPolicy', 'storageClassName', 'mountOptions', 'volumeMode', 'nodeAffinity', 'volumeAttributesClassName',
])
const sourcesOf = (spec: PersistentVolumeSpec): (keyof PersistentVolumeSpec)[] => (Object.keys(spec) as (keyof PersistentVolumeSpec)[]).filter((field) => !notSources.has(field))

const currentLabels: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os', 'beta.kubernetes.io/arch': 'kubernetes.io/arch', 'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** A label of nodes may be written by its present name. */
function withCurrentLabels(affinity: PersistentVolumeSpec['nodeAffinity']): unknown {
  const rename = <T extends { key: string }>(requirements: readonly T[] | undefined): T[] => (requirements ?? []).map((one) => ({ ...one, key: currentLabels[one.key] ?? one.key }))
  return affinity?.required ? { required: { nodeSelectorTerms: (affinity.required.nodeSelectorTerms ?? []).map((term) => ({ ...term, matchExpressions: rename(term.matchExpressions) })) } } : affinity
}

/** Of a volume inside an attachment: what it says beside its driver belongs to volumes with a name. */
export function validateInlineVolume(spec: PersistentVolumeSpec, errors: FieldErrors): void {
  const inline = 'in the context of inline volumes'
  for (const field of ['claimRef', 'capacity'] as const) if (Object.keys(spec[field] ?? {}).length > 0) errors.at(field).forbidden(`may not be specified ${inline}`)
  if (!spec.csi) errors.at('csi').required(`has to be specified ${inline}`)
  validateModes(spec, errors)
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && policy !== 'Retain') errors.at('persistentVolumeReclaimPolicy').forbidden(`may only be Retain ${inline}`)
  if (spec.nodeAffinity) errors.at('nodeAffinity').forbidden(`may not be specified ${inline}`)
  validateSources(spec, '', errors)
  if (spec.storageClassName) errors.at('storageClassName').forbidden(`may not be specified ${inline}`)
  if (spec.volumeMode !== undefined && spec.volumeMode !== 'Filesystem') errors.at('volumeMode').forbidden(`may not specify volumeMode other than Filesystem ${inline}`)
  validateAttributesClass(spec, errors)
}

function validateVolume({ spec, metadata }: PersistentVolume, errors: FieldErrors): void {
  validateVolumeSpec(spec, metadata.name, errors.at('spec'))
  if (metadata.annotations?.[mountOptions] !== undefined && !sourcesOf(spec).some((source) => takesMountOptions.has(source))) {
    errors.at('metadata', 'annotations', mountOptions).forbidden('may not specify mount options for this volume type')
  }
}

function validateVolumeSpec(spec: PersistentVolumeSpec, name: string, errors: FieldErrors): void {
  validateModes(spec, errors)
  validateCapacity(spec.capacity, errors.at('capacity'))
  optionalOneOf(errors, 'persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, reclaimPolicies)
  if (spec.nodeAffinity) {
    if (spec.nodeAffinity.required) validateNodeSelector(spec.nodeAffinity.required, errors.at('nodeAffinity', 'required'))
    else errors.at('nodeAffinity', 'required').required('must specify required node constraints')
  }
  validateSources(spec, name, errors)
  if (spec.storageClassName) dnsSubdomain(errors, 'storageClassName', spec.storageClassName)
  optionalOneOf(errors, 'volumeMode', spec.volumeMode, volumeModes)
  validateAttributesClass(spec, errors)
}

function validateModes({ accessModes: modes = [] }: PersistentVolumeSpec, errors: FieldErrors): void {
  if (modes.length === 0) errors.at('accessModes').required()
  validateAccessModes(modes, errors.at('accessModes'))
}

/** The first in this order counts, whatever comes first in the object. */
const sourceOrder: readonly (keyof PersistentVolumeSpec)[] = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume', 'azureFile',
  'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
]

function validateSources(spec: PersistentVolumeSpec, name: string, errors: FieldErrors): void {
  const sources = sourceOrder.filter((field) => spec[field] !== undefined)
  for (const [i, field] of sources.entries()) {
    // A flexVolume was never told that it is one too many.
    if (i === 0 || field === 'flexVolume') validateSource(field, spec, name, errors)
    else errors.at(field === 'cephfs' ? 'cephFS' : field).forbidden('may not specify more than 1 volume type')
  }
  if (spec.hostPath && /^\/+(\.?\/)*\.?$/.test(spec.hostPath.path) && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.at('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'")
  }
  if (sources.length === 0) errors.required('must specify a volume type')
}

function validateAttributesClass(spec: PersistentVolumeSpec, errors: FieldErrors): void {
  if (spec.volumeAttributesClassName !== undefined) {
    if (spec.volumeAttributesClassName === '') errors.at('volumeAttributesClassName').required('an empty string is disallowed')
    else dnsSubdomain(errors, 'volumeAttributesClassName', spec.volumeAttributesClassName)
    if (!spec.csi) errors.at('csi').required('has to be specified when using volumeAttributesClassName')
  }
}

function validateCapacity(capacity: Readonly<Record<string, string>> | undefined, errors: FieldErrors): void {
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.required()
  if (names.length !== 1 || names[0] !== 'storage') errors.notSupported(capacity ?? null, ['storage'])
  for (const name of names) {
    const amount = capacity![name]!
    if (quantitySign(amount) < 0) errors.key(name).invalid(Number.isNaN(Number(amount)) ? amount : Number(amount), 'must be a valid resource quantity')
    if (quantitySign(amount) <= 0) errors.key(name).invalid(canonicalQuantity(amount), 'must be greater than zero')
  }
}

function validateSource(field: keyof PersistentVolumeSpec, spec: PersistentVolumeSpec, name: string, errors: FieldErrors): void {
  const at = errors.at(field === 'gcePersistentDisk' ? 'persistentDisk' : field)
  if (field === 'csi') return validateCsi(spec.csi!, at)
  if (field === 'local') {
    if (!spec.local!.path) at.at('path').required()
    else noBacksteps(at, 'path', spec.local!.path)
    if (!spec.nodeAffinity) errors.at('nodeAffinity').required('Local volume requires node affinity')
  } else if (field === 'hostPath') {
    validateHostPath(spec.hostPath!, at)
  } else if (field === 'iscsi') {
    const { targetPortal, initiatorName } = spec.iscsi!
    if (initiatorName !== undefined && byteLength(`${name}:${targetPortal}`) > 64) {
      at.at('targetportal').invalid(targetPortal, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.')
    }
    validateIscsi(spec.iscsi!, at, 'must be valid format')
    if (spec.iscsi!.secretRef && !spec.iscsi!.secretRef.name) at.at('secretRef', 'name').required()
  } else if (field === 'nfs') {
    const { server, path } = spec.nfs!
    if (!server) at.at('server').required()
    if (!path) at.at('path').required()
    if (!path.startsWith('/')) at.at('path').invalid(path, 'must be an absolute path')
  } else {
    const checks = legacyVolumeSources as Readonly<Record<string, (source: unknown, errors: FieldErrors) => void>>
    checks[field]?.(spec[field], at)
    validateNamespaces(field, spec, at)
  }
}

/** What a volume of the whole cluster refers to needs a namespace. */
function validateNamespaces(field: keyof PersistentVolumeSpec, { glusterfs, azureFile, cinder, storageos }: PersistentVolumeSpec, errors: FieldErrors): void {
  if (field === 'glusterfs' && glusterfs?.endpointsNamespace !== undefined) {
    const namespace = glusterfs.endpointsNamespace
    if (namespace === '') errors.at('endpointsNamespace').invalid('', 'if the endpointnamespace is set, it must be a valid namespace name')
    else dnsLabel(errors, 'endpointsNamespace', namespace)
  }
  if (field === 'azureFile' && azureFile?.secretNamespace === '') errors.at('secretNamespace').required()
  const secret = field === 'cinder' ? cinder?.secretRef : field === 'storageos' ? storageos?.secretRef : undefined
  if (secret && !secret.namespace) errors.at('secretRef', 'namespace').required()
}

function validateCsi(csi: CSIPersistentVolumeSource, errors: FieldErrors): void {
  validateDriverName(csi.driver, errors)
  if (!csi.volumeHandle) errors.at('volumeHandle').required()
  for (const field of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef'] as const) {
    const reference: SecretReference | undefined = csi[field]
    if (!reference) continue
    if (!reference.name) errors.at(field, 'name').required()
    else dnsSubdomain(errors.at(field), 'name', reference.name)
    if (!reference.namespace) errors.at(field, 'namespace').required()
    else dnsLabel(errors.at(field), 'namespace', reference.namespace)
  }
}
