import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtin } from '#api/builtin'
import { structs as apps } from '#api/apps/v1/types.gen'
import { structs as autoscaling } from '#api/autoscaling/v1/types.gen'
import { structs as core } from '#api/core/v1/types.gen'
import { structs as policy } from '#api/policy/v1/types.gen'
import { decodeMessage } from '#apimachinery/codec/protobuf/decode'
import { encodeMessage } from '#apimachinery/codec/protobuf/encode'
import { openEnvelope, sealEnvelope } from '#apimachinery/codec/protobuf/envelope'
import { structs as meta } from '#apimachinery/meta/v1/types.gen'
import { defineResource } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import { superusers } from '../authorization/chain'
import { startTestServer, type TestServer } from '../testing/test-server'

const protobuf = 'application/vnd.kubernetes.protobuf'
const pki = openPki()
const token = 'secret'
/** Stands for a custom resource: a kind that no build knows. */
const widgets = defineResource({
  group: 'example.com', version: 'v1', kind: 'Widget', resource: 'widgets', namespaced: true, columns: [],
  versions: { 'example.com/v1': { schema: async (): Promise<Struct> => ({ ...core.ConfigMap!, type: 'struct', name: 'Widget', fields: core.ConfigMap!.fields, atomic: false, preserveUnknown: false }) } },
})
let server: TestServer

beforeAll(async () => {
  const tokens = staticTokens()
  tokens.add({ name: 'admin', groups: ['system:masters'] }, token)
  server = await startTestServer(
    { authenticators: [bearerTokens([tokens], [])], anonymous: true, authorizers: [superusers], resources: [...builtin, widgets] },
    { listen: { tls: keyPairToPem(pki.apiserver) } },
  )
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

interface Reply { code: number; type: string; body: Buffer }

/** `first`: does not wait for the end of the answer, but for the first bytes. */
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array | string, first = false): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port } = server.server
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request({ host: '127.0.0.1', port, ca: keyPairToPem(pki.ca).cert, method, path, headers: { authorization: `Bearer ${token}`, ...length, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      const done = (): void => resolve({ code: answer.statusCode!, type: String(answer.headers['content-type']), body: Buffer.concat(chunks) })
      answer.on('end', done).on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (!first) return
        done()
        sent.destroy()
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const send = (method: string, path: string, apiVersion: string, kind: string, struct: Struct, object: object): Promise<Reply> =>
  ask(method, path, { 'content-type': protobuf, accept: protobuf }, sealEnvelope(apiVersion, kind, encodeMessage(struct, object)))

function opened({ type, body }: Pick<Reply, 'type' | 'body'>, struct: Struct): Record<string, unknown> {
  expect(type).toBe(protobuf)
  const { apiVersion, kind, raw } = openEnvelope(body)
  return { apiVersion, kind, ...decodeMessage(struct, raw) }
}

/** `{ metadata = 1, items = 2 }` of any list. */
const listOf = (items: Struct): Struct => ({
  type: 'struct', name: 'List', atomic: false, preserveUnknown: false,
  fields: new Map([
    ['metadata', { name: 'metadata', schema: meta.ListMeta!, proto: [1], required: false, zero: 'drop', retainKeys: false }],
    ['items', { name: 'items', schema: { type: 'list', items, listType: 'atomic', keys: [] }, proto: [2], required: false, zero: 'drop', retainKeys: false }],
  ]),
})

const configMap = (name: string, data: Record<string, string>): Promise<Reply> =>
  send('POST', '/api/v1/namespaces/default/configmaps', 'v1', 'ConfigMap', core.ConfigMap!, { metadata: { name }, data })

test('a deployment goes in and comes out, defaulted, with its pointers to zero', async () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx', resources: { limits: { cpu: '500m' } } }] } }
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } }
  const made = await send('POST', '/apis/apps/v1/namespaces/default/deployments', 'apps/v1', 'Deployment', apps.Deployment!, {
    metadata: { name: 'web' }, spec: { replicas: 0, selector: { matchLabels: { app: 'web' } }, template, strategy },
  })
  expect(made.code).toBe(201)
  const { spec } = opened(made, apps.Deployment!) as { spec: Record<string, unknown> }
  expect(spec).toMatchObject({ replicas: 0, strategy, revisionHistoryLimit: 10, template: { spec: { containers: [{ imagePullPolicy: 'Always', resources: { limits: { cpu: '500m' } } }] } } })

  const asJson = JSON.parse((await ask('GET', '/apis/apps/v1/namespaces/default/deployments/web')).body.toString()) as object
  expect(opened(await ask('GET', '/apis/apps/v1/namespaces/default/deployments/web', { accept: protobuf }), apps.Deployment!)).toEqual(asJson)

  const scaled = await send('PUT', '/apis/apps/v1/namespaces/default/deployments/web/scale', 'autoscaling/v1', 'Scale', autoscaling.Scale!, { metadata: { name: 'web' }, spec: { replicas: 3 } })
  expect(opened(scaled, autoscaling.Scale!)).toMatchObject({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 3 } })
})

test('options of deletes, evictions', async () => {
  await configMap('doomed', {})
  const kept = await send('DELETE', '/api/v1/namespaces/default/configmaps/doomed', 'v1', 'DeleteOptions', meta.DeleteOptions!, { preconditions: { uid: 'other' } })
  expect(opened(kept, meta.Status!)).toMatchObject({ code: 409, reason: 'Conflict' })
  const gone = await send('DELETE', '/api/v1/namespaces/default/configmaps/doomed', 'v1', 'DeleteOptions', meta.DeleteOptions!, { gracePeriodSeconds: 0 })
  expect(opened(gone, meta.Status!)).toMatchObject({ status: 'Success' })
  const evicted = await send('POST', '/api/v1/namespaces/default/pods/none/eviction', 'policy/v1', 'Eviction', policy.Eviction!, { metadata: { name: 'none' } })
  expect(opened(evicted, meta.Status!)).toMatchObject({ code: 404 })
})

test('lists, metadata alone, discovery', async () => {
  for (let i = 0; i < 3; i++) await configMap(`listed-${i}`, { text: 'x'.repeat(200_000), number: String(i) })
  const path = '/api/v1/namespaces/default/configmaps'
  const asJson = JSON.parse((await ask('GET', path)).body.toString()) as object
  expect(opened(await ask('GET', path, { accept: protobuf }), listOf(core.ConfigMap!))).toEqual(asJson)
  const shape = (as: string): Record<string, string> => ({ accept: `${protobuf};as=${as};g=meta.k8s.io;v=v1` })
  const alone = await ask('GET', path, shape('PartialObjectMetadataList'))
  const items = opened(alone, listOf(core.ConfigMap!)) as { kind: string; items: Record<string, unknown>[] }
  expect(items.kind).toBe('PartialObjectMetadataList')
  expect(items.items.every((item) => Object.keys(item).join() === 'metadata')).toBe(true)
  const groups = opened(await ask('GET', '/apis', { accept: protobuf }), meta.APIGroupList!)
  expect(groups).toMatchObject({ kind: 'APIGroupList', groups: expect.arrayContaining([expect.objectContaining({ name: 'apps' })]) as unknown })
})

test('a watch is a stream of frames', async () => {
  await configMap('watched', { a: 'b' })
  const { type, body } = await ask('GET', '/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0&fieldSelector=metadata.name%3Dwatched', { accept: protobuf }, undefined, true)
  expect(type).toBe('application/vnd.kubernetes.protobuf;stream=watch')
  expect(body.readUInt32BE(0)).toBe(body.length - 4)
  expect(body.subarray(4, 11).toString()).toBe('\n\x05ADDED')
  const object = body.subarray(body.indexOf('k8s\0'))
  expect(opened({ type: protobuf, body: object }, core.ConfigMap!)).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'watched' }, data: { a: 'b' } })
})

test('refusals are protobuf too, also those before anything is looked at', async () => {
  expect(opened(await ask('GET', '/api/v1/namespaces/default/configmaps/none', { accept: protobuf }), meta.Status!)).toMatchObject({ code: 404, details: { name: 'none', kind: 'configmaps' } })
  expect(opened(await ask('GET', '/api/v1/pods', { accept: `${protobuf},application/json`, authorization: '' }), meta.Status!)).toMatchObject({ code: 403 })
})

const versionPath = '/version'
test.for([
  ['a table', '/api/v1/namespaces', `${protobuf};as=Table;g=meta.k8s.io;v=v1`, 406, 'application/json'],
  ['a table, or else JSON', '/api/v1/namespaces', `${protobuf};as=Table;g=meta.k8s.io;v=v1,application/json`, 200, 'application/json'],
  ['a custom resource', '/apis/example.com/v1/widgets', protobuf, 406, 'application/json'],
  ['a custom resource, or else JSON', '/apis/example.com/v1/widgets', `${protobuf},application/json`, 200, 'application/json'],
  ['metadata of custom resources', '/apis/example.com/v1/widgets', `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`, 200, protobuf],
  ['what is no object', versionPath, protobuf, 406, protobuf],
  ['what is no object, for who takes anything', versionPath, `${protobuf},*/*`, 200, 'application/json'],
] as const)('%s', async ([, path, accept, code, type]) => {
  const reply = await ask('GET', path, { accept })
  expect([reply.code, reply.type]).toEqual([code, type])
})

const empty = new Uint8Array()
test.for([
  ['{}', 'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})'],
  [sealEnvelope('v1', 'Pod', empty), 'Pod in version "v1" cannot be handled as a ConfigMap'],
  [sealEnvelope('v1', 'Nothing', empty), 'Nothing in version "v1" cannot be handled as a Nothing: no kind "Nothing" is registered for version "v1"'],
  [sealEnvelope('v1', 'ConfigMap', Uint8Array.of(0x0a, 0xff)), 'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF'],
] as const)('a body that cannot be read is refused: %#', async ([body, message]) => {
  const reply = await ask('POST', '/api/v1/namespaces/default/configmaps', { 'content-type': protobuf }, body)
  expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 400, reason: 'BadRequest', message: expect.stringContaining(message) as unknown })
})

test('custom resources are not written in protobuf', async () => {
  const reply = await ask('POST', '/apis/example.com/v1/namespaces/default/widgets', { 'content-type': protobuf }, sealEnvelope('example.com/v1', 'Widget', empty))
  expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 400, message: expect.stringContaining('does not implement the protobuf marshalling interface') as unknown })
})
