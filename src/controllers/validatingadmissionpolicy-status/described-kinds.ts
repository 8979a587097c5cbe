import { isNotFound } from '#apimachinery/api-error'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import type { Log } from '#component-base/log'

export interface GroupVersionKind { readonly group: string; readonly version: string; readonly kind: string }

/** Kinds as the server's OpenAPI documents describe them: built-in ones, custom ones and those of other servers alike. */
export interface DescribedKinds {
  /** The kind that is served as a resource; undefined where none is. */
  kindOf(group: string, version: string, resource: string): Promise<GroupVersionKind | undefined>
  schemaOf(kind: GroupVersionKind): Promise<DescribedKind | undefined>
}

export interface DescribedKind {
  readonly schema: JsonSchema
  /** What a `$ref` of the schema means. */
  resolve(reference: string): JsonSchema | undefined
}

const kindKey = 'x-kubernetes-group-version-kind'

interface Document {
  readonly paths?: Readonly<Record<string, Partial<Readonly<Record<'get' | 'post', { readonly [kindKey]?: GroupVersionKind }>>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema & { readonly [kindKey]?: readonly GroupVersionKind[] }>> }
}

export interface DescribedKindsDeps { readonly client: Client; readonly log: Log; readonly signal: AbortSignal }

/** For one look: each document is read once, and forgotten with this. A group that cannot be asked has no kinds. */
export function describedKinds({ client, log, signal }: DescribedKindsDeps): DescribedKinds {
  const documents = new Map<string, Promise<Document | undefined>>()

  const read = async (path: string): Promise<Document | undefined> => {
    try {
      return (await client.transport.request({ method: 'GET', path: `/openapi/v3/${path}`, signal })).body as Document
    } catch (error) {
      signal.throwIfAborted()
      if (!isNotFound(error)) log.warn('expressions of policies are not checked against kinds that are not described', { path, error: messageOf(error) })
      return undefined
    }
  }
  const documentOf = (path: string): Promise<Document | undefined> => {
    const found = documents.get(path) ?? read(path)
    documents.set(path, found)
    return found
  }

  return {
    async kindOf(group, version, resource) {
      const root = rootOf(group, version)
      const { paths = {} } = (await documentOf(root)) ?? {}
      const served = paths[`/${root}/namespaces/{namespace}/${resource}`] ?? paths[`/${root}/${resource}`]
      return (served?.post ?? served?.get)?.[kindKey]
    },
    async schemaOf({ group, version, kind }) {
      const { components: { schemas = {} } = {} } = (await documentOf(rootOf(group, version))) ?? {}
      const schema = Object.values(schemas).find(({ [kindKey]: kinds }) => kinds?.some((one) => one.kind === kind && one.group === group && one.version === version))
      return schema && { schema, resolve: (reference) => schemas[reference.slice('#/components/schemas/'.length)] }
    },
  }
}

const rootOf = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`)
