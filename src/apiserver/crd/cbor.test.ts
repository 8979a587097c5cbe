import { once } from 'node:events'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { startTestServer, type TestServer } from '../testing/test-server'

// CBORServingAndStorage is an alpha gate of v1.36 and off: who asks for CBOR is refused, as any type is that nobody serves.
const pki = openPki()
let server: TestServer
const maps = '/api/v1/namespaces/default/configmaps'
const widgets = '/apis/example.com/v1/namespaces/default/widgets'

beforeAll(async () => {
  server = await startTestServer({ anonymous: true }, { listen: { port: 0, tls: keyPairToPem(pki.apiserver) } })
  await server.transport.request({
    method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: { metadata: { name: 'widgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } },
  })
  while ((await ask(widgets)).code === 404) await server.flushed()
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(path: string, { body, ...options }: RequestOptions & { body?: string } = {}): Promise<{ code: number; message: string | undefined; reason: string | undefined }> {
  const sent = request({ host: '127.0.0.1', port: server.server.port, ca: certificateToPem(pki.ca.certificate), path, ...options })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const { message, reason } = (await json(answer).catch(() => ({}))) as { message?: string; reason?: string }
  return { code: answer.statusCode!, message, reason }
}

const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
const routed = `406: Not Acceptable\n\nAvailable representations: ${types}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`
const negotiated = `only the following media types are accepted: ${types}`
const unknownBody = `the body of the request was in an unknown format - accepted media types include: ${types}`
const cbor = 'application/cbor'

test.each([
  [maps, { headers: { accept: cbor } }, 406, routed],
  [widgets, { headers: { accept: cbor } }, 406, negotiated],
  [`${widgets}?watch=1`, { headers: { accept: 'application/cbor-seq' } }, 406, negotiated],
  [maps, { method: 'POST', headers: { 'content-type': cbor }, body: 'x' }, 415, unknownBody],
  [widgets, { method: 'POST', headers: { 'content-type': cbor }, body: 'x' }, 415, unknownBody],
  [`${maps}/a?fieldManager=x`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+cbor' }, body: 'x' }, 415, '415: Unsupported Media Type'],
  [`${widgets}/a?fieldManager=x`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+cbor' }, body: 'x' }, 415, 'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'],
])('%s %j', async (path, options, code, message) => {
  expect(await ask(path, options)).toEqual({ code, message, reason: code === 406 ? 'NotAcceptable' : 'UnsupportedMediaType' })
})

test.each([maps, widgets])('who takes JSON too gets that: %s', async (path) => {
  expect(await ask(path, { headers: { accept: `${cbor}, application/json` } })).toMatchObject({ code: 200 })
})
