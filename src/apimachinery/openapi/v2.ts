import type { OpenApiDocument } from './document'
import { sorted } from './document'
import type { OpenApiSchema } from './definitions'
import { knownGroupVersions } from './known-group-versions'
import type { OpenApiOperation, OpenApiPath } from './paths'
import type { OpenApiParameter } from './parameters'

type Json = Record<string, unknown>

/** The OpenAPI v2 document of a whole server: what older clients, and kubectl's checks, read. Made of the v3 documents. */
export function openApiV2(documents: readonly OpenApiDocument[]): Json {
  const paths: Json = {}
  const definitions: Record<string, Json> = {}
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths)) paths[path] = pathOf(item)
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const known = definitions[name]
      const converted = schemaOf(schema)
      definitions[name] = known ? withAllKinds(known, converted) : converted
    }
  }
  return {
    definitions: sorted(definitions),
    info: documents[0]?.info ?? { title: 'Kubernetes', version: 'unversioned' },
    paths: sorted(paths),
    security: [{ BearerToken: [] }],
    securityDefinitions: { BearerToken: { description: 'Bearer Token authentication', in: 'header', name: 'authorization', type: 'apiKey' } },
    swagger: '2.0',
  }
}

const kindsKey = 'x-kubernetes-group-version-kind'

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** DeleteOptions and WatchEvent are of every group: each document names only its own. */
function withAllKinds(a: Json, b: Json): Json {
  if (!a[kindsKey] || !b[kindsKey]) return a
  const own = [...(a[kindsKey] as GroupVersionKind[]), ...(b[kindsKey] as GroupVersionKind[])]
  const kind = own[0]!.kind
  const everywhere = own.some(({ group }) => group !== own[0]!.group) ? knownGroupVersions.map((known) => ({ group: known.group, kind, version: known.version })) : []
  const kinds = new Map([...own, ...everywhere].map((one) => [`${one.group}/${one.version}`, one]))
  return { ...a, [kindsKey]: [...kinds.keys()].sort().map((key) => kinds.get(key)) }
}

const refOf = (ref: string): string => ref.replace('#/components/schemas/', '#/definitions/')

function schemaOf({ allOf, oneOf, $ref, items, properties, additionalProperties, ...rest }: OpenApiSchema): Json {
  const schema: Json = { ...rest }
  const ref = $ref ?? allOf?.[0]?.$ref
  if (ref) {
    // Beside a reference, defaults have no place in this version.
    delete schema['default']
    schema['$ref'] = refOf(ref)
  }
  // There are no alternatives in this version: both kinds that have them are shown as text.
  if (oneOf) schema['type'] = 'string'
  if (schema['default'] !== undefined) delete schema['default']
  if (items) schema['items'] = schemaOf(items)
  if (additionalProperties) schema['additionalProperties'] = schemaOf(additionalProperties)
  if (properties) schema['properties'] = Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, schemaOf(property)]))
  return schema
}

const parameterOf = ({ schema, ...rest }: OpenApiParameter): Json => ({ ...rest, ...schema })

function pathOf(item: OpenApiPath): Json {
  const { parameters, ...operations } = item
  return {
    ...Object.fromEntries(Object.entries(operations).map(([method, operation]) => [method, operationOf(operation, method)])),
    ...(parameters ? { parameters: parameters.map(parameterOf) } : {}),
  }
}

/** This version lists media types in an order of its own. */
const order = [
  'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'text/plain', 'application/json', 'application/yaml',
  'application/vnd.kubernetes.protobuf', 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch',
]
const ordered = (content: Json): string[] => Object.keys(content).sort((a, b) => order.indexOf(a) - order.indexOf(b))

function operationOf({ parameters = [], requestBody, responses, ...rest }: OpenApiOperation, method: string): Json {
  const body = requestBody && Object.values(requestBody.content)[0]
  const bodyParameter = body && requestBody ? [{ in: 'body', name: 'body', ...(requestBody.required ? { required: true } : {}), schema: schemaOf(body.schema) }] : []
  const all = [...bodyParameter, ...parameters.map(parameterOf)]
  return {
    ...rest,
    consumes: method === 'patch' && requestBody ? ordered(requestBody.content) : ['*/*'],
    produces: ordered(Object.values(responses)[0]?.content ?? { '*/*': {} }),
    ...(all.length > 0 ? { parameters: all } : {}),
    responses: Object.fromEntries(Object.entries(responses).map(([code, { description, content }]) => {
      const answer = content && Object.values(content)[0]
      return [code, { description, ...(answer ? { schema: schemaOf(answer.schema) } : {}) }]
    })),
    schemes: ['https'],
  }
}
