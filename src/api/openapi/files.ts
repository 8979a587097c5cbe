/** A prebuilt document as it lies on disk: send it as it is where gzip is accepted. */
export interface PrebuiltDocument {
  readonly gzip: Uint8Array
  /** SHA-512 of the uncompressed bytes in upper-case hex: the etag, and `?hash=` of the index. */
  readonly hash: string
}

type Index = Readonly<Record<string, { readonly file: string; readonly hash: string }>>

/** From the bundle, from a chunk of it, and from the sources. */
const places = ['./openapi/', '../openapi/', '../../../dist/openapi/']
let index: Promise<{ folder: URL; entries: Index }> | undefined

// node:fs is imported when it is needed: the rest of this floor runs in browsers.
async function find(): Promise<{ folder: URL; entries: Index }> {
  const { readFile } = await import('node:fs/promises')
  for (const place of places) {
    const folder = new URL(place, import.meta.url)
    try {
      return { folder, entries: JSON.parse(await readFile(new URL('index.json', folder), 'utf8')) as Index }
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error
    }
  }
  throw new Error('The OpenAPI documents are not there: run npm run generate')
}

const load = (): Promise<{ folder: URL; entries: Index }> => {
  index ??= find().catch((error: unknown) => {
    index = undefined
    throw error
  })
  return index
}

async function read(key: string): Promise<PrebuiltDocument | undefined> {
  const { folder, entries } = await load()
  const entry = entries[key]
  if (!entry) return undefined
  const { readFile } = await import('node:fs/promises')
  return { gzip: await readFile(new URL(entry.file, folder)), hash: entry.hash }
}

/** The hash of each document that `/openapi/v3` lists, by path: `apis/apps/v1`. */
export async function openApiV3Index(): Promise<Readonly<Record<string, string>>> {
  const { entries } = await load()
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !key.startsWith('v2')).map(([key, { hash }]) => [key, hash]))
}

/** The v3 document of `api/v1` or `apis/apps/v1` as JSON; undefined for what is not built in. Nothing is kept in memory. */
export const openApiV3 = (path: string): Promise<PrebuiltDocument | undefined> => read(path)

/**
 * What the v2 document lacks of a path under /openapi/v3, as JSON: groups and versions that are off unless they are asked for. Undefined
 * for those that it has anyway.
 */
export const openApiV2Part = (path: string): Promise<PrebuiltDocument | undefined> => read(`v2/${path}`)

/** The v2 document of all built-in kinds in their stable versions, as JSON or in gnostic's protobuf form. */
export async function openApiV2(format: 'json' | 'protobuf'): Promise<PrebuiltDocument> {
  const found = await read(format === 'json' ? 'v2' : 'v2.pb')
  if (!found) throw new Error('The OpenAPI v2 document is not there: run npm run generate')
  return found
}
