import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn, wide } from '../../printing'
import { carryStatus } from '../../strategies'
import { claimSpecWarnings, validateClaimSpec, validateClaimStatus, validateClaimUpdate } from './persistent-volume-claim-validation'
import type { PersistentVolumeClaim, TypedLocalObjectReference } from './types'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentvolumeclaims = defineResource<PersistentVolumeClaim>({
  group: '', version: 'v1', kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', namespaced: true,
  shortNames: ['pvc'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PersistentVolumeClaim') } },
  subresources: {
    status: statusOnly({
      resetFields: [['spec']],
      validate: validateClaimStatus,
    }),
  },

  prepareForCreate(claim, context) {
    claim.status = { phase: 'Pending' }
    settleSource(claim, undefined, context)
  },
  prepareForUpdate(claim, old, context) {
    carryStatus(claim, old)
    settleSource(claim, old, context)
  },
  resetFields: [['status']],
  validate: ({ spec }, errors) => validateClaimSpec(spec, errors.at('spec')),
  validateUpdate: validateClaimUpdate,
  warnings({ metadata, spec }) {
    const found: string[] = []
    if (metadata.annotations?.[classAnnotation] !== undefined) found.push(`metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`)
    found.push(...claimSpecWarnings(spec, 'spec'))
    return found
  },

  columns: [
    nameColumn,
    column('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : status.phase ?? '')),
    column('Volume', ({ spec }) => spec.volumeName ?? ''),
    column('Capacity', ({ spec, status }) => (spec.volumeName ? status.capacity?.['storage'] ?? '0' : '')),
    column('Access Modes', ({ spec, status }) => (spec.volumeName ? accessModesText(status.accessModes) : '')),
    column('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? ''),
    column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    wide('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>'),
  ],
})

const isKnownSource = ({ apiGroup, kind }: TypedLocalObjectReference): boolean =>
  (!apiGroup && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot')

function settleSource(claim: PersistentVolumeClaim, old: PersistentVolumeClaim | undefined, { enabled }: Pick<WriteContext, 'enabled'>): void {
  const { spec } = claim
  if (spec.dataSourceRef?.namespace && !old?.spec.dataSourceRef && !enabled('CrossNamespaceVolumeDataSource')) delete spec.dataSourceRef
  // Older servers ignored what they knew no meaning for here, and clients rely on it.
  const inUse = old && (old.spec.dataSource || old.spec.dataSourceRef)
  if (!inUse && !spec.dataSourceRef && spec.dataSource && !isKnownSource(spec.dataSource)) delete spec.dataSource
  copySource(claim)
}

/** `dataSource` and `dataSourceRef` are one thing to readers, whichever of them was written. */
function copySource({ spec }: PersistentVolumeClaim): void {
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource }
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef
    spec.dataSource = { ...(apiGroup === undefined ? {} : { apiGroup }), kind, name }
  }
}

const short: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }

export function accessModesText(modes: readonly string[] = []): string {
  return Object.keys(short).filter((mode) => modes.includes(mode)).map((mode) => short[mode]).join(',')
}
