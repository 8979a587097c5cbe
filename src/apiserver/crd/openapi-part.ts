import { createHash } from 'node:crypto'
import { deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib'
import { structs as autoscaling } from '#api/autoscaling/v1/types.gen'
import type { PrebuiltDocument } from '#api/openapi/files'
import { structs as meta } from '#apimachinery/meta/v1/types.gen'
import { noDescriptions, type Descriptions, type OpenApiSchema } from '#apimachinery/openapi/definitions'
import { openApiDocument, type OpenApiDocument } from '#apimachinery/openapi/document'
import type { Served } from '#apimachinery/openapi/paths'
import { openApiV2 } from '#apimachinery/openapi/v2'
import type { Resource } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import type { Swagger } from '../aggregator/remote-openapi'
import { publishedSchema, schemaForV2 } from './published-schema'
import { sharedDescriptions } from './shared-descriptions'

/** A served version with its schema as the definition says it. */
export interface Published {
  readonly resource: Resource
  readonly schema: JsonSchema | undefined
}

/** The documents of one group and version: made when somebody asks for them, kept packed. */
export interface Part {
  /** Other for other documents. */
  readonly hash: string
  v3(): Promise<PrebuiltDocument>
  v2(): Swagger
}

export function createPart(all: readonly Published[]): Part {
  const hash = createHash('sha512').update(JSON.stringify(all.map(facts))).digest('hex').toUpperCase()
  let v3: Uint8Array | undefined
  let v2: Uint8Array | undefined
  return {
    hash,
    v3: async () => ({ hash, gzip: (v3 ??= gzipSync(JSON.stringify(documentOf(all, publishedSchema, await sharedDescriptions())), { level: 1 })) }),
    v2() {
      if (v2) return JSON.parse(inflateRawSync(v2).toString('utf8')) as Swagger
      const document = openApiV2([documentOf(all, schemaForV2, noDescriptions)]) as unknown as Swagger
      v2 = deflateRawSync(JSON.stringify(document), { level: 1 })
      return document
    },
  }
}

/** Everything that the documents are made of. */
function facts({ resource, schema }: Published): unknown {
  const { group, version, kind, listKind, resource: plural, namespaced, subresources, selectableFields } = resource
  return [group, version, kind, listKind, plural, namespaced, Object.keys(subresources), Object.keys(selectableFields ?? {}), schema]
}

const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

function documentOf(all: readonly Published[], schemaFor: (published: Published) => OpenApiSchema, descriptions: Descriptions): OpenApiDocument {
  const { group, version } = all[0]!.resource
  const document = openApiDocument({
    group, version, meta, descriptions, groupOf: (origin) => (origin.startsWith('autoscaling/') ? 'autoscaling' : ''),
    served: all.map((one) => servedOf(one, schemaFor(one))),
  })
  // Of these the original says nothing.
  const base = `/apis/${group}/${version}/`
  for (const path in document.paths) if (path === base || path.startsWith(`${base}watch/`)) delete document.paths[path]
  return document
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
