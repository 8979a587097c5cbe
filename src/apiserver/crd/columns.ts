import type { CustomResourceColumnDefinition } from '#api/apiextensions/v1/types'
import { humanDuration } from '#api/printing'
import type { KubeObject } from '#apimachinery/object'
import type { Column } from '#apimachinery/resource'
import { firstAt, parseJsonPath } from './json-path'

const descriptions = {
  name: 'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  created: 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
}

const name: Column<KubeObject> = { name: 'Name', type: 'string', format: 'name', description: descriptions.name, value: ({ metadata }) => metadata.name }

/** The columns of a version; without any of its own, name and age. */
export function columnsOf(defined: readonly CustomResourceColumnDefinition[] | undefined): readonly Column<KubeObject>[] {
  if (!defined || defined.length === 0) {
    return [name, { name: 'Age', type: 'date', description: descriptions.created, value: ({ metadata }, now) => dateCell(metadata.creationTimestamp, now) }]
  }
  return [name, ...defined.map(columnOf)]
}

function columnOf(defined: CustomResourceColumnDefinition): Column<KubeObject> {
  const path = parseJsonPath(defined.jsonPath)
  const { type } = defined
  return {
    name: defined.name, type: type as NonNullable<Column<KubeObject>['type']>,
    ...(defined.format ? { format: defined.format } : {}), ...(defined.priority ? { priority: defined.priority } : {}),
    description: defined.description || `Custom resource definition column (in JSONPath format): ${defined.jsonPath}`,
    value: (object, now) => cell(type, firstAt(object, path), now),
  }
}

/** What does not fit the column's type is shown as nothing; anything is text. */
function cell(type: string, value: unknown, now: number): string | number | boolean | undefined {
  if (value === undefined || (value === null && type !== 'string')) return undefined
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : undefined
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'date':
      return dateCell(value, now)
    default:
      return value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value)
  }
}

function dateCell(value: unknown, now: number): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value === '' || value === 'null') return '<unknown>'
  const time = Date.parse(value)
  return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time)
}
