import type { Resource, Verb } from '../resource'
import type { Struct } from '../schema/schema'
import type { Definitions, GroupVersionKind, OpenApiSchema } from './definitions'
import {
  connectParameters, createParameters, deleteCollectionParameters, deleteParameters, listParameters, patchParameters, pathParameter, prettyParameter, watchParameters,
} from './parameters'
import type { OpenApiParameter } from './parameters'

export interface OpenApiOperation {
  description: string
  operationId: string
  parameters?: OpenApiParameter[]
  requestBody?: { content: Record<string, { schema: OpenApiSchema }>; required?: true }
  responses: Record<string, { description: string; content?: Record<string, { schema: OpenApiSchema }> }>
  tags: string[]
  'x-kubernetes-action'?: string
  'x-kubernetes-group-version-kind'?: GroupVersionKind
}

export type OpenApiPath = { parameters?: OpenApiParameter[] } & Partial<Record<Method, OpenApiOperation>>
export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'

/** A kind at one version, with everything that its paths speak about. */
export interface Served {
  readonly resource: Resource
  readonly gvk: GroupVersionKind
  readonly struct: Struct
  /** Stands in for `struct`: a custom resource is shown as its definition says, under a name such as `com.example.v1.Shop`. */
  readonly definition?: { readonly name: string; readonly schema: OpenApiSchema }
  /** A delete answers with the object instead of a Status. */
  readonly returnsDeleted: boolean
  readonly subresources: readonly {
    readonly name: string
    readonly sort: 'object' | 'scale' | 'rest'
    readonly verbs: readonly string[]
    readonly gvk: GroupVersionKind
    /** What is sent and answered; undefined for answers that are no objects (log, exec, proxy). */
    readonly struct: Struct | undefined
  }[]
}

export const objectTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
const streamTypes = ['application/json', 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;stream=watch', 'application/yaml']
const patchTypes = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json']
const customPatchTypes = patchTypes.slice(0, 3)

const content = (types: readonly string[], schema: OpenApiSchema): Record<string, { schema: OpenApiSchema }> => Object.fromEntries(types.map((type) => [type, { schema }]))
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const article = (noun: string): string => (/^[AEIOU]/.test(noun) ? 'an' : 'a')

/** `rbac.authorization.k8s.io` -> `RbacAuthorization`, the core group -> `Core`: how operation ids name a group. */
export const groupText = (group: string): string => (group === '' ? 'Core' : group.replace(/\.k8s\.io$/, '').split('.').map(capital).join(''))

/** Adds the paths of a kind, its lists, watches and subresources. */
export class Paths {
  readonly paths: Record<string, OpenApiPath> = {}
  readonly #definitions: Definitions
  readonly #listMeta: Struct
  readonly #deleteOptions: Struct
  readonly #status: Struct
  readonly #watchEvent: Struct

  constructor(definitions: Definitions, meta: Readonly<Record<string, Struct>>) {
    this.#definitions = definitions
    this.#listMeta = meta['ListMeta']!
    this.#deleteOptions = meta['DeleteOptions']!
    this.#status = meta['Status']!
    this.#watchEvent = meta['WatchEvent']!
  }

  /** `/apis/apps/v1/`: what discovery answers there. */
  discovery(group: string, version: string, resourceList: Struct): void {
    this.paths[`${baseOf(group, version)}/`] = {
      get: {
        description: 'get available resources', operationId: `get${groupText(group)}${capital(version)}APIResources`,
        responses: answers({ 200: content(objectTypes, this.#definitions.struct(resourceList)) }), tags: [tagOf(group, version)],
      },
    }
  }

  kind(served: Served): void {
    const { resource, gvk } = served
    const has = (verb: Verb): boolean => resource.verbs.includes(verb)
    const base = baseOf(gvk.group, gvk.version)
    const inside = resource.namespaced ? `${base}/namespaces/{namespace}` : base
    const whole = `${inside}/${resource.resource}`
    const one = `${whole}/{name}`
    const id = new Ids(served)
    const custom = served.definition !== undefined
    const object = this.#object(served)
    const { kind } = gvk
    const operation = (action: string, operationId: string, description: string, rest: Partial<OpenApiOperation>): OpenApiOperation => ({
      description, operationId, responses: {}, ...rest, tags: [tagOf(gvk.group, gvk.version)], 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': gvk,
    })

    const collection: OpenApiPath = {}
    if (has('list')) {
      const list = this.#definitions.list(object, this.#listMeta, gvk)
      const responses = answers({ 200: content(has('watch') ? streamTypes : objectTypes, list) })
      collection.get = operation('list', id.of('list'), `list${has('watch') ? ' or watch' : ''} objects of kind ${kind}`, { parameters: listParameters, responses })
      if (resource.namespaced) {
        this.#add(`${base}/${resource.resource}`, { get: operation('list', id.everywhere('list'), collection.get.description, { responses, parameters: listParameters }) }, [prettyParameter])
      }
    }
    if (has('create')) {
      collection.post = operation('post', id.of('create'), `create ${article(kind)} ${kind}`, {
        parameters: createParameters, requestBody: { content: content(['*/*'], object), required: true }, responses: answers({ 200: content(objectTypes, object), 201: content(objectTypes, object), 202: content(objectTypes, object) }),
      })
    }
    if (has('deletecollection')) {
      collection.delete = operation('deletecollection', id.collection(), `delete collection of ${kind}`, {
        parameters: deleteCollectionParameters, requestBody: { content: content(['*/*'], this.#definitions.struct(this.#deleteOptions)) }, responses: answers({ 200: content(objectTypes, this.#definitions.struct(this.#status)) }),
      })
    }
    this.#add(whole, collection, this.#around(resource, false, kind))

    const item: OpenApiPath = {}
    if (has('get')) item.get = operation('get', id.of('read'), `read the specified ${kind}`, { responses: answers({ 200: content(objectTypes, object) }) })
    if (has('update')) {
      item.put = operation('put', id.of('replace'), `replace the specified ${kind}`, {
        parameters: createParameters, requestBody: { content: content(['*/*'], object), required: true }, responses: answers({ 200: content(objectTypes, object), 201: content(objectTypes, object) }),
      })
    }
    if (has('patch')) item.patch = operation('patch', id.of('patch'), `partially update the specified ${kind}`, this.#patch(object, custom))
    if (has('delete')) {
      const answer = content(objectTypes, served.returnsDeleted ? object : this.#definitions.struct(this.#status))
      item.delete = operation('delete', id.of('delete'), `delete ${article(kind)} ${kind}`, {
        parameters: deleteParameters, requestBody: { content: content(['*/*'], this.#definitions.struct(this.#deleteOptions)) }, responses: answers({ 200: answer, 202: answer }),
      })
    }
    this.#add(one, item, this.#around(resource, true, kind))
    if (has('watch')) this.#watches(served, id)
    for (const subresource of served.subresources) this.#subresource(served, subresource, `${one}/${subresource.name}`, id, custom)
  }

  #object({ struct, definition }: Served): OpenApiSchema {
    return definition ? this.#definitions.given(definition.name, definition.schema) : this.#definitions.struct(struct)
  }

  #watches({ resource, gvk }: Served, id: Ids): void {
    const base = baseOf(gvk.group, gvk.version)
    const event = this.#definitions.struct(this.#watchEvent)
    const instead = `deprecated: use the 'watch' parameter with a list operation instead`
    const add = (path: string, action: string, operationId: string, description: string, parameters: OpenApiParameter[]): void => {
      this.paths[path] = {
        get: {
          description, operationId, responses: answers({ 200: content(streamTypes, event) }), tags: [tagOf(gvk.group, gvk.version)],
          'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': gvk,
        },
        parameters,
      }
    }
    const list = `watch individual changes to a list of ${gvk.kind}. ${instead}.`
    const inside = `${base}/watch${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.resource}`
    if (resource.namespaced) add(`${base}/watch/${resource.resource}`, 'watchlist', id.everywhere('watch', 'List'), list, watchParameters)
    const around = this.#around(resource, false, gvk.kind).filter(({ name }) => name !== 'pretty')
    add(inside, 'watchlist', id.of('watch', 'List'), list, [...watchParameters, ...around])
    if (!resource.verbs.includes('get')) return
    const one = this.#around(resource, true, gvk.kind).filter(({ name }) => name !== 'pretty')
    add(`${inside}/{name}`, 'watch', id.of('watch'), `watch changes to an object of kind ${gvk.kind}. ${instead}, filtered to a single item with the 'fieldSelector' parameter.`, [...watchParameters, ...one])
  }

  #subresource(served: Served, sub: Served['subresources'][number], path: string, id: Ids, custom: boolean): void {
    const { kind } = served.gvk
    const found: OpenApiPath = {}
    const schema = sub.struct === served.struct ? this.#object(served) : sub.struct ? this.#definitions.struct(sub.struct) : { type: 'string' }
    const operation = (action: string, operationId: string, description: string, rest: Partial<OpenApiOperation>): OpenApiOperation => ({
      description, operationId, responses: {}, ...rest, tags: [tagOf(served.gvk.group, served.gvk.version)], 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': sub.gvk,
    })
    const suffix = capital(sub.name)
    const options = connectParameters[sub.name] ?? []
    if (sub.gvk.kind.endsWith('Options')) {
      const methods = sub.name === 'proxy' ? proxyMethods : (['get', 'post'] as const)
      for (const withPath of sub.name === 'proxy' ? [false, true] : [false]) {
        const item: OpenApiPath = {}
        for (const method of methods) {
          item[method] = operation('connect', id.connect(method, suffix, withPath), `connect ${method.toUpperCase()} requests to ${sub.name} of ${kind}`, { responses: answers({ 200: content(['*/*'], { type: 'string' }) }) })
        }
        const parameters = [...options, ...this.#around(served.resource, true, sub.gvk.kind).filter(({ name }) => name !== 'pretty')]
        this.#add(withPath ? `${path}/{path}` : path, item, withPath ? [...parameters, pathParameter('path', 'path to the resource')] : parameters)
      }
      return
    }
    const types = sub.struct ? objectTypes : ['text/plain', ...objectTypes]
    if (sub.verbs.includes('get')) found.get = operation('get', id.of('read', suffix), `read ${sub.name} of the specified ${kind}`, { responses: answers({ 200: content(types, schema) }) })
    if (sub.verbs.includes('update')) {
      found.put = operation('put', id.of('replace', suffix), `replace ${sub.name} of the specified ${kind}`, {
        parameters: createParameters, requestBody: { content: content(['*/*'], schema), required: true }, responses: answers({ 200: content(objectTypes, schema), 201: content(objectTypes, schema) }),
      })
    }
    if (sub.verbs.includes('patch')) found.patch = operation('patch', id.of('patch', suffix), `partially update ${sub.name} of the specified ${kind}`, this.#patch(schema, custom))
    if (sub.verbs.includes('create')) {
      const answer = content(objectTypes, schema)
      found.post = operation('post', id.of('create', suffix), `create ${sub.name} of ${article(kind)} ${kind}`, { requestBody: { content: content(['*/*'], schema), required: true }, responses: answers({ 200: answer, 201: answer, 202: answer }) })
    }
    this.#add(path, found, [...(sub.struct ? [] : options), ...(sub.verbs.includes('create') ? createParameters : []), ...this.#around(served.resource, true, sub.gvk.kind)])
  }

  #patch(object: OpenApiSchema, custom: boolean): Partial<OpenApiOperation> {
    return {
      parameters: patchParameters,
      requestBody: { content: content(custom ? customPatchTypes : patchTypes, this.#definitions.special('Patch')), required: true },
      responses: answers({ 200: content(objectTypes, object), 201: content(objectTypes, object) }),
    }
  }

  /** The parameters that stand in the path itself. */
  #around(resource: Resource, item: boolean, kind: string): OpenApiParameter[] {
    return [
      ...(item ? [pathParameter('name', `name of the ${kind}`)] : []),
      ...(resource.namespaced ? [pathParameter('namespace', 'object name and auth scope, such as for teams and projects')] : []),
      prettyParameter,
    ]
  }

  #add(path: string, found: OpenApiPath, parameters: OpenApiParameter[]): void {
    const operations = Object.values(found) as OpenApiOperation[]
    if (operations.length === 0) return
    // What all operations of a path take is said once, at the path.
    const shared = new Set(operations[0]!.parameters ?? [])
    for (const { parameters: own = [] } of operations) for (const parameter of shared) if (!own.includes(parameter)) shared.delete(parameter)
    for (const operation of operations) {
      const own = (operation.parameters ?? []).filter((parameter) => !shared.has(parameter))
      if (own.length > 0) operation.parameters = own
      else delete operation.parameters
    }
    this.paths[path] = { ...found, parameters: [...shared, ...parameters] }
  }
}

const proxyMethods = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'] as const

/** The ids by which generated clients call an operation: `listAppsV1NamespacedDeployment`. */
class Ids {
  readonly #group: string
  readonly #scope: string
  readonly #kind: string

  constructor({ resource, gvk }: Served) {
    this.#group = `${groupText(gvk.group)}${capital(gvk.version)}`
    this.#scope = resource.namespaced ? 'Namespaced' : ''
    this.#kind = gvk.kind
  }
  of(verb: string, suffix = ''): string {
    return `${verb}${this.#group}${this.#scope}${this.#kind}${suffix}`
  }
  everywhere(verb: string, suffix = ''): string {
    return `${verb}${this.#group}${this.#kind}${suffix}ForAllNamespaces`
  }
  collection(): string {
    return `delete${this.#group}Collection${this.#scope}${this.#kind}`
  }
  connect(method: string, suffix: string, withPath: boolean): string {
    return `connect${this.#group}${capital(method)}${this.#scope}${this.#kind}${suffix}${withPath ? 'WithPath' : ''}`
  }
}

export const baseOf = (group: string, version: string): string => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`)
const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
export const tagOfGroup = (group: string): string => uncapital(groupText(group))
const tagOf = (group: string, version: string): string => `${tagOfGroup(group)}_${version}`

const statusTexts: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

function answers(byCode: Readonly<Record<number, Record<string, { schema: OpenApiSchema }>>>): OpenApiOperation['responses'] {
  const responses: OpenApiOperation['responses'] = {}
  for (const [code, answer] of Object.entries(byCode)) responses[code] = { content: answer, description: statusTexts[code]! }
  responses['401'] = { description: 'Unauthorized' }
  return responses
}
