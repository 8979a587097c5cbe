import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { structs as autoscaling } from '#api/autoscaling/v1/types.gen'
import { openApiV2 as builtInV2, type PrebuiltDocument } from '#api/openapi/files'
import { structs as metaStructs } from '#apimachinery/meta/v1/types.gen'
import { noDescriptions, type OpenApiSchema } from '#apimachinery/openapi/definitions'
import { openApiDocument, type OpenApiDocument } from '#apimachinery/openapi/document'
import type { Served } from '#apimachinery/openapi/paths'
import { openApiV2 } from '#apimachinery/openapi/v2'
import { encodeOpenApiV2 } from '#apimachinery/openapi/v2-protobuf'
import type { Resource } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import type { MoreDocuments } from '../root/openapi'
import { publishedSchema, schemaForV2 } from './published-schema'

/** A served version with its schema as the definition says it. */
export interface Published {
  readonly resource: Resource
  readonly schema: JsonSchema | undefined
}

/** The OpenAPI documents of everything that definitions make: built when asked for, kept until something changes. */
export function customDocuments(published: () => Iterable<Published>, generation: () => number): MoreDocuments {
  let at = -1
  let v3: Map<string, PrebuiltDocument> | undefined
  let v2 = new Map<'json' | 'protobuf', Promise<PrebuiltDocument>>()
  const refresh = (): void => {
    if (at === generation()) return
    at = generation()
    v3 = undefined
    v2 = new Map()
  }
  return {
    v3() {
      refresh()
      return (v3 ??= buildV3([...published()]))
    },
    async v2(format) {
      refresh()
      const all = [...published()]
      if (all.length === 0) return undefined
      let document = v2.get(format)
      if (!document) v2.set(format, (document = buildV2(all, format)))
      return document
    },
  }
}

const meta = metaStructs
const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

function buildV3(all: readonly Published[]): Map<string, PrebuiltDocument> {
  const found = new Map<string, PrebuiltDocument>()
  for (const [groupVersion, document] of documentsOf(all, publishedSchema)) found.set(`apis/${groupVersion}`, packed(Buffer.from(JSON.stringify(document))))
  return found
}

type Parts = Partial<Record<'definitions' | 'parameters' | 'paths', Record<string, unknown>>>

async function buildV2(all: readonly Published[], format: 'json' | 'protobuf'): Promise<PrebuiltDocument> {
  const builtIn = JSON.parse(gunzipSync((await builtInV2('json')).gzip).toString('utf8')) as Parts
  const own = openApiV2([...documentsOf(all, schemaForV2).values()]) as unknown as Parts
  const whole: Record<string, unknown> = { ...builtIn }
  for (const part of ['definitions', 'parameters', 'paths'] as const) if (own[part] || builtIn[part]) whole[part] = { ...own[part], ...builtIn[part] }
  return packed(format === 'json' ? Buffer.from(JSON.stringify(whole)) : encodeOpenApiV2(whole))
}

const packed = (bytes: Uint8Array): PrebuiltDocument => ({ gzip: gzipSync(bytes, { level: 1 }), hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() })

function documentsOf(all: readonly Published[], schemaOf: (published: Published) => OpenApiSchema): Map<string, OpenApiDocument> {
  const byGroupVersion = new Map<string, Published[]>()
  for (const one of all) {
    const key = one.resource.apiVersion
    const known = byGroupVersion.get(key)
    if (known) known.push(one)
    else byGroupVersion.set(key, [one])
  }
  return new Map([...byGroupVersion].map(([groupVersion, list]) => {
    const { group, version } = list[0]!.resource
    const served = list.map((one) => servedOf(one, schemaOf(one)))
    const document = openApiDocument({ group, version, served, meta, descriptions: noDescriptions, groupOf: (origin) => (origin.startsWith('autoscaling/') ? 'autoscaling' : '') })
    // Of these the original says nothing.
    const base = `/apis/${groupVersion}/`
    for (const path in document.paths) if (path === base || path.startsWith(`${base}watch/`)) delete document.paths[path]
    return [groupVersion, document]
  }))
}

function servedOf({ resource }: Published, schema: OpenApiSchema): Served {
  const { group, version, kind } = resource
  const gvk = { group, version, kind }
  const struct: Struct = { type: 'struct', name: kind, fields: new Map(), atomic: false, preserveUnknown: true }
  const name = [...group.split('.').reverse(), version, kind].join('.')
  const verbs = ['get', 'patch', 'update']
  return {
    resource, gvk, struct, definition: { name, schema }, returnsDeleted: false,
    subresources: Object.entries(resource.subresources).map(([name, { sort }]) =>
      (sort === 'scale' ? { name, sort, verbs, gvk: scale, struct: autoscaling.Scale as Struct } : { name, sort, verbs, gvk, struct })),
  }
}
