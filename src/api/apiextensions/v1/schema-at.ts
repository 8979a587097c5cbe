import { additionalOf, type JsonSchema } from '#apimachinery/schema/json-schema'

/** The schema that a path such as `.spec.labels['a']` leads to; a text says why it leads nowhere. */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | string {
  let here: JsonSchema = schema
  let rest = path
  while (rest !== '') {
    const step = /^\.([A-Za-z_][A-Za-z0-9_-]*)|^\[(?:'([^']*)'|"([^"]*)")\]/.exec(rest)
    if (!step) return rest.startsWith('.') || rest.startsWith('[') ? 'does not refer to a valid field' : `expected [ or . but got: ${rest}`
    const name = step[1] ?? step[2] ?? step[3]!
    const below = here.properties?.[name] ?? additionalOf(here)
    if (!below) return 'does not refer to a valid field'
    here = below
    rest = rest.slice(step[0].length)
  }
  return here
}
