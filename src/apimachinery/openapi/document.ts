import type { Struct } from '../schema/schema'
import { Definitions } from './definitions'
import type { Descriptions, GroupVersionKind, OpenApiSchema } from './definitions'
import { Paths } from './paths'
import type { OpenApiPath, Served } from './paths'

export interface OpenApiDocument {
  openapi: '3.0.0'
  info: { title: string; version: string }
  paths: Record<string, OpenApiPath>
  components: { schemas: Record<string, OpenApiSchema>; securitySchemes: Record<string, unknown> }
}

export interface DocumentInput {
  readonly group: string
  readonly version: string
  readonly served: readonly Served[]
  /** Structs of the group and version: types that no path names are shown too when they are kinds. */
  readonly meta: Readonly<Record<string, Struct>>
  readonly descriptions: Descriptions
  /** The group that an origin (`rbac/v1`) belongs to. */
  readonly groupOf: (origin: string) => string
}

export const securitySchemes = { BearerToken: { description: 'Bearer Token authentication', in: 'header', name: 'authorization', type: 'apiKey' } }
/** Kinds that are part of every group; a WatchEvent does not even name its kind. */
const everywhere = new Set(['DeleteOptions', 'WatchEvent'])

/** The OpenAPI v3 document of one group and version. */
export function openApiDocument({ group, version, served, meta, descriptions, groupOf }: DocumentInput): OpenApiDocument {
  const kindsOf = (_definition: string, struct: Struct): GroupVersionKind[] => {
    const kind = struct.name
    if (!isKind(struct) && !(struct.origin === 'meta/v1' && everywhere.has(kind))) return []
    if (struct.origin === 'meta/v1') {
      const core = { group: '', kind, version: 'v1' }
      return everywhere.has(kind) && group !== '' ? [core, { group, kind, version }] : [core]
    }
    return [{ group: groupOf(struct.origin ?? ''), kind, version: struct.origin?.split('/')[1] ?? version }]
  }
  const definitions = new Definitions(descriptions, kindsOf)
  const paths = new Paths(definitions, meta)
  paths.discovery(group, version, meta['APIResourceList']!)
  for (const kind of served) paths.kind(kind)
  // What comes as a schema object names it without leading there.
  if (served.some(({ definition }) => definition)) definitions.struct(meta['ObjectMeta']!)
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: sorted(paths.paths),
    components: { schemas: sorted(definitions.schemas), securitySchemes },
  }
}

/** Kinds carry apiVersion and kind without being given protobuf numbers: the envelope has them. */
function isKind(struct: Struct): boolean {
  const kind = struct.fields.get('kind')
  return kind !== undefined && kind.proto.length === 0 && struct.fields.get('apiVersion')?.proto.length === 0
}

export function sorted<T>(object: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.keys(object).sort().map((key) => [key, object[key]!]))
}
