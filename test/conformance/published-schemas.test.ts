import { expect, test } from 'vitest'
import { customresourcedefinitions } from '#api/index'
import { eventually, refusal, serve } from './cluster'
import { type CustomKind, type CustomOptions, define } from './custom-kinds'

const served = serve()

interface Schema { type?: string; properties?: Record<string, Schema>; 'x-kubernetes-preserve-unknown-fields'?: boolean; 'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[] }

/** Not all of the documents call themselves JSON. */
async function document<A>(path: string): Promise<A> {
  const body = await served.ask(path)
  return (typeof body === 'string' ? JSON.parse(body) : body) as A
}

/** What both documents say about a kind in a version; undefined where either says nothing. */
async function published({ group, resource }: CustomKind, version = resource.version, kind = resource.kind): Promise<{ v2: Schema; v3: Schema } | undefined> {
  const of = (schemas: Record<string, Schema> = {}): Schema | undefined =>
    Object.values(schemas).find((schema) => schema['x-kubernetes-group-version-kind']?.some((one) => one.group === group && one.version === version && one.kind === kind))
  const v2 = of((await document<{ definitions: Record<string, Schema> }>('/openapi/v2')).definitions)
  const { paths } = await document<{ paths: Record<string, { serverRelativeURL: string }> }>('/openapi/v3')
  const found = paths[`apis/${group}/${version}`]
  if (!found) {
    expect(v2).toBeUndefined()
    return undefined
  }
  const v3 = of((await document<{ components: { schemas: Record<string, Schema> } }>(found.serverRelativeURL)).components.schemas)
  return v2 && v3 && { v2, v3 }
}
const isPublished = (custom: CustomKind, version?: string) => eventually(async () => {
  const found = await published(custom, version)
  expect(found, `nothing is published of ${custom.resource.kind} ${version ?? ''}`).toBeDefined()
  return found!
})

const bars = {
  type: 'object' as const, properties: {
    spec: { type: 'object', properties: { bars: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, age: { type: 'string' } } } } } },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
}
const make = async (custom: CustomKind, rest: object, fieldValidation = 'Strict') => {
  const { resource, path } = custom
  const namespace = await served.namespace()
  return served.answer(path(namespace), { method: 'POST', query: { fieldValidation }, body: { apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind, metadata: { name: 'one' }, ...rest } })
}

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD with validation schema', async () => {
  const custom = await define(served, { schema: bars })
  for (const schema of Object.values(await isPublished(custom))) {
    expect(schema.properties).toMatchObject({ apiVersion: { type: 'string' }, kind: { type: 'string' }, spec: { properties: { bars: { type: 'array' } } }, status: { type: 'object' } })
    expect(schema.type).toBe('object')
  }
  await make(custom, { spec: { bars: [{ name: 'a', age: '10' }] } })
  expect((await refusal(make(custom, { spec: { bars: [{ age: '10' }] } }))).message).toContain('spec.bars[0].name: Required value')
  expect((await refusal(make(custom, { spec: { foos: [] } }))).message).toContain('unknown field "spec.foos"')
})

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD without validation schema', async () => {
  const custom = await define(served)
  expect((await isPublished(custom)).v3.type).toBe('object')
  expect((await make(custom, { anything: { goes: [1] } })).body).toMatchObject({ anything: { goes: [1] } })
})

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields at the schema root', async () => {
  const custom = await define(served, { schema: { 'x-kubernetes-preserve-unknown-fields': true, ...bars } })
  expect((await isPublished(custom)).v3['x-kubernetes-preserve-unknown-fields']).toBe(true)
  expect((await make(custom, { extra: 'kept', spec: { bars: [] } })).body).toMatchObject({ extra: 'kept' })
})

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for CRD preserving unknown fields in an embedded object', async () => {
  const custom = await define(served, { schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } } } } })
  expect((await isPublished(custom)).v3.properties!.spec!['x-kubernetes-preserve-unknown-fields']).toBe(true)
  expect((await make(custom, { spec: { known: 'a', extra: 'kept' } })).body).toMatchObject({ spec: { known: 'a', extra: 'kept' } })
  expect((await refusal(make(custom, { extra: 'no' }))).message).toContain('unknown field "extra"')
})

const together: Record<string, CustomOptions[]> = {
  '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of different groups': [{ group: 'first.example.com' }, { group: 'second.example.com' }],
  '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group but different versions': [{ group: 'versions.example.com', versions: ['v1'] }, { group: 'versions.example.com', versions: ['v2'] }],
  '[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] works for multiple CRDs of same group and version but different kinds': [{ group: 'kinds.example.com' }, { group: 'kinds.example.com' }],
}
for (const [title, all] of Object.entries(together)) {
  test(title, async () => {
    const kinds = await Promise.all(all.map((options) => define(served, { schema: bars, ...options })))
    for (const custom of kinds) expect((await isPublished(custom)).v3.properties).toHaveProperty('spec')
  })
}

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] updates the published spec when one version gets renamed', async () => {
  const custom = await define(served, { versions: ['v2', 'v3'], schema: bars })
  for (const version of ['v2', 'v3']) await isPublished(custom, version)
  await served.client.patch(customresourcedefinitions, custom.definition, [{ op: 'replace', path: '/spec/versions/1/name', value: 'v4' }], { type: 'json' })
  await isPublished(custom, 'v4')
  await eventually(async () => expect(await published(custom, 'v3')).toBeUndefined())
  await isPublished(custom, 'v2')
})

test('[sig-api-machinery] CustomResourcePublishOpenAPI [Privileged:ClusterAdmin] removes definition from spec when one version gets changed to not be served', async () => {
  const custom = await define(served, { versions: ['v1', 'v2'], schema: bars })
  for (const version of ['v1', 'v2']) await isPublished(custom, version)
  await served.client.patch(customresourcedefinitions, custom.definition, [{ op: 'replace', path: '/spec/versions/1/served', value: false }], { type: 'json' })
  await eventually(async () => expect(await published(custom, 'v2')).toBeUndefined())
  await isPublished(custom, 'v1')
})
