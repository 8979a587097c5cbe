import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzipSync, gzip } from 'node:zlib'
import { openApiV2 as builtInV2, type PrebuiltDocument } from '#api/openapi/files'
import { encodeOpenApiV2 } from '#apimachinery/openapi/v2-protobuf'
import type { Swagger } from '../aggregator/remote-openapi'

const pack = promisify(gzip)

/**
 * The OpenAPI v2 document of everything: what is built in stays the text or the message that it is, the rest is added to it. What has
 * a name that is taken is left out: the types that all groups share.
 */
export async function mergeV2(format: 'json' | 'protobuf', parts: Iterable<() => Swagger>): Promise<PrebuiltDocument> {
  const builtIn = gunzipSync((await builtInV2(format)).gzip)
  const json = format === 'json' ? builtIn : gunzipSync((await builtInV2('json')).gzip)
  const { names, ends } = outline(json)
  const added: Record<Section, Buffer[]> = { definitions: [], paths: [] }
  const messages: Uint8Array[] = []
  for (const part of parts) {
    const swagger = part()
    const own: Record<Section, Record<string, unknown>> = { definitions: {}, paths: {} }
    for (const section of sections) {
      for (const [name, value] of Object.entries(swagger[section] ?? {})) {
        if (names[section].has(name)) continue
        names[section].add(name)
        own[section][name] = value
        if (format === 'json') added[section].push(Buffer.from(`,${JSON.stringify(name)}:${JSON.stringify(value)}`))
      }
    }
    if (format === 'protobuf') messages.push(encodeOpenApiV2({ info: {}, ...own }))
    // A thousand of them would hold up everybody else.
    await new Promise((resolve) => setImmediate(resolve))
  }
  // Messages one behind the other are one message: lists go on, and what is said twice is merged.
  const whole = format === 'protobuf' ? Buffer.concat([builtIn, ...messages])
    : Buffer.concat([json.subarray(0, ends.definitions), ...added.definitions, json.subarray(ends.definitions, ends.paths), ...added.paths, json.subarray(ends.paths)])
  return { gzip: await pack(whole, { level: 1 }), hash: createHash('sha512').update(whole).digest('hex').toUpperCase() }
}

const sections = ['definitions', 'paths'] as const
type Section = (typeof sections)[number]

interface Outline {
  readonly names: Readonly<Record<Section, Set<string>>>
  /** Where the brace is that ends the section. */
  readonly ends: Readonly<Record<Section, number>>
}

const [quote, backslash, open, close, openList, closeList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]

/** The names in a document's sections, read off its text, which is not parsed: that would be a hundred times as large. */
function outline(json: Uint8Array): Outline {
  const names = { definitions: new Set<string>(), paths: new Set<string>() }
  const ends = { definitions: -1, paths: -1 }
  let depth = 0
  let section = ''
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === quote) {
      const start = i + 1
      for (i++; json[i] !== quote; i++) if (json[i] === backslash) i++
      if (json[i + 1] !== 0x3a) continue
      if (depth === 1) section = text(json, start, i)
      else if (depth === 2 && section in names) names[section as Section].add(text(json, start, i))
    } else if (byte === open || byte === openList) depth++
    else if (byte === close || byte === closeList) {
      depth--
      if (depth === 1 && section in ends) ends[section as Section] = i
    }
  }
  if (ends.definitions < 0 || ends.paths < ends.definitions) throw new Error('the OpenAPI v2 document has no definitions before its paths: run npm run generate')
  return { names, ends }
}

const text = (json: Uint8Array, start: number, end: number): string => JSON.parse(Buffer.from(json.buffer, json.byteOffset + start - 1, end - start + 2).toString('utf8')) as string
