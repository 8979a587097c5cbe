import { podTemplateShape } from './pod-template-shape'
import { dumpQuantity } from './dump-quantity'

interface Field {
  readonly name: string
  readonly json: string
  /** The fields of this struct stand in JSON beside those of the one around it. */
  readonly embedded: boolean
  readonly type: string
}

let structs: Map<string, Field[]> | undefined

/** A pod template as Go's `dump.ForHash` prints it: what the original's template hashes are of. Objects are as the API has them. */
export function dumpPodTemplate(template: object): string {
  structs ??= readShape(podTemplateShape)
  return typed('v1.PodTemplateSpec', template)
}

function readShape(text: string): Map<string, Field[]> {
  const read = new Map<string, Field[]>()
  for (const line of text.trim().replaceAll('\n  ', ' ').split('\n')) {
    const [name = '', ...fields] = line.split(' ')
    read.set(name, fields.map(readField))
  }
  return read
}

function readField(text: string): Field {
  const [, name = '', json, type = ''] = /^(\w+)(?:=([\w^]+))?:(.+)$/.exec(text) ?? []
  return { name, json: json ?? jsonName(name), embedded: json === '^', type }
}

/** `DNSPolicy` is `dnsPolicy`, `UID` is `uid`. */
const jsonName = (name: string): string =>
  name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (start) => start.toLowerCase())

const typed = (type: string, value: unknown): string => `(${type})${plain(type, value)}`

function plain(type: string, value: unknown): string {
  if (type.startsWith('*')) return value === undefined || value === null ? '<nil>' : plain(type.slice(1), value)
  if (type.startsWith('[]')) return list(value, type.slice(2))
  if (type.startsWith('map[')) return map(value, type.slice(type.indexOf(']') + 1))
  switch (type) {
    // What names a resource of a pod.
    case 'v1.ResourceList': return map(value, 'resource.Quantity')
    case 'resource.Quantity': return dumpQuantity(value as string | number | undefined)
    case 'intstr.IntOrString': return intOrString(value as string | number | undefined)
    // A template has no times; what Go prints of one depends on the machine's time zone.
    case 'v1.Time': return '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'
    case 'bool': return String((value as boolean | undefined) ?? false)
    case 'int32':
    case 'int64': return String((value as number | undefined) ?? 0)
  }
  const fields = structs!.get(type)
  return fields ? struct(fields, (value ?? {}) as Record<string, unknown>) : String((value as string | undefined) ?? '')
}

const struct = (fields: readonly Field[], value: Record<string, unknown>): string =>
  `{${fields.map(({ name, json, embedded, type }) => `${name}:${typed(type, embedded ? value : value[json])}`).join(' ')}}`

/** Empty lists and maps do not come through protobuf, which Go's controllers read. */
function list(value: unknown, item: string): string {
  const items = (value ?? []) as unknown[]
  return items.length === 0 ? '<nil>' : `[${items.map((one) => plain(item, one)).join(' ')}]`
}

function map(value: unknown, item: string): string {
  const entries = Object.entries((value ?? {}) as Record<string, unknown>)
  if (entries.length === 0) return '<nil>'
  return `map[${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => `${key}:${plain(item, one)}`).join(' ')}]`
}

const intOrString = (value: string | number = 0): string =>
  `{Type:(intstr.Type)${typeof value === 'string' ? 1 : 0} IntVal:(int32)${typeof value === 'string' ? 0 : value} StrVal:(string)${typeof value === 'string' ? value : ''}}`
