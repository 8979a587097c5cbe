import { isQualifiedName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { oneOf, qualifiedName, report } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable } from '../../strategies'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { StorageClass } from './types'

export const storageclasses = defineResource<StorageClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', resource: 'storageclasses', namespaced: false,
  shortNames: ['sc'],
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'StorageClass') } },

  validate(storage, errors) {
    if (!storage.provisioner) errors.at('provisioner').required()
    else report(errors, 'provisioner', storage.provisioner, isQualifiedName(storage.provisioner.toLowerCase()))
    validateParameters(storage.parameters, errors)
    oneOf(errors, 'reclaimPolicy', storage.reclaimPolicy, ['Delete', 'Retain'])
    oneOf(errors, 'volumeBindingMode', storage.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'])
    for (const [i, { matchLabelExpressions = [] }] of (storage.allowedTopologies ?? []).entries()) {
      const keys = new Set<string>()
      for (const [j, { key, values }] of matchLabelExpressions.entries()) {
        const at = errors.at('allowedTopologies', i, 'matchLabelExpressions', j)
        if (!values?.length) at.at('values').required()
        for (const [k, value] of (values ?? []).entries()) if (values.indexOf(value) < k) at.at('values', k).duplicate(value)
        qualifiedName(at, 'key', key)
        if (keys.has(key)) at.at('key').duplicate(key)
        keys.add(key)
      }
    }
  },
  validateUpdate(storage, old, errors) {
    if (!semanticallyEqual(storage.parameters ?? {}, old.parameters ?? {})) errors.at('parameters').forbidden('updates to parameters are forbidden.')
    if (storage.provisioner !== old.provisioner) errors.at('provisioner').forbidden('updates to provisioner are forbidden.')
    if (storage.reclaimPolicy !== old.reclaimPolicy) errors.at('reclaimPolicy').forbidden('updates to reclaimPolicy are forbidden.')
    immutable(errors, 'volumeBindingMode', storage.volumeBindingMode, old.volumeBindingMode)
  },

  columns: [
    { ...nameColumn, value: ({ metadata }) => (isDefault(metadata.annotations) ? `${metadata.name} (default)` : metadata.name) },
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
})

const isDefault = (annotations: Readonly<Record<string, string>> = {}): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

/** Also of volume attributes classes. */
export function validateParameters(parameters: Readonly<Record<string, string>> | undefined, errors: FieldErrors, needed = false): void {
  const keys = Object.keys(parameters ?? {})
  if (keys.length === 0 && needed) return errors.at('parameters').required('must contain at least one key/value pair')
  if (keys.length > 512) return errors.at('parameters').tooLong(512)
  let size = 0
  for (const key of keys) {
    if (key === '') errors.at('parameters').invalid('', 'field can not be empty.')
    size += key.length + parameters![key]!.length
  }
  if (size > 256 * 1024) errors.at('parameters').tooLong(256 * 1024)
}
