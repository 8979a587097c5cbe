import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMetrics } from '#component-base/metrics'
import { startTlsServer, type TlsServer } from '../testing/tls-server'

let server: TlsServer
beforeAll(async () => {
  server = await startTlsServer({ metrics: createMetrics() })
})
afterAll(() => server[Symbol.asyncDispose]())

const nothing = '404 page not found\n'
/** As a v1.36 server answers: code, type, nosniff, and how the body begins. */
test.for<[string, number, string | undefined, boolean, string]>([
  ['GET /healthz', 200, 'text/plain; charset=utf-8', true, 'ok'],
  ['GET /healthz/', 404, 'text/plain; charset=utf-8', true, nothing],
  ['GET /livez/ping', 200, 'text/plain; charset=utf-8', false, 'ok'],
  ['GET /livez/nope', 404, 'text/plain; charset=utf-8', true, nothing],
  ['GET /nope', 404, 'text/plain; charset=utf-8', true, nothing],
  ['GET //api/v1/pods', 404, 'text/plain; charset=utf-8', true, nothing],
  ['POST /version', 405, 'application/json', false, '{"kind":"Status"'],
  ['GET /version/', 200, 'application/json', false, '{"major":"1"'],
  ['OPTIONS /api', 405, 'application/json', false, '{"kind":"Status"'],
  ['DELETE /api/v1', 405, 'application/json', false, '{"kind":"Status"'],
  ['PUT /apis/apps/v1/', 405, 'application/json', false, '{"kind":"Status"'],
  ['POST /apis', 200, 'application/json', false, '{"kind":"APIGroupList"'],
  ['POST /apis/apps', 200, 'application/json', false, '{"kind":"APIGroup"'],
  ['HEAD /api/v1/pods', 405, 'application/json', false, ''],
  ['DELETE /api/v1/configmaps', 405, 'application/json', false, '{"kind":"Status"'],
  ['POST /api/v1/configmaps', 405, 'application/json', false, '{"kind":"Status"'],
  ['GET /api/v1/pods/x', 404, 'application/json', false, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find the requested resource"'],
  ['PUT /api/v1/pods/x/status', 404, 'application/json', false, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find'],
  ['GET /api/v1/watch/pods/x', 404, 'application/json', false, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find'],
  ['POST /api/v1/watch/pods', 405, 'application/json', false, '{"kind":"Status"'],
  ['POST /apis/authorization.k8s.io/v1/localsubjectaccessreviews', 404, 'application/json', false, '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the server could not find'],
  ['GET /openapi/v3/nope', 404, undefined, false, ''],
  ['DELETE /metrics/slis', 200, 'text/plain; charset=utf-8', false, 'metrics reset\n'],
  ['GET /debug/pprof/', 404, 'text/plain; charset=utf-8', true, '404 page not found\nThis API server is no Go program'],
])('%s', async ([asked, code, type, nosniff, body]) => {
  const [method, path] = asked.split(' ') as [string, string]
  const answer = await server.ask(path, { method })
  expect({ code: answer.code, type: answer.headers['content-type'], nosniff: answer.headers['x-content-type-options'] === 'nosniff', body: answer.body.toString().slice(0, body.length) })
    .toEqual({ code, type, nosniff, body })
})

test.each(['/', '/healthz', '/nope', '/livez/ping'])('%s asks nobody what he accepts', async (path) => {
  expect((await server.ask(path, { headers: { accept: 'text/html' } })).code).toBe(path === '/nope' ? 404 : 200)
})

test('a version is JSON and nothing else', async () => {
  const { code, body } = await server.ask('/version', { headers: { accept: 'application/yaml' } })
  expect([code, body.toString()]).toEqual([406, expect.stringContaining('Available representations: application/json')])
})

test('metrics say when the process began, which program it is, and which features are on', async () => {
  await server.ask('/livez')
  const { headers, body } = await server.ask('/metrics')
  expect(headers).toMatchObject({ 'content-type': 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores', 'process-start-time-unix': expect.stringMatching(/^\d+$/) })
  const text = body.toString()
  for (const line of [
    'version_info{binary="1.36",component="kube",emulation="1.36",min_compat="1.35"} 1', 'kubernetes_feature_enabled{name="APIResponseCompression",stage="BETA"} 1',
    'kubernetes_build_info{', 'apiserver_request_slo_duration_seconds_count{', 'process_network_receive_bytes_total ',
  ]) expect(text).toContain(line)
})
