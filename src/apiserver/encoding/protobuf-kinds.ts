import { builtin } from '#api/builtin'
import { structs as meta } from '#apimachinery/meta/v1/types.gen'
import { schemaIn, type Resource } from '#apimachinery/resource'
import type { Field, Struct } from '#apimachinery/schema/schema'

type Load = () => Promise<Struct>

/** Bodies and answers that are no resources of their own. */
const beside: readonly (readonly [kind: string, load: Load])[] = [
  ['autoscaling/v1 Scale', schemaIn(() => import('#api/autoscaling/v1/types.gen'), 'Scale')],
  ['authentication.k8s.io/v1 TokenRequest', schemaIn(() => import('#api/authentication/v1/types.gen'), 'TokenRequest')],
  ['policy/v1 Eviction', schemaIn(() => import('#api/policy/v1/types.gen'), 'Eviction')],
]

const metadata: Field = { name: 'metadata', schema: meta.ObjectMeta!, proto: [1], required: false, zero: 'drop', retainKeys: false }
export const partialObjectMetadata: Struct = {
  type: 'struct', name: 'PartialObjectMetadata', fields: new Map([['metadata', metadata]]), atomic: false, preserveUnknown: false,
}

/** What is there from the start. */
const loaded = new Map<string, Struct>([
  ...['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList'].map((name): [string, Struct] => [`v1 ${name}`, meta[name]!]),
  ['meta.k8s.io/v1 PartialObjectMetadata', partialObjectMetadata],
  ['meta.k8s.io/v1beta1 PartialObjectMetadata', partialObjectMetadata],
])

const builtins: ReadonlySet<unknown> = new Set(builtin)

/** Custom resources have no messages. */
export const hasMessage = (resource: Resource): boolean => builtins.has(resource)

let loads: Map<string, Load> | undefined

function loadsOf(): Map<string, Load> {
  const all = new Map(beside)
  for (const { kind, versions } of builtin) {
    for (const [apiVersion, { schema }] of Object.entries(versions)) all.set(`${apiVersion} ${kind}`, schema)
  }
  return all
}

/** The schema of a kind that protobuf knows; undefined for others (custom resources) and for those that were not loaded yet. */
export function loadedStruct(apiVersion: string, kind: string): Struct | undefined {
  // Every group and version has these options.
  if (kind === 'DeleteOptions') return meta.DeleteOptions
  return loaded.get(`${apiVersion} ${kind}`)
}

/** The same, loaded where necessary; a promise the first time only. */
export function protobufStruct(apiVersion: string, kind: string): Struct | undefined | Promise<Struct> {
  const known = loadedStruct(apiVersion, kind)
  if (known) return known
  const key = `${apiVersion} ${kind}`
  const load = (loads ??= loadsOf()).get(key)
  if (!load) return undefined
  return load().then((struct) => {
    loaded.set(key, struct)
    return struct
  })
}
