// Volumes of a pod: names, and that each has exactly one source. Sources with more rules have files of their own.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { byteLength, isDns1123Subdomain } from '#apimachinery/names'
import { dnsLabel, dnsSubdomain, oneOf, optionalOneOf } from '../../field-checks'
import { validateTemplateMeta } from './template-meta-validation'
import { validateResourceFieldRef, validateFieldRef } from './env-validation'
import { legacyVolumeSources } from './legacy-volume-validation'
import { descendingAndFree, fileMode, noBacksteps } from './path-checks'
import { validateClaimSpec } from './persistent-volume-claim-validation'
import { validateProjected } from './projected-volume-validation'
import type { DownwardAPIVolumeFile, HostPathVolumeSource, ImageVolumeSource, KeyToPath, PodSpec, Volume } from './types'

/** Names of the volumes that are sound, for mounts to refer to; nothing when there are none. */
export function validateVolumes(volumes: readonly Volume[], meta: ObjectMeta | undefined, inPod: boolean, errors: FieldErrors): ReadonlyMap<string, Volume> {
  const sound = new Map<string, Volume>()
  for (let i = 0; i < volumes.length; i++) {
    const volume = volumes[i]!
    const at = errors.at(i)
    const before = errors.all.length
    validateSource(volume, meta, inPod, at)
    if (!volume.name) at.at('name').required()
    else dnsLabel(at, 'name', volume.name)
    if (sound.has(volume.name)) at.at('name').duplicate(volume.name)
    if (errors.all.length === before) sound.set(volume.name, volume)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim && meta?.name && volumes.some((other) => other.ephemeral && `${meta.name}-${other.name}` === claim)) {
      at.at('persistentVolumeClaim', 'claimName').invalid(claim, 'must not reference a PVC that gets created for an ephemeral volume')
    }
  }
  return sound
}

type Source = Exclude<keyof Volume, 'name'>
type Check<K extends Source> = (source: NonNullable<Volume[K]>, errors: FieldErrors) => void

const checks: { readonly [K in Source]?: Check<K> } = {
  hostPath: (source, errors) => validateHostPath(source, errors),
  ...legacyVolumeSources,
  secret(source, errors) {
    if (!source.secretName) errors.at('secretName').required()
    fileMode(errors, 'defaultMode', source.defaultMode)
    if (source.items) validateItems(source.items, errors.at('items'))
  },
  configMap(source, errors) {
    if (!source.name) errors.at('name').required()
    fileMode(errors, 'defaultMode', source.defaultMode)
    if (source.items) validateItems(source.items, errors.at('items'))
  },
  nfs(source, errors) {
    if (!source.server) errors.at('server').required()
    if (!source.path) errors.at('path').required()
    if (!source.path.startsWith('/')) errors.at('path').invalid(source.path, 'must be an absolute path')
  },
  persistentVolumeClaim(source, errors) {
    if (!source.claimName) errors.at('claimName').required()
  },
  downwardAPI(source, errors) {
    fileMode(errors, 'defaultMode', source.defaultMode)
    for (const file of source.items ?? []) validateDownwardFile(file, errors)
  },
  projected: validateProjected,
  csi(source, errors) {
    validateDriverName(source.driver, errors)
    const secret = source.nodePublishSecretRef
    if (secret && !secret.name) errors.at('nodePublishSecretRef', 'name').required()
    else if (secret) dnsSubdomain(errors, 'name', secret.name!)
  },
  ephemeral(source, errors) {
    if (!source.volumeClaimTemplate) return errors.at('volumeClaimTemplate').required()
    const at = errors.at('volumeClaimTemplate')
    validateTemplateMeta(source.volumeClaimTemplate.metadata, at.at('metadata'))
    validateClaimSpec(source.volumeClaimTemplate.spec, at.at('spec'))
  },
}

export function validateHostPath({ path, type }: HostPathVolumeSource, errors: FieldErrors): void {
  if (!path) return errors.at('path').required()
  noBacksteps(errors, 'path', path)
  optionalOneOf(errors, 'type', type, hostPathTypes)
}

/** What the original calls a field in its messages where that differs from the field's name. */
const reportedAs: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' }
const secondAs: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }
const sources: readonly Source[] = [
  'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cinder',
  'cephfs', 'quobyte', 'downwardAPI', 'fc', 'flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk',
  'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image',
]
const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

function validateSource(volume: Volume, meta: ObjectMeta | undefined, inPod: boolean, errors: FieldErrors): void {
  let count = 0
  if (volume.emptyDir) {
    count++
    if (volume.emptyDir.sizeLimit?.startsWith('-')) errors.at('emptyDir', 'sizeLimit').forbidden('SizeLimit field must be a valid resource quantity')
  }
  // The first in this order counts, whatever comes first in the object.
  for (const field of sources) {
    if (volume[field] === undefined) continue
    if (count > 0) errors.at(secondAs[field] ?? field).forbidden('may not specify more than 1 volume type')
    else {
      count++
      const check = checks[field] as ((source: unknown, errors: FieldErrors) => void) | undefined
      check?.(volume[field], errors.at(reportedAs[field] ?? field))
      if (field === 'image') validateImage(volume.image!, inPod, errors.at('image'))
      if (field === 'ephemeral' && meta?.name && volume.name) {
        const claim = `${meta.name}-${volume.name}`
        for (const message of isDns1123Subdomain(claim)) errors.at('name').invalid(volume.name, `PVC name ${JSON.stringify(claim)}: ${message}`)
      }
    }
    if (field === 'iscsi' && volume.iscsi!.initiatorName !== undefined && byteLength(`${volume.name}:${volume.iscsi!.targetPortal}`) > 64) {
      errors.at('name').invalid(volume.name, 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.')
    }
  }
  if (count === 0) errors.required('must specify a volume type')
}

function validateImage({ reference, pullPolicy }: ImageVolumeSource, inPod: boolean, errors: FieldErrors): void {
  if (inPod && !reference) errors.at('reference').required()
  oneOf(errors, 'pullPolicy', pullPolicy, ['Always', 'IfNotPresent', 'Never'])
}

export function validateItems(items: readonly KeyToPath[], errors: FieldErrors): void {
  for (let i = 0; i < items.length; i++) {
    const { key, path, mode } = items[i]!
    if (!key) errors.at(i, 'key').required()
    if (!path) errors.at(i, 'path').required()
    descendingAndFree(errors.at(i), 'path', path)
    fileMode(errors.at(i), 'mode', mode)
  }
}

const volumeFieldPaths = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

export function validateDownwardFile(file: DownwardAPIVolumeFile, errors: FieldErrors): void {
  if (!file.path) errors.at('path').required()
  descendingAndFree(errors, 'path', file.path)
  if (file.fieldRef) {
    validateFieldRef(file.fieldRef, volumeFieldPaths, errors.at('fieldRef'))
    if (file.resourceFieldRef) errors.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')
  } else if (file.resourceFieldRef) validateResourceFieldRef(file.resourceFieldRef, true, errors.at('resourceFieldRef'))
  else errors.required('one of fieldRef and resourceFieldRef is required')
  fileMode(errors, 'mode', file.mode)
}

export function validateDriverName(driver: string, errors: FieldErrors, field = 'driver'): void {
  if (!driver) return errors.at(field).required()
  if (driver.length > 63) errors.at(field).tooLong(63)
  for (const message of isDns1123Subdomain(driver.toLowerCase())) errors.at(field).invalid(driver, message)
}

/** Tokens are bound to a service account, so one must be named (admission names `default` before this is asked). */
export function validateTokensHaveAccount(spec: PodSpec, errors: FieldErrors): void {
  if (spec.serviceAccountName) return
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    for (const [j, source] of (volume.projected?.sources ?? []).entries()) {
      if (source.serviceAccountToken) {
        errors.at('volumes', i, 'projected', 'sources', j, 'serviceAccountToken').forbidden('must not be specified when serviceAccountName is not set')
      }
    }
  }
}
