import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Unstructured } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { startTestServer, type TestServer } from '../testing/test-server'
import type { Webhooks } from '../webhook/webhook'

interface Review {
  apiVersion: string
  request: { uid: string; desiredAPIVersion: string; objects: Unstructured[] }
}

/** v1 says `spec.hostPort: a:b`, v2 says `spec.host` and `spec.port`. */
function converted(object: Unstructured, apiVersion: string): Unstructured {
  const spec = object.spec as { hostPort?: string; host?: string; port?: string }
  const [host, port] = (spec.hostPort ?? '').split(':')
  return { ...object, apiVersion, spec: apiVersion.endsWith('/v1') ? { hostPort: `${spec.host}:${spec.port}` } : { host, port } }
}

let asked: Review[] = []
let answer: (review: Review) => unknown
const webhooks: Webhooks = {
  of: () => ({
    async call(body) {
      asked.push(body as Review)
      return answer(body as Review)
    },
    async [Symbol.asyncDispose]() {},
  }),
  ofKubeconfig() {
    throw new Error('not here')
  },
}
const good = ({ apiVersion, request: { uid, desiredAPIVersion, objects } }: Review): unknown =>
  ({ kind: 'ConversionReview', apiVersion, response: { uid, result: { status: 'Success' }, convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)) } })

let server: TestServer
let store: ReturnType<typeof openMemoryStore>
beforeEach(async () => {
  asked = []
  answer = good
  store = openMemoryStore()
  server = await startTestServer({ webhooks, store })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const string = { type: 'string' }
const schemas = { v1: { hostPort: string }, v2: { host: string, port: string } }
const version = (name: 'v1' | 'v2', storage: boolean) =>
  ({ name, served: true, storage, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: schemas[name] } } } } })
const definition = (strategy: object) => ({
  metadata: { name: 'widgets.example.com' },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [version('v1', true), version('v2', false)], conversion: strategy },
})
const webhook = { strategy: 'Webhook', webhook: { clientConfig: { url: 'https://converter.example.com' }, conversionReviewVersions: ['v9', 'v1', 'v1beta1'] } }
const ref = (name: string): ResourceRef<Unstructured> => ({ group: 'example.com', version: name, resource: 'widgets', kind: 'Widget', namespaced: true })
const [v1, v2] = [ref('v1'), ref('v2')]
const key = (name: string) => ({ namespace: 'default', name })
const one = (name: string, spec: object) => ({ metadata: { ...key(name), labels: { a: 'b' } }, spec })

async function define(strategy: object): Promise<void> {
  await server.transport.request({ method: 'POST', path: definitions, body: definition(strategy) })
  await established()
}
/** Established, and served as it was asked for. */
async function established(): Promise<void> {
  for (;;) {
    const { body } = await server.transport.request({ method: 'GET', path: `${definitions}/widgets.example.com` })
    if ((body as { status: { conditions?: { type: string; status: string }[] } }).status.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const patchDefinition = (patch: object) => server.transport.request({ method: 'PATCH', path: `${definitions}/widgets.example.com`, contentType: 'application/json-patch+json', body: patch })

describe('by a webhook', () => {
  beforeEach(() => define(webhook))

  test('objects are read in the version that was asked for', async () => {
    const made = await server.client.create(v1, one('w', { hostPort: 'h:1' }))
    expect(asked).toEqual([])
    const read = await server.client.get(v2, key('w'))
    expect(read).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'h', port: '1' }, metadata: { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion, labels: { a: 'b' } } })
    expect(asked).toMatchObject([{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request: { desiredAPIVersion: 'example.com/v2', objects: [{ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } }] } }])
    expect(await server.client.get(v1, key('w'))).toMatchObject({ apiVersion: 'example.com/v1', spec: { hostPort: 'h:1' } })
  })

  test('and written in it, resting in the storage version', async () => {
    await server.client.create(v2, one('w', { host: 'h', port: '1', unknown: 'x' }))
    expect((await server.client.get(v1, key('w'))).spec).toEqual({ hostPort: 'h:1' })
    const { metadata } = await server.client.patch(v2, key('w'), { spec: { port: '2' } }, { type: 'merge' })
    expect(metadata.generation).toBe(2)
    expect((await server.client.get(v1, key('w'))).spec).toEqual({ hostPort: 'h:2' })
    await server.client.patch(v1, key('w'), { spec: { hostPort: 'g:3' } }, { type: 'merge' })
    expect((await server.client.get(v2, key('w'))).spec).toEqual({ host: 'g', port: '3' })
    await server.client.delete(v2, key('w'))
    await expect(server.client.get(v1, key('w'))).rejects.toMatchObject({ code: 404 })
  })

  test('a list of objects in several versions is converted at once', async () => {
    for (const name of ['a', 'b']) await server.client.create(v1, one(name, { hostPort: `${name}:1` }))
    await patchDefinition([{ op: 'replace', path: '/spec/versions/0/storage', value: false }, { op: 'replace', path: '/spec/versions/1/storage', value: true }])
    await server.flushed()
    await server.client.create(v2, one('c', { host: 'c', port: '1' }))
    asked = []
    expect((await server.client.list(v1, { namespace: 'default' })).items.map(({ spec }) => spec)).toEqual(['a:1', 'b:1', 'c:1'].map((hostPort) => ({ hostPort })))
    expect(asked.map(({ request }) => request.objects.length)).toEqual([1])
    expect((await server.client.list(v2, { namespace: 'default' })).items.map(({ spec }) => spec)).toEqual(['a', 'b', 'c'].map((host) => ({ host, port: '1' })))
    const { body } = await server.transport.request({ method: 'GET', path: `${definitions}/widgets.example.com` })
    expect((body as { status: object }).status).toMatchObject({ storedVersions: ['v1', 'v2'] })
    // As they rested in the first version.
    const again = await startTestServer({ webhooks, store })
    expect((await again.client.list(v1, { namespace: 'default' })).items.map(({ spec }) => spec)).toEqual(['a:1', 'b:1', 'c:1'].map((hostPort) => ({ hostPort })))
    await again[Symbol.asyncDispose]()
  })

  test('watches see every change in their own version, in order', async () => {
    await server.client.create(v1, one('w', { hostPort: 'h:0' }))
    const { metadata: { resourceVersion } } = await server.client.list(v2, { namespace: 'default' })
    const seen: unknown[] = []
    const stop = new AbortController()
    const watch = server.client.watch(v2, { namespace: 'default', resourceVersion, signal: stop.signal }, (events) => {
      for (const { type, object } of events) seen.push([type, object.apiVersion, (object.spec as { port: string }).port])
      if (seen.length === 4) stop.abort()
    })
    for (const port of [1, 2]) await server.client.patch(v1, key('w'), { spec: { hostPort: `h:${port}` } }, { type: 'merge' })
    await server.client.patch(v2, key('w'), { spec: { port: '3' } }, { type: 'merge' })
    await server.client.delete(v1, key('w'))
    await watch
    expect(seen).toEqual([['MODIFIED', 'example.com/v2', '1'], ['MODIFIED', 'example.com/v2', '2'], ['MODIFIED', 'example.com/v2', '3'], ['DELETED', 'example.com/v2', '3']])
  })

  test('two writers meet', async () => {
    await server.client.create(v1, one('w', { hostPort: 'h:0' }))
    await server.client.get(v2, key('w'))
    await Promise.all([1, 2, 3].flatMap((i) => [server.client.patch(v1, key('w'), { metadata: { annotations: { [`a${i}`]: '' } } }, { type: 'merge' }), server.client.patch(v2, key('w'), { metadata: { annotations: { [`b${i}`]: '' } } }, { type: 'merge' })]))
    expect(Object.keys((await server.client.get(v1, key('w'))).metadata.annotations!).sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'])
  })

  test.each<[string, (review: Review) => unknown, string]>([
    ['does not answer', () => { throw new Error('connection refused') }, 'conversion webhook for example.com/v1, Kind=Widget failed: connection refused'],
    ['answers nothing', () => ({}), 'expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got , Kind='],
    ['says nothing', ({ apiVersion }) => ({ kind: 'ConversionReview', apiVersion }), 'no response provided'],
    ['answers somebody else', ({ apiVersion }) => ({ kind: 'ConversionReview', apiVersion, response: { uid: 'x' } }), 'expected response.uid='],
    ['says no', (review) => ({ ...(good(review) as object), response: { uid: review.request.uid, result: { status: 'Failed', message: 'I will not' } } }), 'failed: I will not'],
    ['forgets objects', (review) => ({ ...(good(review) as object), response: { uid: review.request.uid, result: { status: 'Success' }, convertedObjects: [] } }), 'returned 0 objects, expected 1'],
    ['gives another version', (review) => good({ ...review, request: { ...review.request, desiredAPIVersion: 'example.com/v3' } }), 'invalid groupVersion (expected example.com/v2, received example.com/v3)'],
    ['gives another object', (review) => {
      const made = good(review) as { response: { convertedObjects: Unstructured[] } }
      made.response.convertedObjects[0]!.metadata = { ...made.response.convertedObjects[0]!.metadata, name: 'other' }
      return made
    }, 'must have the same name: w != other'],
    ['gives bad labels', (review) => {
      const made = good(review) as { response: { convertedObjects: Unstructured[] } }
      made.response.convertedObjects[0]!.metadata = { ...made.response.convertedObjects[0]!.metadata, labels: { '!': '' } }
      return made
    }, 'returned invalid metadata: metadata.labels'],
  ])('one that %s is told, and asked again', async (_, broken, message) => {
    await server.client.create(v1, one('w', { hostPort: 'h:1' }))
    answer = broken
    for (const ask of [() => server.client.get(v2, key('w')), () => server.client.list(v2, { namespace: 'default' }), () => server.client.create(v2, one('x', { host: 'h' }))]) {
      const error = await ask().then(() => undefined, (thrown: unknown) => thrown as { code: number; message: string })
      expect(error?.code).toBe(500)
      expect(error?.message).toContain(ask.toString().includes('create') ? '' : message)
    }
    expect((await server.client.get(v1, key('w'))).spec).toEqual({ hostPort: 'h:1' })
    answer = good
    expect((await server.client.get(v2, key('w'))).spec).toEqual({ host: 'h', port: '1' })
  })

  test('a definition goes with its objects, though its webhook went before', async () => {
    await server.client.create(v1, one('w', { hostPort: 'h:1' }))
    await patchDefinition([{ op: 'replace', path: '/spec/versions/0/storage', value: false }, { op: 'replace', path: '/spec/versions/1/storage', value: true }])
    await server.flushed()
    answer = () => {
      throw new Error('gone')
    }
    await server.transport.request({ method: 'DELETE', path: `${definitions}/widgets.example.com` })
    for (;;) {
      const code = await server.transport.request({ method: 'GET', path: `${definitions}/widgets.example.com` }).then(({ code }) => code, (error: { code: number }) => error.code)
      if (code === 404) break
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await store.list('/registry/example.com/', { limit: 10, maxBytes: 1000 })).entries).toEqual([])
  })

  test('a write that changes nothing moves an object to the storage version', async () => {
    const { metadata: { resourceVersion } } = await server.client.create(v1, one('w', { hostPort: 'h:1' }))
    const same = async (ref: ResourceRef<Unstructured>) => server.client.update(ref, await server.client.get(ref, key('w')))
    expect((await same(v1)).metadata.resourceVersion).toBe(resourceVersion)
    await patchDefinition([{ op: 'replace', path: '/spec/versions/0/storage', value: false }, { op: 'replace', path: '/spec/versions/1/storage', value: true }])
    await server.flushed()
    const moved = await same(v2)
    expect(moved.metadata.resourceVersion).not.toBe(resourceVersion)
    expect((await same(v1)).metadata.resourceVersion).toBe(moved.metadata.resourceVersion)
    const { value } = (await store.get('/registry/example.com/widgets/default/w'))!
    expect(Buffer.from(value).toString()).toMatch(/"spec":\{"host":"h","port":"1"\}\}v2$/)
  })

  test('metadata but labels and annotations stays what it was', async () => {
    await server.client.create(v1, one('w', { hostPort: 'h:1' }))
    answer = (review) => {
      const made = good(review) as { response: { convertedObjects: Unstructured[] } }
      for (const object of made.response.convertedObjects) object.metadata = { ...object.metadata, labels: { c: 'd' }, finalizers: ['example.com/x'], generation: 7 }
      return made
    }
    const { metadata } = await server.client.get(v2, key('w'))
    expect(metadata).toMatchObject({ labels: { c: 'd' }, generation: 1 })
    expect(metadata.finalizers).toBeUndefined()
  })
})

test('without one, nothing changes but the version', async () => {
  await define({ strategy: 'None' })
  await server.client.create(v1, one('w', { hostPort: 'h:1' }))
  // Pruned by the schema that was asked for.
  expect(await server.client.get(v2, key('w'))).toMatchObject({ apiVersion: 'example.com/v2', spec: {} })
  expect(asked).toEqual([])
})
