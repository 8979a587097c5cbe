import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { startTlsServer, type TlsServer } from '../testing/tls-server'

const path = '/apis/apps/v1/namespaces/default/deployments/web/scale'
const metadata = { name: 'web', namespace: 'default' }
const scale = (more: object = {}): object => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas: 3 }, ...more })

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer()
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await server.client.create(deployments, { metadata, spec: { replicas: 2, selector: { matchLabels: { app: 'a' } }, template } })
})
afterAll(() => server[Symbol.asyncDispose]())

async function ask(method: string, body?: object, headers: Record<string, string> = {}, query = ''): Promise<{ code: number; body: { message: string } }> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const answer = await server.ask(`${path}?dryRun=All${query}`, { method, headers: { ...(body && { 'content-type': type }), ...headers }, ...(body && { body: JSON.stringify(body) }) })
  return { code: answer.code, body: JSON.parse(answer.body.toString()) as { message: string } }
}

test.for<[string, 'PUT' | 'PATCH', object, number, string]>([
  ['no name', 'PUT', scale({ metadata: {} }), 400, 'the name of the object (web based on URL) was undeterminable: name must be provided'],
  ['nothing at all', 'PUT', {}, 400, 'the name of the object (web based on URL) was undeterminable: name must be provided'],
  ['metadata taken away', 'PATCH', { metadata: null }, 400, 'the name of the object (web based on URL) was undeterminable: name must be provided'],
  ['another namespace', 'PUT', scale({ metadata: { name: 'web', namespace: 'x' } }), 400, 'the namespace of the provided object does not match the namespace sent on the request'],
  ['a number that is none', 'PUT', scale({ spec: { replicas: 'x' } }), 400,
    'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32'],
  ['a number that is none, patched', 'PATCH', { spec: { replicas: 'x' } }, 422, 'json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32'],
  ['an unknown field', 'PUT', scale({ spec: { replicas: 3, foo: 1 } }), 400, 'Scale in version "v1" cannot be handled as a Scale: strict decoding error: unknown field "spec.foo"'],
  ['labels that are none', 'PUT', scale({ metadata: { ...metadata, labels: { '/': 'a' } } }), 422, 'Scale.autoscaling "web" is invalid: [metadata.labels: Invalid value: "/": '],
  ['fewer than none', 'PUT', scale({ spec: { replicas: -1 } }), 422, 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ['an object that is gone', 'PUT', scale({ metadata: { ...metadata, uid: 'u' } }), 409, 'Precondition failed: UID in precondition: u'],
  ['another kind', 'PUT', scale({ kind: 'Deployment' }), 400, 'no kind "Deployment" is registered for version "autoscaling/v1"'],
])('a scale of %s is refused', async ([, method, body, code, message]) => {
  const answer = await ask(method, body, {}, method === 'PUT' ? '&fieldValidation=Strict' : '')
  expect([answer.code, answer.body.message]).toEqual([code, expect.stringContaining(message)])
})

test('a scale is replaced and patched, and has a table', async () => {
  expect((await ask('PUT', scale())).body).toMatchObject({ spec: { replicas: 3 } })
  expect((await ask('PATCH', { spec: { replicas: 5 } })).body).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } })
  expect((await ask('PATCH', { spec: null })).body).toMatchObject({ kind: 'Scale', metadata: { name: 'web' } })
  const { body } = await ask('GET', undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const table = body as unknown as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
  expect(table.rows[0]!.cells.slice(0, 3)).toEqual(['web', 2, 0])
})
