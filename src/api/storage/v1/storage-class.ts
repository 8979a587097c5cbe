import { isQualifiedName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { optionalOneOf, qualifiedName, report } from '../../field-checks'
import { deprecatedNodeLabel } from '../../node-label-warnings'
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
    else report(errors, 'provisioner', storage.provisioner.toLowerCase(), isQualifiedName(storage.provisioner.toLowerCase()))
    validateParameters(storage.parameters, errors)
    if (storage.reclaimPolicy) optionalOneOf(errors, 'reclaimPolicy', storage.reclaimPolicy, ['Delete', 'Retain'])
    optionalOneOf(errors, 'volumeBindingMode', storage.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'])
    const terms: string[] = []
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
      // An empty term is told once for each term, since the original compares it with as many that it never filled.
      const term = termText(matchLabelExpressions)
      const same = terms.filter((other) => other === term).length + (matchLabelExpressions.length === 0 ? storage.allowedTopologies!.length : 0)
      for (let told = 0; told < same; told++) errors.at('allowedTopologies', i, 'matchLabelExpressions').duplicate('')
      terms.push(term)
    }
  },
  validateUpdate(storage, old, errors) {
    if (!semanticallyEqual(storage.parameters ?? {}, old.parameters ?? {})) errors.at('parameters').invalid(storage.parameters ? sortedByKey(storage.parameters) : null, 'field is immutable')
    immutable(errors, 'provisioner', storage.provisioner, old.provisioner)
    immutable(errors, 'reclaimPolicy', storage.reclaimPolicy, old.reclaimPolicy)
    immutable(errors, 'volumeBindingMode', storage.volumeBindingMode, old.volumeBindingMode)
  },
  warnings: ({ allowedTopologies }) =>
    (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, i) =>
      (matchLabelExpressions ?? []).flatMap(({ key }, j) => {
        const text = deprecatedNodeLabel(key)
        return text === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${text}`]
      }),
    ),

  columns: [
    { ...nameColumn, value: ({ metadata }) => (isDefault(metadata.annotations) ? `${metadata.name} (default)` : metadata.name) },
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
})

/** Terms that say the same in another order are the same. */
const termText = (expressions: readonly { key: string; values: readonly string[] }[]): string =>
  JSON.stringify(expressions.map(({ key, values }) => [key, [...new Set(values)].sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1)))

const isDefault = (annotations: Readonly<Record<string, string>> = {}): boolean =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' || annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

/** Also of volume attributes classes. */
export function validateParameters(parameters: Readonly<Record<string, string>> | undefined, errors: FieldErrors, needed = false): void {
  const keys = Object.keys(parameters ?? {})
  if (keys.length > 512) return errors.at('parameters').tooLong(512)
  let size = 0
  for (const key of keys) {
    if (key === '') errors.at('parameters').invalid('', 'field can not be empty.')
    size += key.length + parameters![key]!.length
  }
  if (size > 256 * 1024) errors.at('parameters').tooLong(256 * 1024)
  if (keys.length === 0 && needed) errors.at('parameters').required('must contain at least one key/value pair')
}

const sortedByKey = (map: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
