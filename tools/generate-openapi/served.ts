import { foldersWithTypes } from '../generate-schema/main'
import { builtin } from '#api/builtin'
import type { Served } from '#apimachinery/openapi/paths'
import type { Resource, Subresource } from '#apimachinery/resource'
import type { Structs } from '#apimachinery/schema/table'
import type { Struct } from '#apimachinery/schema/schema'

export interface GroupVersionKinds {
  readonly group: string
  readonly version: string
  readonly served: readonly Served[]
}

export interface Everything {
  readonly groupVersions: readonly GroupVersionKinds[]
  readonly meta: Structs
  readonly groupOf: (origin: string) => string
}

/** Every built-in kind at each version that serves it, with the structs that its paths name. */
export async function everythingServed(root: string): Promise<Everything> {
  const tables = new Map<string, Structs>()
  for (const folder of foldersWithTypes(root)) {
    const { structs } = (await import(`${root}/${folder}/types.gen.ts`)) as { structs: Structs }
    tables.set(folder.split('/').slice(-2).join('/'), structs)
  }
  const groups = new Map<string, string>()
  const kinds: { resource: Resource; group: string; version: string; struct: Struct }[] = []
  for (const resource of builtin) {
    for (const [apiVersion, { schema }] of Object.entries(resource.versions)) {
      const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
      const struct = await schema()
      groups.set(struct.origin!, group)
      kinds.push({ resource, group, version, struct })
    }
  }
  const structOf = (gvk: { group: string; version: string; kind: string }): Struct | undefined => {
    for (const [origin, group] of groups) if (group === gvk.group && origin.endsWith(`/${gvk.version}`)) return tables.get(origin)?.[gvk.kind]
    return undefined
  }

  const byGroupVersion = new Map<string, { group: string; version: string; served: Served[] }>()
  for (const { resource, group, version, struct } of kinds) {
    const key = `${group}/${version}`
    const entry = byGroupVersion.get(key) ?? { group, version, served: [] }
    byGroupVersion.set(key, entry)
    const gvk = { group, version, kind: resource.kind }
    const subresources = Object.entries(resource.subresources).map(([name, subresource]) => describe(name, subresource, gvk, struct, structOf))
    entry.served.push({ resource, gvk, struct, subresources, returnsDeleted: showsDeleted(resource) })
  }
  return { groupVersions: [...byGroupVersion.values()], meta: tables.get('meta/v1')!, groupOf: (origin) => groups.get(origin) ?? '' }
}

/** Of namespaces the documents do not say that a delete answers with them. */
const showsDeleted = ({ answersWithDeleted, resource }: Resource): boolean => answersWithDeleted === true && resource !== 'namespaces'

const updating = ['get', 'patch', 'update']
const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

function describe(
  name: string, subresource: Subresource<any>, gvk: Served['gvk'], struct: Struct, structOf: (gvk: Served['gvk']) => Struct | undefined,
): Served['subresources'][number] {
  // A finalizer's endpoint and a token are written, never read.
  if (subresource.sort === 'object') return { name, sort: 'object', verbs: name === 'finalize' ? ['update'] : updating, gvk, struct }
  if (subresource.sort === 'scale') return { name, sort: 'scale', verbs: updating, gvk: scale, struct: structOf(scale) }
  if (name === 'log') return { name, sort: 'rest', verbs: ['get'], gvk: subresource.gvk, struct: undefined }
  return { name, sort: 'rest', verbs: subresource.verbs, gvk: subresource.gvk, struct: structOf(subresource.gvk) }
}
