import { expect, test } from 'vitest'
import { ApiError } from '#apimachinery/api-error'
import { startTestServer } from '../testing/test-server'
import { requireAcceptable } from './root'

test('the index names resources, documents and every check', async () => {
  await using server = await startTestServer()
  const { body } = await server.transport.request({ method: 'GET', path: '/' })
  const { paths } = body as { paths: string[] }
  expect(paths.slice(0, 5)).toEqual(['/api', '/api/v1', '/apis', '/apis/', '/apis/admissionregistration.k8s.io'])
  for (const path of ['/apis/apps/v1', '/livez/etcd', '/healthz/poststarthook/bootstrap-controller', '/openapi/v3', '/readyz/shutdown', '/version']) expect(paths).toContain(path)
  expect(paths).not.toContain('/readyz/etcd')
})

test.each([
  ['/livez/ping', 200, 'ok'], ['/livez', 200, 'ok'], ['/readyz/etcd', 404, '404 page not found\n'], ['/livez/poststarthook/start-system-namespaces-controller', 200, 'ok'],
])('%s', async (path, code, text) => {
  await using server = await startTestServer()
  const answer = await server.transport.request({ method: 'GET', path }).catch((error: unknown) => error as ApiError)
  if (answer instanceof ApiError) expect(answer.code).toBe(code)
  else expect(answer).toMatchObject({ code, body: text })
})

test('excluded checks are told', async () => {
  await using server = await startTestServer()
  const { body } = await server.transport.request({ method: 'GET', path: '/livez', query: { exclude: 'etcd', verbose: 'true' } })
  expect(body).toMatch(/^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]loopback-serving-certificate ok\n\[\+\]etcd excluded: ok\n[^]*livez check passed\n$/)
})

test.each([undefined, '', '*/*', 'text/html, application/*;q=0.8', 'application/jwk-set+json'])('a document goes to who accepts %j', (accept) => {
  expect(() => requireAcceptable(accept, 'application/jwk-set+json')).not.toThrow()
})
test('and to nobody else', () => {
  expect(() => requireAcceptable('application/json', 'application/jwk-set+json')).toThrow('406: Not Acceptable\n\nAvailable representations: application/jwk-set+json')
})

test.each(['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'])('OpenAPI v2 for who accepts %s only', async (accept) => {
  await using server = await startTestServer()
  const { code, contentType } = await server.transport.stream({ method: 'GET', path: '/openapi/v2', accept })
  // The type with the at sign cannot be parsed by Go's own rules.
  expect({ code, contentType }).toEqual({ code: 200, contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' })
})

test('discovery of everything at once, for callers in the process too', async () => {
  await using server = await startTestServer()
  const { body } = await server.transport.request({ method: 'GET', path: '/apis', accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' })
  expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', items: expect.arrayContaining([expect.objectContaining({ metadata: { name: 'apps' } })]) })
})
