// Values as Go's fmt prints them: some answers of the API contain such text.

const sortedKeys = (object: object): string[] => Object.keys(object).sort()

/** `%v` of decoded JSON: `map[a:1 b:[x y]]`. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value === 'object') {
    return `map[${sortedKeys(value).map((key) => `${key}:${goValue((value as Record<string, unknown>)[key])}`).join(' ')}]`
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `%#v` of decoded JSON: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object') {
    const entries = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${goSyntax((value as Record<string, unknown>)[key])}`)
    return `map[string]interface {}{${entries.join(', ')}}`
  }
  return JSON.stringify(value)
}

/** `%T` of decoded JSON: `map[string]interface {}`. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return 'string'
  }
}

/** What encoding/json calls a value that it cannot put somewhere: `json: cannot unmarshal array into ...`. */
export function goJsonKind(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
