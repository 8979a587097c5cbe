import { once } from 'node:events'
import { request } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { startTestServer, type TestServer } from '../testing/test-server'

// Where custom resources are answered otherwise than built-in kinds, as it was heard from a real kube-apiserver v1.36.
const pki = openPki()
let server: TestServer
const group = '/apis/example.com'
const widgets = `${group}/v1/namespaces/default/widgets`
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const widget = (name: string, more: object = {}): object => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, ...more })

async function ask(method: string, path: string, body?: object, type = 'application/json'): Promise<{ code: number; message?: string; body: unknown }> {
  const sent = request({ host: '127.0.0.1', port: server.server.port, ca: certificateToPem(pki.ca.certificate), method, path, headers: body ? { 'content-type': type } : {} })
  sent.end(body && JSON.stringify(body))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const whole = await text(answer)
  const parsed = whole.startsWith('{') ? (JSON.parse(whole) as { message?: string }) : whole
  return { code: answer.statusCode!, body: parsed, ...(typeof parsed === 'object' && parsed.message ? { message: parsed.message } : {}) }
}

beforeAll(async () => {
  server = await startTestServer({ anonymous: true }, { listen: { port: 0, tls: keyPairToPem(pki.apiserver) } })
  const schema = (more: object = {}) => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' }, mode: { type: 'string' } } }, status: { type: 'object', properties: { phase: { type: 'string' } } }, ...more } },
  })
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }
  const made = await ask('POST', definitions, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: schema(), subresources: { status: {}, scale }, selectableFields: [{ jsonPath: '.spec.mode' }] },
        { name: 'v2', served: true, storage: false, schema: schema({ more: { type: 'string' } }) },
      ],
    },
  })
  expect(made.code, made.message).toBe(201)
  while ((await ask('GET', widgets)).code === 404) await server.flushed()
  await ask('POST', widgets, widget('a'))
})
afterAll(() => server[Symbol.asyncDispose]())

test.each<[string, string, object | undefined, number, string | undefined]>([
  ['POST', widgets, { kind: 'Widget', metadata: { name: 'x' } }, 400, 'the API version in the data () does not match the expected API version (example.com/v1)'],
  ['POST', `${widgets}/a`, {}, 400, "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{}' ({})"],
  ['PUT', widgets, widget('a'), 400, 'name must be provided'],
  ['GET', `${widgets}/a/nope`, undefined, 404, 'widgets.example.com "a" not found'],
  ['GET', `${widgets}/a?resourceVersion=abc`, undefined, 500, 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'],
  ['POST', `${group}/v1/widgets`, widget('a'), 404, undefined],
  ['GET', `${group}/v7`, undefined, 404, undefined],
  ['GET', `${group}/v2/namespaces/default/widgets?fieldSelector=spec.mode%3Dx`, undefined, 400, 'field label not supported: spec.mode'],
  ['POST', widgets, widget('x', { spec: 'text' }), 422, 'Widget.example.com "x" is invalid: [spec: Invalid value: "string": spec in body must be of type object: "string", .spec.replicas: Invalid value: 0: .spec.replicas accessor error: text is of the type string, expected map[string]interface{}]'],
])('%s %s %j', async (method, path, body, code, message) => {
  const answer = await ask(method, path, body)
  expect([answer.code, answer.message]).toEqual([code, message])
  if (message === undefined) expect(answer.body).toBe('404 page not found\n')
})

test.each([
  [{ kind: 'Other' }, 'Other.example.com "a" is invalid: kind: Invalid value: "Other": must be Widget'],
  [{ apiVersion: 'example.com/v2' }, 'Widget.example.com "a" is invalid: apiVersion: Invalid value: "example.com/v2": must be example.com/v1'],
])('a patch into %j', async (patch, message) => {
  expect(await ask('PATCH', `${widgets}/a`, patch, 'application/merge-patch+json')).toMatchObject({ code: 422, message })
})

test('of a status the message begins within it, and the field without', async () => {
  expect((await ask('PATCH', `${widgets}/a/status`, { status: { phase: 1 } }, 'application/merge-patch+json')).message)
    .toBe('Widget.example.com "a" is invalid: status.phase: Invalid value: "integer": phase in body must be of type string: "integer"')
})

test('what is on its way out cannot be made anew', async () => {
  await ask('POST', widgets, widget('held', { metadata: { name: 'held', finalizers: ['example.com/hold'] } }))
  await ask('DELETE', `${widgets}/held`)
  expect(await ask('POST', widgets, widget('held'))).toMatchObject({ code: 409, message: 'object is being deleted: widgets.example.com "held" already exists' })
})

test('lists say that nothing follows; discovery has status before scale, and the hash of each version', async () => {
  expect((await ask('GET', widgets)).body).toMatchObject({ metadata: { continue: '' } })
  type Lines = { resources: { name: string; storageVersionHash?: string }[] }
  expect(((await ask('GET', `${group}/v1`)).body as Lines).resources.map(({ name }) => name)).toEqual(['widgets', 'widgets/status', 'widgets/scale'])
  const hashes = await Promise.all(['v1', 'v2'].map(async (version) => ((await ask('GET', `${group}/${version}`)).body as Lines).resources[0]!.storageVersionHash))
  expect(new Set(hashes.filter(Boolean)).size).toBe(2)
})

test('fields to select by that only some versions have, beside a schema that all have', async () => {
  const schema = { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string' } } } }
  const versions = [{ name: 'v1', served: true, storage: true, schema, selectableFields: [{ jsonPath: '.a' }] }, { name: 'v2', served: true, storage: false, schema }]
  expect((await ask('POST', definitions, { metadata: { name: 'as.example.com' }, spec: { group: 'example.com', scope: 'Cluster', names: { plural: 'as', kind: 'A' }, versions } })).message)
    .toContain('spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included')
})
