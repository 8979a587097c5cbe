import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength, inclusiveRangeError } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { validateDriverName } from '#api/core/v1/volume-validation'
import { validateInlineVolume } from '../../core/v1/persistent-volume'
import { dnsSubdomain } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { statusApart } from '../../strategies'
import type { VolumeAttachment } from './types'

const longestMetadata = 256 * 1024

export const volumeattachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', resource: 'volumeattachments', namespaced: false,
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttachment') } },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusWithoutMetadata({ metadataChecks: { whole: 1, update: 0 }, validate: (attachment, errors) => validateAttachment(attachment, errors) }),
  },

  ...statusApart<VolumeAttachment>(() => ({ attached: false })),
  validate: (attachment, errors) => validateAttachment(attachment, errors),
  validateUpdate({ spec }, old, errors) {
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid(internalSpec(spec), 'field is immutable')
  },
  columns: [
    nameColumn,
    { ...column('Attacher', ({ spec }) => spec.attacher), format: 'name' },
    column('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec.nodeName),
    { name: 'Attached', type: 'boolean', value: ({ status }) => status.attached },
    ageColumn,
  ],
})

/** As the original's messages show it, but for volumes that are not persistent ones. */
const internalSpec = ({ attacher, source, nodeName }: VolumeAttachment['spec']): unknown => ({
  Attacher: attacher, Source: { PersistentVolumeName: source.persistentVolumeName ?? null, InlineVolumeSpec: source.inlineVolumeSpec ?? null }, NodeName: nodeName,
})

function validateAttachment({ spec, status }: VolumeAttachment, errors: FieldErrors): void {
  const at = errors.at('spec')
  validateDriverName(spec.attacher, at, 'attacher')
  const { persistentVolumeName, inlineVolumeSpec } = spec.source
  const source = at.at('source')
  if (!inlineVolumeSpec && persistentVolumeName === undefined) source.required('must specify exactly one of inlineVolumeSpec and persistentVolumeName')
  else if (inlineVolumeSpec && persistentVolumeName !== undefined) source.forbidden('must specify exactly one of inlineVolumeSpec and persistentVolumeName')
  else if (persistentVolumeName === '') source.at('persistentVolumeName').required('must specify non empty persistentVolumeName')
  else if (inlineVolumeSpec) validateInlineVolume(inlineVolumeSpec, source.at('inlineVolumeSpec'))
  dnsSubdomain(at, 'nodeName', spec.nodeName)
  let size = 0
  for (const [key, value] of Object.entries(status.attachmentMetadata ?? {})) size += byteLength(key) + byteLength(value)
  if (size > longestMetadata) errors.at('status', 'attachmentMetadata').tooLong(longestMetadata)
  for (const field of ['attachError', 'detachError'] as const) {
    const { message = '', errorCode } = status[field] ?? {}
    // The limit that is told is not the one that is kept: so it is in the original.
    if (byteLength(message) > 1024) errors.at('status', field, 'message').tooLong(longestMetadata)
    if (errorCode !== undefined && errorCode < 0) errors.at('status', field, 'errorCode').invalid(errorCode, inclusiveRangeError(0, 2 ** 31 - 1))
  }
  if (persistentVolumeName !== undefined) dnsSubdomain(source, 'persistentVolumeName', persistentVolumeName)
}
