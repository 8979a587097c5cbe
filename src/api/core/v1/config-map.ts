import type { FieldErrors } from '#apimachinery/field-errors'
import { isConfigMapKey } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import type { ConfigMap } from './types'

/** Of one secret or config map, decoded. */
export const maxDataBytes = 1024 * 1024

export const configmaps = defineResource<ConfigMap>({
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', namespaced: true,
  shortNames: ['cm'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ConfigMap') } },

  validate({ data, binaryData }, errors) {
    let size = 0
    for (const key in data) {
      checkKey(errors, 'data', key)
      if (binaryData?.[key] !== undefined) errors.at('data').key(key).invalid(key, 'duplicate of key present in binaryData')
      size += data[key]!.length
    }
    for (const key in binaryData) {
      checkKey(errors, 'binaryData', key)
      size += decodedLength(binaryData[key]!)
    }
    if (size > maxDataBytes) errors.at('').tooLong(maxDataBytes)
  },
  validateUpdate(map, old, errors) {
    if (!old.immutable) return
    keepImmutable(map, old, ['data', 'binaryData'], errors)
  },

  columns: [
    nameColumn,
    column('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
    ageColumn,
  ],
})

export function checkKey(errors: FieldErrors, field: string, key: string): void {
  const messages = isConfigMapKey(key)
  for (const message of messages) errors.at(field).key(key).invalid(key, message)
}

export const decodedLength = (base64: string): number => Math.floor((base64.length * 3) / 4)

/** Once `immutable` is set, neither it nor the data changes again; kubelets stop watching such objects. */
export function keepImmutable<T extends { immutable?: boolean }>(object: T, old: T, fields: readonly (keyof T & string)[], errors: FieldErrors): void {
  const no = 'field is immutable when `immutable` is set'
  if (!object.immutable) errors.at('immutable').forbidden(no)
  for (const field of fields) if (!semanticallyEqual(object[field] ?? {}, old[field] ?? {})) errors.at(field).forbidden(no)
}
