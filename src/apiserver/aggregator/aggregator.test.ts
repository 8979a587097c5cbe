import { once } from 'node:events'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { apiservices } from '#api/apiregistration/v1/api-service'
import { configmaps } from '#api/core/v1/config-map'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import { systemClock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import { createClient } from '#client/create-client'
import { createInformers } from '#client/informers'
import type { KubeObject, ObjectKey } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { silent } from '#component-base/log'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import { loopback } from '../loopback'
import { startExtensionServer, type ExtensionServer } from '../testing/extension-server'
import { admin, startTestServer, type TestServer } from '../testing/test-server'
import { createAggregator } from './aggregator'
import { identityOf } from './identity'
import { standardHeaders } from '../authentication/request-header'

const pki = openPki()
const disposables = createDisposables()
const self = loopback()
const client = createClient(self.transport)
const clock = systemClock
const informers = createInformers(client, { clock, log: silent })
let server: TestServer
let extension: ExtensionServer
let clientCa = certificateToPem(pki.ca.certificate)
let authoritiesChanged: () => void
const group = 'wardle.example.com'
const flunders = `/apis/${group}/v1alpha1/namespaces/default/flunders`

beforeAll(async () => {
  const frontProxyCa = certificateToPem(pki.frontProxyCa.certificate)
  extension = disposables.use(await startExtensionServer('api.wardle.svc', frontProxyCa))
  const aggregator = createAggregator({
    proxyClient: keyPairToPem(pki.frontProxyClient), facts: {
      authorities: {
        clients: () => clientCa, frontProxies: () => frontProxyCa,
        changed(callback) {
          authoritiesChanged = callback
          return { [Symbol.dispose]() {} }
        },
      },
      allowedNames: ['front-proxy-client'], headers: standardHeaders,
    },
  }, { client, informers, clock, log: silent })
  const tokens = staticTokens()
  tokens.add({ name: 'jane', uid: '7', groups: ['dev', 'ops,all'], extra: { 'example.com/scope': ['a', 'b'] } }, 'secret')
  server = disposables.use(await startTestServer({ aggregator, authenticators: [bearerTokens([tokens], [])] }, { listen: { port: 0, tls: keyPairToPem(pki.apiserver) } }))
  self.attach(server.server.connect(admin))
  disposables.use(await aggregator.start())
  await client.create(apiservices, apiService('v1alpha1', { insecureSkipTLSVerify: true }))
})
beforeEach(() => void (extension.seen.length = 0))
afterAll(async () => {
  await informers[Symbol.asyncDispose]()
  await disposables[Symbol.asyncDispose]()
})

const apiService = (version: string, more: object = {}) => ({
  metadata: { name: `${version}.${group}` },
  spec: { group, version, groupPriorityMinimum: 2000, versionPriority: 200, service: { namespace: 'default', name: 'wardle', port: 443 }, ...more },
})

/** Resolves when an object is as it should be. */
function until<T extends KubeObject>(resource: ResourceRef<T>, key: ObjectKey, wanted: (object: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const subscription = informers.get(resource).on((object) => {
      if (!object || !wanted(object) || `${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name}` !== key) return
      resolve(object)
      queueMicrotask(() => subscription[Symbol.dispose]())
    })
  })
}
const condition = (reason: string) => until(apiservices, `v1alpha1.${group}`, ({ status }) => status?.conditions?.[0]?.reason === reason).then(({ status }) => status!.conditions![0]!)

async function ask(path: string, options: RequestOptions = {}, body?: object): Promise<{ code: number; headers: IncomingMessage['headers']; text: string }> {
  const sent = request({ host: '127.0.0.1', port: server.server.port, path, ca: certificateToPem(pki.ca.certificate), ...options, headers: { authorization: 'Bearer secret', ...options.headers } })
  sent.end(body && JSON.stringify(body))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { code: answer.statusCode!, headers: answer.headers, text: await text(answer) }
}
const get = async <T>(path: string, options?: RequestOptions): Promise<T> => JSON.parse((await ask(path, options)).text) as T
const later = async (passes: () => Promise<boolean>): Promise<void> => {
  while (!(await passes())) await new Promise((resolve) => setImmediate(resolve))
}

test('availability follows the service, its endpoints and the server behind them', async () => {
  expect(await condition('ServiceNotFound')).toMatchObject({ status: 'False', message: 'service/wardle in "default" is not present' })
  expect(await ask(flunders)).toMatchObject({ code: 503, text: 'service unavailable\n' })

  await client.create(services, { metadata: { namespace: 'default', name: 'wardle' }, spec: { ports: [{ name: 'api', port: 444 }] } })
  expect(await condition('ServicePortError')).toMatchObject({ message: 'service/wardle in "default" is not listening on port 443' })
  await client.patch(services, { namespace: 'default', name: 'wardle' }, [{ op: 'replace', path: '/spec/ports/0/port', value: 443 }], { type: 'json' })
  expect(await condition('EndpointsNotFound')).toMatchObject({ message: 'cannot find endpointslices for service/wardle in "default"' })
  await client.create(endpointslices, {
    metadata: { namespace: 'default', name: 'wardle-1', labels: { 'kubernetes.io/service-name': 'wardle' } }, addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }], ports: [{ name: 'api', port: extension.port }],
  })
  expect(await condition('MissingEndpoints')).toMatchObject({ message: 'endpointslices for service/wardle in "default" have no addresses with port name "api"' })
  await client.delete(endpointslices, { namespace: 'default', name: 'wardle-1' })

  // An extension server of this machine is reached by a name.
  await client.delete(services, { namespace: 'default', name: 'wardle' })
  await client.create(services, { metadata: { namespace: 'default', name: 'wardle' }, spec: { type: 'ExternalName', externalName: '127.0.0.1' } })
  const refused = await condition('FailedDiscoveryCheck')
  expect(refused.message).toContain(`failing or missing response from https://127.0.0.1:443/apis/${group}/v1alpha1`)
  await client.patch(apiservices, { name: `v1alpha1.${group}` }, { spec: { service: { port: extension.port } } }, { type: 'merge' })
  expect(await condition('Passed')).toMatchObject({ status: 'True', message: 'all checks passed' })
  expect(extension.seen.find(({ url }) => url === `/apis/${group}/v1alpha1`)).toMatchObject({ client: 'front-proxy-client', headers: { 'x-remote-user': 'system:kube-aggregator', 'x-remote-group': 'system:masters' } })
})

test('certificates are checked: the authority, and the name of the service', async () => {
  const patch = (spec: object) => client.patch(apiservices, { name: `v1alpha1.${group}` }, { spec }, { type: 'merge' })
  await patch({ insecureSkipTLSVerify: null, caBundle: Buffer.from(certificateToPem(pki.ca.certificate)).toString('base64') })
  expect((await condition('FailedDiscoveryCheck')).message).toContain('x509: certificate signed by unknown authority')
  await patch({ caBundle: extension.caBundle })
  await until(apiservices, `v1alpha1.${group}`, ({ status }) => status?.conditions?.[0]?.message?.includes('certificate is valid for api.wardle.svc, not wardle.default.svc') ?? false)
  await patch({ caBundle: null, insecureSkipTLSVerify: true })
  await condition('Passed')
})

test('requests arrive as the user who was let in', async () => {
  const made = await ask(flunders, { method: 'POST', headers: { 'content-type': 'application/json', 'x-remote-user': 'root', 'x-remote-group': 'system:masters', 'x-remote-extra-a': 'b' } }, { metadata: { name: 'a' }, spec: { reference: 'b' } })
  expect([made.code, JSON.parse(made.text)]).toMatchObject([201, { metadata: { name: 'a', namespace: 'default' } }])
  expect(made.headers.warning).toBe('299 - "flunders are strange"')
  const { headers, client: proxy } = extension.seen.find(({ method }) => method === 'POST')!
  expect(proxy).toBe('front-proxy-client')
  expect(headers).toMatchObject({
    'x-remote-user': 'jane', 'x-remote-uid': '7', 'x-remote-group': 'dev, ops,all, system:authenticated', 'x-remote-extra-example.com%2fscope': 'a, b', 'x-forwarded-for': '127.0.0.1', 'audit-id': expect.any(String),
    host: `127.0.0.1:${extension.port}`,
  })
  for (const name of ['authorization', 'x-remote-extra-a']) expect(headers[name]).toBeUndefined()
  expect(await get(`${flunders}?limit=5`)).toMatchObject({ kind: 'FlunderList', items: [{ metadata: { name: 'a' } }] })
  expect(await ask(`${flunders}/none`)).toMatchObject({ code: 404 })
})

test('nobody who is not let in gets there', async () => {
  expect(await ask(flunders, { headers: { authorization: 'Bearer wrong' } })).toMatchObject({ code: 401 })
  expect(extension.seen.filter(({ url }) => url.startsWith(flunders))).toEqual([])
})

test('watches are streams; redirects are refused', async () => {
  const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${flunders}?watch=true&resourceVersion=100`, ca: certificateToPem(pki.ca.certificate), headers: { authorization: 'Bearer secret' } })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  await ask(flunders, { method: 'POST' }, { metadata: { name: 'w' } })
  expect(JSON.parse(String((await once(answer, 'data'))[0]))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'w' } } })
  sent.destroy()
  expect(await ask(`/apis/${group}/v1alpha1/away`)).toMatchObject({ code: 502, text: 'the backend attempted to redirect this request, which is not permitted' })
})

test('connections that leave HTTP are joined', async () => {
  const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${flunders}/a/echo`, ca: certificateToPem(pki.ca.certificate), headers: { authorization: 'Bearer secret', connection: 'Upgrade', upgrade: 'echo' } })
  sent.end()
  const [answer, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket]
  expect(answer.headers['x-user']).toBe('jane')
  socket.write('hello')
  expect(String((await once(socket, 'data'))[0])).toBe('hello')
  socket.destroy()
})

test('callers in the process get objects, errors and events', async () => {
  const resource = { group, version: 'v1alpha1', resource: 'flunders', kind: 'Flunder', namespaced: true } as ResourceRef
  expect((await client.list(resource, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)).toContain('a')
  await expect(client.get(resource, { namespace: 'default', name: 'none' })).rejects.toMatchObject({ code: 404, reason: 'NotFound' })
  const stop = new AbortController()
  const names: string[] = []
  const watch = client.watch(resource, { namespace: 'default', signal: stop.signal }, (events) => {
    names.push(...events.map(({ object }) => object.metadata.name))
    if (names.includes('w')) stop.abort()
  })
  await watch.catch((error: unknown) => expect(stop.signal.aborted, String(error)).toBe(true))
  expect(names).toEqual(['a', 'w'])
})

test.each([true, false])('discovery has what it says itself (new documents: %s)', async (modern) => {
  extension.modern = modern
  await client.patch(apiservices, { name: `v1alpha1.${group}` }, { metadata: { annotations: { modern: String(modern) } } }, { type: 'merge' })
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  type Whole = { items: { metadata: { name?: string }; versions: { version: string; freshness: string; resources: { resource: string }[] }[] }[] }
  const wardle = async () => (await get<Whole>('/apis', { headers: { accept } })).items.find(({ metadata }) => metadata.name === group)?.versions
  await later(async () => (await wardle())?.[0]?.resources.length === 1)
  expect(await wardle()).toEqual([{ version: 'v1alpha1', freshness: 'Current', resources: [{ resource: 'flunders', responseKind: { group, version: 'v1alpha1', kind: 'Flunder' }, scope: 'Namespaced', singularResource: 'flunder', verbs: expect.any(Array), shortNames: ['fl'] }] }])
  const groups = (await get<{ groups: { name: string }[] }>('/apis')).groups.map(({ name }) => name)
  expect(groups[0]).toBe('apiregistration.k8s.io')
  expect(groups.at(-1)).toBe(group)
  expect(await get(`/apis/${group}`)).toMatchObject({ kind: 'APIGroup', preferredVersion: { version: 'v1alpha1' } })
  expect(await get(`/apis/${group}/v1alpha1`)).toMatchObject({ kind: 'APIResourceList', resources: [{ name: 'flunders' }] })
  const { headers } = await ask('/apis', { headers: { accept } })
  expect(headers['cache-control']).toBe('public')
  expect(await ask('/apis', { headers: { accept, 'if-none-match': headers.etag! } })).toMatchObject({ code: 304, text: '' })
})

test('what it said last is stale while it does not answer', async () => {
  extension.broken = 503
  await client.patch(apiservices, { name: `v1alpha1.${group}` }, { metadata: { annotations: { broken: 'yes' } } }, { type: 'merge' })
  await condition('FailedDiscoveryCheck')
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const wardle = async () => (await get<{ items: { metadata: { name?: string }; versions: { freshness: string; resources: object[] }[] }[] }>('/apis', { headers: { accept } })).items.find(({ metadata }) => metadata.name === group)!.versions[0]!
  await later(async () => (await wardle()).freshness === 'Stale')
  expect((await wardle()).resources).toHaveLength(1)
  expect(await ask(flunders)).toMatchObject({ code: 503, text: 'service unavailable\n', headers: { 'content-type': 'text/plain; charset=utf-8' } })
  extension.broken = undefined
  extension.modern = true
  await client.patch(apiservices, { name: `v1alpha1.${group}` }, { metadata: { annotations: { broken: null } } }, { type: 'merge' })
  await condition('Passed')
  await later(async () => (await wardle()).freshness === 'Current')
})

test('OpenAPI: its own document, and its part of the whole', async () => {
  await later(async () => (await get<{ paths: Record<string, object> }>('/openapi/v3')).paths[`apis/${group}/v1alpha1`] !== undefined)
  const document = await get<{ components: { schemas: object } }>(`/openapi/v3/apis/${group}/v1alpha1?hash=ABC`)
  expect(Object.keys(document.components.schemas)).toEqual(['com.example.wardle.v1alpha1.Flunder'])
  type Swagger = { paths: Record<string, object>; definitions: Record<string, { description?: string }> }
  const whole = await get<Swagger>('/openapi/v2')
  expect(whole.definitions['com.example.wardle.v1alpha1.Flunder']?.description).toBe('A flunder is there to be served.')
  expect(whole.definitions['io.k8s.api.apps.v1.Deployment']).toBeDefined()
  expect(Object.keys(whole.paths).filter((path) => path.includes(group))).toEqual([`/apis/${group}/v1alpha1/namespaces/{namespace}/flunders`])
  const sent = request({ host: '127.0.0.1', port: server.server.port, path: '/openapi/v2', ca: certificateToPem(pki.ca.certificate), headers: { authorization: 'Bearer secret', accept: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf', 'accept-encoding': 'gzip' } })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  expect(gunzipSync(Buffer.concat(chunks)).includes('com.example.wardle.v1alpha1.Flunder')).toBe(true)
})

test('the groups of definitions are registered with them, and go with them', async () => {
  const versions = ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: { type: 'object' } } }))
  const definition = { metadata: { name: 'things.made.example.com' }, spec: { group: 'made.example.com', scope: 'Cluster', names: { plural: 'things', kind: 'Thing' }, versions } } as const
  await client.create(customresourcedefinitions, definition as never)
  const passed = await until(apiservices, 'v1.made.example.com', ({ status }) => status?.conditions?.[0]?.status === 'True')
  expect(passed).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } }, spec: { group: 'made.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
    status: { conditions: [{ reason: 'Local', message: 'Local APIServices are always available' }] },
  })
  await client.delete(apiservices, { name: 'v1.made.example.com' })
  await until(apiservices, 'v1.made.example.com', ({ metadata }) => metadata.uid !== passed.metadata.uid)
  await client.patch(customresourcedefinitions, { name: definition.metadata.name }, [{ op: 'replace', path: '/spec/versions/1/served', value: false }], { type: 'json' })
  await later(async () => !(await client.list(apiservices)).items.some(({ metadata }) => metadata.name === 'v2.made.example.com'))
  await client.delete(customresourcedefinitions, { name: definition.metadata.name })
  await later(async () => !(await client.list(apiservices)).items.some(({ spec }) => spec.group === 'made.example.com'))
  expect((await client.list(apiservices)).items.some(({ metadata }) => metadata.name === 'v1.apps')).toBe(true)
})

test('what is registered without a service is named among the groups, and nowhere else', async () => {
  await client.create(apiservices, { metadata: { name: 'v1.hollow.example.com' }, spec: { group: 'hollow.example.com', version: 'v1', groupPriorityMinimum: 17790, versionPriority: 1 } })
  await later(async () => (await ask('/apis/hollow.example.com')).code === 200)
  const names = (await get<{ groups: { name: string }[] }>('/apis')).groups.map(({ name }) => name)
  expect(names.slice(0, 3)).toEqual(['apiregistration.k8s.io', 'apps', 'hollow.example.com'])
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  expect((await get<{ items: { metadata: { name: string } }[] }>('/apis', { headers: { accept } })).items.map(({ metadata }) => metadata.name)).not.toContain('hollow.example.com')
  expect(await ask('/apis/hollow.example.com/v1')).toMatchObject({ code: 404, text: '404 page not found\n' })
  await client.delete(apiservices, { name: 'v1.hollow.example.com' })
  await later(async () => (await ask('/apis/hollow.example.com')).code === 404)
})

test('extension servers are told how users are known here', async () => {
  const key = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }
  await until(configmaps, `${key.namespace}/${key.name}`, () => true)
  const { data } = await client.get(configmaps, key)
  expect(data).toEqual({
    'client-ca-file': certificateToPem(pki.ca.certificate), 'requestheader-client-ca-file': certificateToPem(pki.frontProxyCa.certificate), 'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-username-headers': '["x-remote-user"]', 'requestheader-uid-headers': '["x-remote-uid"]', 'requestheader-group-headers': '["x-remote-group"]', 'requestheader-extra-headers-prefix': '["x-remote-extra-"]',
  })
  await client.delete(configmaps, key)
  await later(async () => client.get(configmaps, key).then(() => true, () => false))
  await client.patch(configmaps, key, { data: { 'requestheader-allowed-names': '["another"]' } }, { type: 'merge' })
  await later(async () => (await client.get(configmaps, key)).data?.['requestheader-allowed-names'] === '["another","front-proxy-client"]')
  const before = clientCa
  clientCa = certificateToPem(openPki().ca.certificate)
  authoritiesChanged()
  // Those of before stay: another server may believe them still.
  await later(async () => (await client.get(configmaps, key)).data?.['client-ca-file'] === before + clientCa)
})

test('a group that is registered no more is this server\'s again', async () => {
  await client.delete(apiservices, { name: `v1alpha1.${group}` })
  await later(async () => (await ask(flunders)).code === 404)
  expect((await get<{ groups: { name: string }[] }>('/apis')).groups.map(({ name }) => name)).not.toContain(group)
})

test('keys of extra fields are escaped', () => {
  expect(identityOf({ name: 'a', groups: [], extra: { 'Alpha/ß%': ['x'], none: [] } })).toEqual({ 'x-remote-user': 'a', 'x-remote-extra-Alpha%2F%C3%9F%25': ['x'] })
})
