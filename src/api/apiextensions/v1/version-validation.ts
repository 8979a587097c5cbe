import type { FieldErrors } from '#apimachinery/field-errors'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import { schemaAt } from './schema-at'
import type { CustomResourceColumnDefinition, CustomResourceSubresources, SelectableField } from './types'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const mostSelectableFields = 8

export function checkColumn({ name, type, format, jsonPath }: CustomResourceColumnDefinition, errors: FieldErrors): void {
  if (!name) errors.at('name').required()
  if (!type) errors.at('type').required(`must be one of ${columnTypes.join(',')}`)
  else if (!columnTypes.includes(type)) errors.at('type').invalid(type, `must be one of ${columnTypes.join(',')}`)
  if (format && !columnFormats.includes(format)) errors.at('format').invalid(format, `must be one of ${columnFormats.join(',')}`)
  if (!jsonPath) errors.at('JSONPath').required()
  else checkPath(jsonPath, errors.at('JSONPath'))
}

/** Returns whether the path is one. */
function checkPath(path: string, errors: FieldErrors): boolean {
  if (path.startsWith('.')) return true
  errors.invalid(path, 'must be a simple json path starting with .')
  return false
}

export function checkSubresources(subresources: CustomResourceSubresources | undefined, errors: FieldErrors): void {
  const scale = subresources?.scale
  if (!scale) return
  const replicas = (field: 'specReplicasPath' | 'statusReplicasPath', root: string): void => {
    const here = errors.at(`scale.${field}`)
    const path = scale[field]
    if (!path) here.required()
    else if (checkPath(path, here) && !path.startsWith(`${root}.`)) here.invalid(path, `should be a json path under ${root}`)
  }
  replicas('specReplicasPath', '.spec')
  replicas('statusReplicasPath', '.status')
  const path = scale.labelSelectorPath
  const here = errors.at('scale.labelSelectorPath')
  if (path && checkPath(path, here) && !path.startsWith('.spec.') && !path.startsWith('.status.')) here.invalid(path, 'should be a json path under either .spec or .status')
}

export function checkSelectableFields(fields: readonly SelectableField[] | undefined, schema: JsonSchema | undefined, errors: FieldErrors): void {
  if (!fields || fields.length === 0) return
  const seen = new Set<string>()
  for (const [i, { jsonPath }] of fields.entries()) {
    const here = errors.at(i, 'jsonPath')
    if (!jsonPath) {
      here.required()
      continue
    }
    const found = schema && schemaAt(schema, jsonPath)
    if (!found || typeof found === 'string') {
      here.invalid(jsonPath, `is an invalid path: ${found || 'does not refer to a valid field'}`)
      continue
    }
    if (jsonPath.startsWith('.metadata')) here.invalid(jsonPath, 'must not point to fields in metadata')
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      here.invalid(jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')
    }
    if (seen.has(jsonPath)) here.duplicate(jsonPath)
    seen.add(jsonPath)
  }
  if (seen.size > mostSelectableFields) errors.tooMany(seen.size, mostSelectableFields)
}
