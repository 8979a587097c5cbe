import { readFile } from 'node:fs/promises'
import { decodeYaml } from '#apimachinery/codec/yaml'
import { messageOf } from '#base/error-message'

export interface ConfigKind {
  readonly apiVersion: string
  readonly kind: string
}

export interface Fields {
  /** Names that are known, by where they stand: `''`, `rules[]`, `rules[].resources[]`. What is not listed is not looked into. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** Told of each field that is not known; without it they are errors. */
  readonly unknown?: (text: string) => void
}

/**
 * A file that a flag names: one object in YAML or JSON that says its kind.
 * @param what For messages: `audit policy file`.
 * @throws Error that names the file and what is wrong with it.
 */
export async function readConfigFile<T>(what: string, file: string, kinds: readonly ConfigKind[], { fields, unknown }: Fields): Promise<{ object: T; apiVersion: string }> {
  const wrong = (text: string): Error => new Error(`${what} ${JSON.stringify(file)}: ${text}`)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw wrong(`failed to read file: ${messageOf(error)}`)
  })
  const object = (await decodeYaml(text).catch((error: unknown) => {
    throw wrong(`failed decoding: ${messageOf(error)}`)
  })) as (T & ConfigKind) | null
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw wrong('it holds no object')
  const { apiVersion, kind } = object
  if (!kinds.some((known) => known.apiVersion === apiVersion && known.kind === kind)) {
    throw wrong(`it holds ${apiVersion ?? '?'} ${kind ?? '?'}; known are ${kinds.map((known) => `${known.apiVersion} ${known.kind}`).join(', ')}`)
  }
  const strange = unknownFields(object, fields)
  if (strange.length > 0) {
    if (!unknown) throw wrong(`strict decoding error: ${strange.map((path) => `unknown field "${path}"`).join(', ')}`)
    for (const path of strange) unknown(`${what} ${file}: unknown field "${path}" is left out`)
  }
  return { object, apiVersion }
}

function unknownFields(object: object, fields: Fields['fields'], shape = '', path = ''): string[] {
  const known = fields[shape]
  if (!known) return []
  return Object.entries(object).flatMap(([name, value]: [string, unknown]) => {
    const here = path === '' ? name : `${path}.${name}`
    if (!known.includes(name)) return [here]
    const below = shape === '' ? name : `${shape}.${name}`
    if (Array.isArray(value)) return value.flatMap((item: unknown, i) => (typeof item === 'object' && item !== null ? unknownFields(item, fields, `${below}[]`, `${here}[${i}]`) : []))
    return typeof value === 'object' && value !== null ? unknownFields(value, fields, below, here) : []
  })
}
