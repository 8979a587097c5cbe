import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { validateDriverName } from '#api/core/v1/volume-validation'
import { dnsSubdomain } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { statusApart, immutable } from '../../strategies'
import type { VolumeAttachment } from './types'

export const volumeattachments = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', resource: 'volumeattachments', namespaced: false,
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'VolumeAttachment') } },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly(),
  },

  ...statusApart<VolumeAttachment>(() => ({ attached: false })),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    validateDriverName(spec.attacher, at, 'attacher')
    const { persistentVolumeName, inlineVolumeSpec } = spec.source
    if (inlineVolumeSpec && persistentVolumeName !== undefined) at.at('source').forbidden('must specify exactly one of inlineVolumeSpec and persistentVolumeName')
    else if (!inlineVolumeSpec && !persistentVolumeName) at.at('source').required('must specify exactly one of inlineVolumeSpec and persistentVolumeName')
    else if (persistentVolumeName !== undefined) dnsSubdomain(at.at('source'), 'persistentVolumeName', persistentVolumeName)
    dnsSubdomain(at, 'nodeName', spec.nodeName)
  },
  validateUpdate: (attachment, old, errors) => immutable(errors, 'spec', attachment.spec, old.spec),
  columns: [
    nameColumn,
    { ...column('Attacher', ({ spec }) => spec.attacher), format: 'name' },
    column('PV', ({ spec }) => spec.source.persistentVolumeName ?? ''),
    column('Node', ({ spec }) => spec.nodeName),
    { name: 'Attached', type: 'boolean', value: ({ status }) => status.attached },
    ageColumn,
  ],
})
