import type { Schema } from './schema'

/** The value does not fit the type. The message is what Go's decoder would say, so that clients read what they know. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** `json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32`. */
export function mismatch(value: unknown, goType: string, struct: string | undefined, fields: readonly string[]): DecodeError {
  const where = struct === undefined ? 'Go value' : `Go struct field ${struct}.${fields.join('.')}`
  return new DecodeError(`json: cannot unmarshal ${jsonTypeOf(value, goType)} into ${where} of type ${goType}`)
}

/** What Go calls a JSON value; a number that does not fit a number type is shown. */
function jsonTypeOf(value: unknown, goType: string): string {
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return /^(?:u?int\d+|float64)$/.test(goType) ? `number ${value}` : 'number'
    default:
      return 'object'
  }
}

const scalarTypes = {
  string: 'string', boolean: 'bool', int32: 'int32', int64: 'int64', double: 'float64', bytes: '[]uint8',
  time: 'v1.Time', microTime: 'v1.MicroTime', quantity: 'resource.Quantity', intOrString: 'intstr.IntOrString',
} as const

/** The Go type that the original has for a schema: `[]v1.Container`, `map[string]string`. */
export function goTypeOf(schema: Schema): string {
  switch (schema.type) {
    case 'struct':
      return `${schema.origin?.split('/')[1] ?? 'v1'}.${schema.name}`
    case 'list':
      return `[]${goTypeOf(schema.items)}`
    case 'map':
      return `map[string]${goTypeOf(schema.values)}`
    case 'untyped':
      return 'interface {}'
    default:
      return scalarTypes[schema.type]
  }
}
