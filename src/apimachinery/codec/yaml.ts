// YAML 1.1 as Kubernetes reads and writes it. The library is loaded when the first YAML comes: most requests are JSON.
import type { Document, LineCounter, ScalarTag, Tags } from 'yaml'
import { isTooDeep, maxYamlDepth } from './yaml-depth'

/** The text is no YAML; the message is in the words of the original's reader where they are known. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

export interface YamlOptions {
  /** Called once with a text about all fields that a map has twice, as strict validation shows it. The last one counts. */
  readonly duplicate?: (text: string) => void
}

/** What the original says about a mistake that the library knows by this code. */
const problems: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_SCALAR_START: 'found character that cannot start any token',
  MISSING_CHAR: 'found unexpected end of stream',
  BAD_INDENT: 'did not find expected key',
  IMPOSSIBLE: 'did not find expected node content',
}

let library: Promise<typeof import('yaml')> | undefined
const load = (): Promise<typeof import('yaml')> => (library ??= import('yaml'))

/** Dates and base-60 numbers stay the strings that they are in the original; sets and ordered maps are no JSON. */
const strange = new Set(['tag:yaml.org,2002:timestamp', 'tag:yaml.org,2002:set', 'tag:yaml.org,2002:omap', 'tag:yaml.org,2002:pairs', 'tag:yaml.org,2002:binary'])
const jsonTags = (tags: Tags): Tags => tags.filter((tag) => typeof tag !== 'object' || (!strange.has(tag.tag) && (tag as ScalarTag).format !== 'TIME'))

/** The first document of a text; what follows `---` is not read. null for an empty text. Throws YamlError. */
export async function decodeYaml(body: Uint8Array | string, { duplicate }: YamlOptions = {}): Promise<unknown> {
  const yaml = await load()
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
  if (isTooDeep(new yaml.Lexer().lex(text))) throw new YamlError(`yaml: exceeded max depth of ${maxYamlDepth}`)
  const lines = new yaml.LineCounter()
  const documents = yaml.parseAllDocuments(text, { version: '1.1', uniqueKeys: false, merge: true, lineCounter: lines, customTags: jsonTags, logLevel: 'silent' })
  const document = documents[0]
  if (!document) return null
  const error = document.errors[0]
  if (error) {
    const line = error.linePos?.[0].line ?? 1
    const text_ = problems[error.code] ?? error.message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, '')
    // The original knows no line where it counts zero.
    const where = line > 1 && error.pos[0] < text.length ? `line ${line}: ` : ''
    throw new YamlError(`yaml: ${where}${text_}`)
  }
  if (duplicate) {
    const found = duplicatesOf(document, lines, yaml)
    if (found.length > 0) duplicate(`yaml: unmarshal errors:\n${found.map((line) => `  ${line}`).join('\n')}`)
  }
  try {
    return document.toJS() as unknown
  } catch (cause) {
    if (cause instanceof ReferenceError) throw new YamlError(`yaml: ${cause.message}`, { cause })
    throw cause
  }
}

function duplicatesOf(document: Document.Parsed, lines: LineCounter, yaml: typeof import('yaml')): string[] {
  const found: string[] = []
  yaml.visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!yaml.isScalar(key) || key.value === '<<') continue
        if (seen.has(key.value)) found.push(`line ${lines.linePos(key.range?.[0] ?? 0).line}: key ${JSON.stringify(key.value)} already set in map`)
        else seen.add(key.value)
      }
    },
  })
  return found
}

/** With sorted keys and lists at the level of their field, as the original writes. */
export async function encodeYaml(value: unknown): Promise<string> {
  const yaml = await load()
  return yaml.stringify(value, { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false })
}
