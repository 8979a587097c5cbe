// Sources that only reach storage through a CSI driver today, or through nothing any more: their own rules are few.
import type { FieldErrors } from '#apimachinery/field-errors'
import { dnsLabel, inRange, optionalOneOf } from '../../field-checks'
import { descending } from './path-checks'
import type { AzureDiskVolumeSource, FCVolumeSource, ISCSIVolumeSource, Volume } from './types'

type Checks = { readonly [K in Exclude<keyof Volume, 'name'>]?: (source: NonNullable<Volume[K]>, errors: FieldErrors) => void }

function need(errors: FieldErrors, source: object, ...fields: string[]): void {
  for (const field of fields) {
    const value = (source as Record<string, unknown>)[field]
    if (!value || (Array.isArray(value) && value.length === 0)) errors.at(field).required()
  }
}

function partition(errors: FieldErrors, value: number | undefined): void {
  if (value !== undefined && (value < 0 || value > 255)) errors.at('partition').invalid(value, 'must be between 1 and 255, inclusive')
}

export const legacyVolumeSources: Checks = {
  gitRepo(source, errors) {
    need(errors, source, 'repository')
    if (source.directory) descending(errors, 'directory', source.directory)
  },
  gcePersistentDisk(source, errors) {
    need(errors, source, 'pdName')
    partition(errors, source.partition)
  },
  awsElasticBlockStore(source, errors) {
    need(errors, source, 'volumeID')
    partition(errors, source.partition)
  },
  iscsi: (source, errors) => validateIscsi(source, errors),
  glusterfs: (source, errors) => need(errors, source, 'endpoints', 'path'),
  flocker(source, errors) {
    if (!source.datasetName && !source.datasetUUID) errors.required('one of datasetName and datasetUUID is required')
    if (source.datasetName && source.datasetUUID) errors.invalid('resource', 'datasetName and datasetUUID can not be specified simultaneously')
    if (source.datasetName?.includes('/')) errors.at('datasetName').invalid(source.datasetName, "must not contain '/'")
  },
  rbd: (source, errors) => need(errors, source, 'monitors', 'image'),
  cinder(source, errors) {
    need(errors, source, 'volumeID')
    if (source.secretRef && !source.secretRef.name) errors.at('secretRef', 'name').required()
  },
  cephfs: (source, errors) => need(errors, source, 'monitors'),
  quobyte(source, errors) {
    const pairs = 'must be a host:port pair or multiple pairs separated by commas'
    if (!source.registry) errors.at('registry').required(pairs)
    else if ((source.tenant?.length ?? 0) >= 65) errors.at('tenant').required('must be a UUID and may not exceed a length of 64 characters')
    else for (const pair of source.registry.split(',')) if (!/^[^:]*:[^:]*$/.test(pair)) errors.at('registry').invalid(source.registry, pairs)
    need(errors, source, 'volume')
  },
  fc: validateFibreChannel,
  flexVolume(source, errors) {
    need(errors, source, 'driver')
    for (const key in source.options) {
      const domain = `.${key.split('/')[0]!.toLowerCase()}`
      if (domain.endsWith('.kubernetes.io') || domain.endsWith('.k8s.io')) {
        errors.at('options').key(key).invalid(key, 'kubernetes.io and k8s.io namespaces are reserved')
      }
    }
  },
  azureFile: (source, errors) => need(errors, source, 'secretName', 'shareName'),
  vsphereVolume: (source, errors) => need(errors, source, 'volumePath'),
  photonPersistentDisk: (source, errors) => need(errors, source, 'pdID'),
  portworxVolume: (source, errors) => need(errors, source, 'volumeID'),
  azureDisk: validateAzureDisk,
  storageos(source, errors) {
    if (!source.volumeName) errors.at('volumeName').required()
    else dnsLabel(errors, 'volumeName', source.volumeName)
    if (source.volumeNamespace) dnsLabel(errors, 'volumeNamespace', source.volumeNamespace)
    if (source.secretRef && !source.secretRef.name) errors.at('secretRef', 'name').required()
  },
  scaleIO: (source, errors) => need(errors, source, 'gateway', 'system', 'volumeName'),
}

const iscsiName = /^(iqn\.\d{4}-\d{2}\.([0-9a-zA-Z]+(-[0-9a-zA-Z]+)*\.?)+(:.+)?|eui\.[0-9a-fA-F]{16}|naa\.[0-9a-fA-F]{32})$/

function validateIscsiName(name: string, field: string, unknown: string, errors: FieldErrors): void {
  if (!/^(iqn|eui|naa)/.test(name)) errors.at(field).invalid(name, unknown)
  else if (!iscsiName.test(name)) errors.at(field).invalid(name, 'must be valid format')
}

/** `unknown`: what is said of a name of none of the sorts. */
export function validateIscsi(source: Omit<ISCSIVolumeSource, 'secretRef'> & { secretRef?: object }, errors: FieldErrors, unknown = 'must be valid format starting with iqn, eui, or naa'): void {
  need(errors, source, 'targetPortal', 'iqn')
  if (source.iqn) validateIscsiName(source.iqn, 'iqn', unknown, errors)
  inRange(errors, 'lun', source.lun, 0, 255)
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.at('secretRef').required()
  if (source.initiatorName !== undefined) validateIscsiName(source.initiatorName, 'initiatorname', unknown, errors)
}

function validateFibreChannel(source: FCVolumeSource, errors: FieldErrors): void {
  const { targetWWNs = [], wwids = [], lun } = source
  if (targetWWNs.length === 0 && wwids.length === 0) errors.at('targetWWNs').required('must specify either targetWWNs or wwids, but not both')
  if (targetWWNs.length > 0 && wwids.length > 0) errors.at('targetWWNs').invalid(targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')
  if (targetWWNs.length === 0) return
  if (lun === undefined) errors.at('lun').required('lun is required if targetWWNs is specified')
  else inRange(errors, 'lun', lun, 0, 255)
}

function validateAzureDisk(source: AzureDiskVolumeSource, errors: FieldErrors): void {
  need(errors, source, 'diskName', 'diskURI')
  optionalOneOf(errors, 'cachingMode', source.cachingMode, ['None', 'ReadOnly', 'ReadWrite'])
  optionalOneOf(errors, 'kind', source.kind, ['Dedicated', 'Managed', 'Shared'])
  if (source.kind === 'Managed' && !source.diskURI.startsWith('/subscriptions/')) {
    errors.at('diskURI').notSupported(source.diskURI, ['/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'])
  } else if (source.kind && source.kind !== 'Managed' && !source.diskURI.startsWith('https://')) {
    errors.at('diskURI').notSupported(source.diskURI, ['https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'])
  }
}
