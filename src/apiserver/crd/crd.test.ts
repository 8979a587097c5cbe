import { afterEach, describe, expect, test } from 'vitest'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#api/apiextensions/v1/types'
import { isInvalid, isNotFound } from '#apimachinery/api-error'
import type { Unstructured } from '#apimachinery/object'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { Transport } from '#client/transport'
import { startTestServer, type TestServer } from '../testing/test-server'

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

async function start(store?: ReturnType<typeof openMemoryStore>): Promise<TestServer> {
  const server = await startTestServer(store ? { store } : {})
  servers.push(server)
  return server
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const widgets = '/apis/example.com/v1/namespaces/default/widgets'

function version(schema: object, more: Partial<CustomResourceDefinitionVersion> = {}): CustomResourceDefinitionVersion {
  return { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: schema, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } }, ...more }
}

const definition = (...versions: CustomResourceDefinitionVersion[]): object => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions },
})

async function ask<T = Unstructured>({ transport }: { transport: Transport }, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object, contentType?: string): Promise<{ body: T; warnings: readonly string[] }> {
  const [plain, query] = path.split('?')
  const answer = await transport.request({ method, path: plain!, ...(query ? { query: Object.fromEntries(new URLSearchParams(query)) } : {}), ...(body ? { body } : {}), ...(contentType ? { contentType } : {}) })
  return { body: answer.body as T, warnings: answer.warnings ?? [] }
}

/** Resolves once the definition says that it is served. */
async function define(server: TestServer, object: object): Promise<void> {
  await ask(server, 'POST', definitions, object)
  await until(server, ({ status }) => status.conditions?.some(({ type, status: now }) => type === 'Established' && now === 'True') === true)
}

async function until(server: TestServer, done: (definition: CustomResourceDefinition) => boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    const { body } = await ask<CustomResourceDefinition>(server, 'GET', `${definitions}/widgets.example.com`)
    if (done(body)) return
    await server.flushed()
  }
  throw new Error('the definition did not get there')
}

const widget = (spec: object, name = 'a'): object => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec })
const spec = { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, mode: { type: 'string', default: 'fast' }, note: { type: 'string', nullable: true } } }

describe('custom resources', () => {
  test('are served once their definition is established, by their schema', async () => {
    const server = await start()
    await define(server, definition(version(spec)))
    const { body, warnings } = await ask(server, 'POST', widgets, widget({ size: 2, other: true, note: null }))
    expect(body).toMatchObject({ kind: 'Widget', spec: { size: 2, mode: 'fast', note: null }, metadata: { generation: 1, namespace: 'default' } })
    expect(body.spec).not.toHaveProperty('other')
    expect(warnings.join()).toContain('unknown field "spec.other"')
    await expect(ask(server, 'POST', widgets, widget({ size: 0, mode: 5 }, 'b'))).rejects.toSatisfy((error) => isInvalid(error)
      && error.status.details!.causes!.map(({ field, message }) => `${field}: ${message}`).join('\n') === [
        'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1', 'spec.mode: Invalid value: "integer": spec.mode in body must be of type string: "integer"',
      ].join('\n'))
  })

  test('carry on where a server stopped', async () => {
    const store = openMemoryStore()
    const first = await start(store)
    await define(first, definition(version(spec)))
    await ask(first, 'POST', widgets, widget({ size: 2 }))
    const second = await start(store)
    expect((await ask(second, 'GET', `${widgets}/a`)).body.spec).toEqual({ size: 2, mode: 'fast' })
  })

  test('the status endpoint writes status alone; the generation counts what else changes', async () => {
    const server = await start()
    await define(server, definition(version(spec, { subresources: { status: {} } })))
    await ask(server, 'POST', widgets, { ...widget({ size: 2 }), status: { ready: true } })
    const merge = 'application/merge-patch+json'
    const { body: marked } = await ask(server, 'PATCH', `${widgets}/a/status`, { metadata: { labels: { a: 'b' } }, spec: { size: 9 }, status: { ready: true } }, merge)
    expect(marked).toMatchObject({ spec: { size: 2 }, status: { ready: true }, metadata: { generation: 1 } })
    expect(marked.metadata.labels).toBeUndefined()
    const { body: changed } = await ask(server, 'PATCH', `${widgets}/a`, { spec: { size: 3 }, status: { ready: false } }, merge)
    expect(changed).toMatchObject({ spec: { size: 3 }, status: { ready: true }, metadata: { generation: 2 } })
  })

  test('a changed schema is what stored objects are read with', async () => {
    const server = await start()
    await define(server, definition(version(spec)))
    await ask(server, 'POST', widgets, widget({ size: 2 }))
    const wider = { ...spec, properties: { ...spec.properties, color: { type: 'string', default: 'red' } } }
    await ask(server, 'PATCH', `${definitions}/widgets.example.com`, { spec: { versions: [version(wider)] } }, 'application/merge-patch+json')
    await server.flushed()
    expect((await ask(server, 'GET', `${widgets}/a`)).body.spec).toEqual({ size: 2, mode: 'fast', color: 'red' })
  })

  test('each served version has its own schema over the same objects', async () => {
    const server = await start()
    const later = version({ type: 'object', properties: { size: { type: 'integer' } } }, { name: 'v2', storage: false })
    await define(server, definition(version(spec), later))
    await ask(server, 'POST', widgets, widget({ size: 2 }))
    const { body } = await ask(server, 'GET', `${widgets.replace('v1', 'v2')}/a`)
    expect(body).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 2 } })
    expect(body.spec).toEqual({ size: 2 })
    await ask(server, 'POST', widgets.replace('v1', 'v2'), { ...widget({ size: 4 }, 'b'), apiVersion: 'example.com/v2' })
    expect((await ask(server, 'GET', `${widgets}/b`)).body).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 4, mode: 'fast' } })
  })

  test('names that others of the group have are not given', async () => {
    const server = await start()
    await define(server, definition(version(spec)))
    const twin = { ...definition(version(spec)), metadata: { name: 'gadgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'gadgets', kind: 'Widget' }, versions: [version(spec)] } }
    await ask(server, 'POST', definitions, twin)
    for (let turn = 0; turn < 20; turn++) await server.flushed()
    const { body } = await ask<CustomResourceDefinition>(server, 'GET', `${definitions}/gadgets.example.com`)
    expect(body.status.conditions).toMatchObject([{ type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict' }, { type: 'Established', status: 'False' }])
    await expect(ask(server, 'GET', '/apis/example.com/v1/namespaces/default/gadgets')).rejects.toSatisfy(isNotFound)
  })

  test('a deleted definition waits for its objects, and takes no new ones', async () => {
    const server = await start()
    await define(server, definition(version(spec)))
    await ask(server, 'POST', widgets, { ...widget({ size: 2 }), metadata: { name: 'a', finalizers: ['example.com/hold'] } })
    const { body } = await ask<CustomResourceDefinition>(server, 'DELETE', `${definitions}/widgets.example.com`)
    expect(body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    await until(server, ({ status }) => status.conditions!.some(({ type, reason }) => type === 'Terminating' && reason === 'InstanceDeletionInProgress'))
    await expect(ask(server, 'POST', widgets, widget({ size: 1 }, 'b'))).rejects.toThrow('create not allowed while custom resource definition is terminating')
    await ask(server, 'PATCH', `${widgets}/a`, { metadata: { finalizers: null } }, 'application/merge-patch+json')
    await expect(until(server, () => false)).rejects.toSatisfy(isNotFound)
  })

  test('rules are asked, of updates with what was before', async () => {
    const server = await start()
    const ruled = {
      type: 'object', 'x-kubernetes-validations': [{ rule: 'self.min <= self.max', message: 'min must not exceed max' }],
      properties: { min: { type: 'integer' }, max: { type: 'integer' }, fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is fixed', reason: 'FieldValueForbidden' }] } },
    }
    await define(server, definition(version(ruled)))
    await expect(ask(server, 'POST', widgets, widget({ min: 3, max: 2 }))).rejects.toThrow('spec: Invalid value: min must not exceed max')
    await ask(server, 'POST', widgets, widget({ min: 1, max: 2, fixed: 'a' }))
    await expect(ask(server, 'PATCH', `${widgets}/a`, { spec: { fixed: 'b' } }, 'application/merge-patch+json')).rejects.toThrow('spec.fixed: Forbidden: is fixed')
    const broken = definition(version({ type: 'object', 'x-kubernetes-validations': [{ rule: 'self.' }] }))
    await expect(ask(server, 'PUT', `${definitions}/widgets.example.com`, { ...broken, metadata: { name: 'widgets.example.com', resourceVersion: '0' } })).rejects.toThrow()
    await expect(ask(server, 'POST', `${definitions}?dryRun=All`, broken)).rejects.toThrow('x-kubernetes-validations[0].rule')
    // Rules are judged where nothing is wrong with the schema, whatever is wrong elsewhere.
    const elsewhere = definition(version({ type: 'object', 'x-kubernetes-validations': [{ rule: 'self.' }] }), { name: 'v2', served: true, storage: false })
    await expect(ask(server, 'POST', definitions, elsewhere)).rejects.toThrow('spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule')
    const inside = definition(version({ type: 'object', 'x-kubernetes-validations': [{ rule: 'self.' }], properties: { a: { type: 'array', items: { type: 'string' }, uniqueItems: true } } }))
    await expect(ask(server, 'POST', definitions, inside)).rejects.not.toThrow('x-kubernetes-validations')
  })

  test('an embedded object needs no name', async () => {
    const server = await start()
    const embedded = { type: 'object', properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } } }
    await define(server, definition(version(embedded)))
    const { body } = await ask(server, 'POST', widgets, widget({ template: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { a: 'b' } } } }))
    expect(body.spec).toMatchObject({ template: { metadata: { labels: { a: 'b' } } } })
    await expect(ask(server, 'POST', widgets, widget({ template: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a/b' } } }, 'b'))).rejects.toThrow('spec.template.metadata.name')
  })

  test('a scale that is none is told as Go prints it', async () => {
    const server = await start()
    const scaled = version({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, { subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } } })
    await define(server, definition(scaled))
    await expect(ask(server, 'POST', widgets, widget({ size: { b: [1], a: 'x' } }))).rejects.toThrow('.spec.size accessor error: map[a:x b:[1]] is of the type map[string]interface {}, expected int64')
  })
})

test('one manager applies in several versions', async () => {
  const server = await start()
  await define(server, definition(version(spec), version(spec, { name: 'v2', storage: false })))
  const apply = (name: string, more: object) => ask(server, 'PATCH', `/apis/example.com/${name}/namespaces/default/widgets/a?fieldManager=me`, { apiVersion: `example.com/${name}`, kind: 'Widget', metadata: { name: 'a' }, spec: { size: 1, ...more } }, 'application/apply-patch+yaml')
  await apply('v1', { note: 'x' })
  const { body } = await apply('v2', {})
  expect(body).toMatchObject({ apiVersion: 'example.com/v2', spec: { size: 1 } })
  expect((body.spec as { note?: string }).note).toBeUndefined()
})

test('documents of OpenAPI hold what they name, with its texts', async () => {
  const server = await start()
  await define(server, definition(version(spec, { subresources: { scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } } })))
  const { body } = await ask<{ components: { schemas: Record<string, { description?: string; properties: Record<string, { description?: string }> }> } }>(server, 'GET', '/openapi/v3/apis/example.com/v1')
  const { schemas } = body.components
  expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta']!.properties['creationTimestamp']!.description).toContain('CreationTimestamp is a timestamp')
  const named = new Set(JSON.stringify(body).match(/#\/components\/schemas\/[^"]+/g))
  expect([...named].filter((ref) => !schemas[ref.slice('#/components/schemas/'.length)])).toEqual([])
})
