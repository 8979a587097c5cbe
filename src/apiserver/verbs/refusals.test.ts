import { afterAll, beforeAll, expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import type { ApiError } from '#apimachinery/api-error'
import type { Call } from '#client/transport'
import { startTestServer, type TestServer } from '../testing/test-server'

// What a client is told in the original's words: the texts are part of the API.
let server: TestServer
let uid: string

beforeAll(async () => {
  server = await startTestServer()
  const made = await server.client.create(configmaps, { metadata: { name: 'a', namespace: 'default', labels: { x: 'y', 'a/b': 'c' } }, data: { k: 'v' } })
  uid = made.metadata.uid
  await server.client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }] } })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const refused = async (method: Call['method'], path: string, rest: object = {}): Promise<ApiError> =>
  server.transport.request({ method, path, ...rest }).then(() => expect.unreachable(), (error: unknown) => error as ApiError)

const maps = '/api/v1/namespaces/default/configmaps'
const merge = 'application/merge-patch+json'

test.each([
  ['a continue token that is no base64', maps, { continue: 'abc=' }, 400, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 3'],
  ['a continue token of other bytes', maps, { continue: 'garbage' }, 400, String.raw`invalid continue token: continue key is not valid: invalid character '\u0081' looking for beginning of value`],
  ['a continue token that breaks off', maps, { continue: 'eyJ2' }, 400, 'invalid continue token: continue key is not valid: unexpected end of JSON input'],
  ['a field that no kind selects by', maps, { fieldSelector: 'spec.x=y' }, 400, '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"'],
  ['a field that pods do not select by', '/api/v1/pods', { fieldSelector: 'spec.x=y' }, 400, 'field label not supported: spec.x'],
  ['a field that jobs do not select by', '/apis/batch/v1/jobs', { fieldSelector: 'spec.x=y' }, 400, 'field label "spec.x" not supported for Job'],
  ['log options', '/api/v1/namespaces/default/pods/p/log', { tailLines: '-1' }, 422, 'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0'],
  ['a version that is served no more', '/apis/apps/v1beta1/deployments', {}, 404, 'the server could not find the requested resource'],
  ['a component that is none', '/api/v1/componentstatuses/nope', {}, 404, 'componentstatus "nope" not found'],
])('%s', async (_, path, query, code, message) => {
  expect(await refused('GET', path, { query })).toMatchObject({ code, message })
})

test.each([
  ['a list to apply', 'application/apply-patch+yaml', [], 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['nothing to apply', 'application/apply-patch+yaml', null, 'invalid object type: /, Kind='],
  ['a patch without metadata', merge, { metadata: null }, 'the name of the object (a based on URL) was undeterminable: name must be provided'],
])('%s', async (_, contentType, body, message) => {
  expect(await refused('PATCH', `${maps}/a`, { contentType, body, query: { fieldManager: 'me' } })).toMatchObject({ code: 400, message })
})

test.each([
  [{ fieldValidation: 'Loose' }, 'fieldValidation: Unsupported value: "Loose": supported values: "", "Ignore", "Strict", "Warn"'],
  [{ fieldManager: 'ä\u0001' }, 'fieldManager: Invalid value: "ä\\u0001": invalid character U+0001 (at position 2)'],
])('options %j', async (query, text) => {
  expect((await refused('PATCH', `${maps}/a`, { contentType: merge, body: {}, query })).message).toContain(text)
})

test.each([{ kind: 'X' }, { kind: null }, { apiVersion: 'v9', kind: 'Secret' }])('a strategic patch is not heard about %j', async (body) => {
  const answer = await server.transport.request({ method: 'PATCH', path: `${maps}/a`, contentType: 'application/strategic-merge-patch+json', body, query: { dryRun: 'All' } })
  expect(answer.body).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { k: 'v' } })
})

test('a watch from what is no revision', async () => {
  const watching = server.transport.watch({ method: 'GET', path: maps, query: { watch: 'true', resourceVersion: 'abc' } }, () => {})
  await expect(watching).rejects.toMatchObject({ code: 500, message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax' })
})

test('a merge patch that gives another uid is told twice what is wrong, in one message', async () => {
  const error = await refused('PATCH', `${maps}/a`, { contentType: merge, body: { metadata: { uid: 'other' } } })
  expect(error.message).toBe('ConfigMap "a" is invalid: metadata.uid: Invalid value: "other": field is immutable')
  expect(error.status.details?.causes).toHaveLength(2)
})

test.each([
  ['another type', { data: 'x' }, 'json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string'],
  ['another kind', { kind: 'Secret' }, 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
  ['another version', { apiVersion: 'v2' }, 'no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
])('a patch into %s shows the patched object: what was touched sorted, the rest as it is written', async (_, patch, text) => {
  const { message } = await refused('PATCH', `${maps}/a`, { contentType: merge, body: patch })
  expect(message.endsWith(`: ${text}`)).toBe(true)
  const shown = JSON.parse(/^ "" is invalid: patch: Invalid value: (".*"): /.exec(message)![1]!) as string
  expect(Object.keys(JSON.parse(shown) as object)).toEqual(['apiVersion', 'data', 'kind', 'metadata'])
  expect(shown).toContain(`"metadata":{"name":"a","namespace":"default","uid":"${uid}","resourceVersion":`)
  expect(shown).toContain('"labels":{"a/b":"c","x":"y"},"managedFields":[{"manager":"navarch","operation":"Update"')
})

test('finalizers of built-in kinds are qualified or of the few that always were', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'f', finalizers: ['mine', 'orphan', 'example.com/x'] } }
  expect((await refused('POST', maps, { body })).message).toBe(
    'ConfigMap "f" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  )
})

test.each([
  [{ ipFamilies: ['IPv6'] }, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
  [{ ipFamilyPolicy: 'RequireDualStack' }, 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'],
])('a service of families that the cluster lacks: %j', async (spec, text) => {
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ...spec, ports: [{ port: 80 }] } }
  expect((await refused('POST', '/api/v1/namespaces/default/services', { body })).message).toBe(`Service "s" is invalid: ${text}`)
})

test('a review has no table', async () => {
  const body = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }
  const error = await refused('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', body })
  expect(error).toMatchObject({ code: 406, reason: 'NotAcceptable' })
})
