import type { Input } from '#apimachinery/object'
import type { Subresource, Verb } from '#apimachinery/resource'
import { type apiextensions, customresourcedefinitions } from '#api/index'
import type { NamespacedName, ResourceRef, Unstructured } from '#client/index'
import type { Served } from './cluster'
import { aggregated, type AggregatedList } from './discovered'

type JSONSchema = NonNullable<apiextensions.CustomResourceValidation['openAPIV3Schema']>

export interface CustomOptions {
  group?: string
  /** The first is stored; all are served. */
  versions?: readonly string[]
  status?: boolean
  scope?: 'Namespaced' | 'Cluster'
  /** Anything goes, unless said otherwise. */
  schema?: Input<JSONSchema>
  labels?: Record<string, string>
}

/** A custom kind that is there: its definition's name, its resource in the first version, and where its objects are. */
export interface CustomKind {
  readonly group: string
  readonly definition: NamespacedName
  readonly resource: ResourceRef<Unstructured> & { singular: string; verbs: readonly Verb[]; subresources: Readonly<Record<string, Subresource<Unstructured>>> }
  /** Where its objects are: of a namespace where there is one. */
  path(namespace?: string, version?: string): string
  discovered(): Promise<AggregatedList>
}

export const anything: Input<JSONSchema> = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

let made = 0

/** What a test's definition is, without making it. */
export function customKind({ group, versions = ['v1'], status = false, scope = 'Namespaced', schema = anything, labels = {} }: CustomOptions = {}) {
  const number = ++made
  const domain = group ?? `twin-${number}.example.com`
  const names = { plural: `twins${number}s`, singular: `twins${number}`, kind: `Twin${number}`, listKind: `Twin${number}List` }
  const definition = customresourcedefinitions.make({
    metadata: { name: `${names.plural}.${domain}`, labels },
    spec: {
      group: domain, names, scope,
      versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, schema: { openAPIV3Schema: schema }, ...(status ? { subresources: { status: {} } } : {}) })),
    },
  })
  const resource: CustomKind['resource'] = {
    group: domain, version: versions[0]!, resource: names.plural, kind: names.kind, singular: names.singular, namespaced: scope === 'Namespaced',
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'], subresources: status ? { status: { sort: 'object' } } : {},
  }
  return { domain, names, definition, resource }
}

/** Makes a custom kind; resolves when its objects can be made. */
export async function define({ client, cluster, ask }: Served, options: CustomOptions = {}): Promise<CustomKind> {
  const { domain, names, definition, resource } = customKind(options)
  const { metadata: { name } } = await client.create(customresourcedefinitions, definition)
  await cluster.until(customresourcedefinitions, name, function isEstablished({ status }) {
    return status.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false
  })
  return {
    group: domain, definition: { name }, resource,
    path: (namespace, version = resource.version) => `/apis/${domain}/${version}${namespace ? `/namespaces/${namespace}` : ''}/${names.plural}`,
    discovered: () => ask('/apis', { accept: aggregated() }),
  }
}
