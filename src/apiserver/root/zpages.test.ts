import { expect, test } from 'vitest'
import { createMetrics } from '#component-base/metrics'
import { createFakeClock } from '#base/fake-clock'
import { startTestServer } from '../testing/test-server'

async function server() {
  const clock = createFakeClock()
  const failing = { name: 'kms-providers', check() { throw new Error('no key') } }
  const it = await startTestServer({ clock, metrics: createMetrics(), checks: [failing] }, { flags: { 'secure-port': '6443', 'audit-log-path': '' } })
  return { ...it, [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](), clock, get: async (path: string, accept?: string) => (await it.transport.request({ method: 'GET', path, ...(accept === undefined ? {} : { accept }) })).body as string }
}

test('statusz: text for people, a kind for programs that name it', async () => {
  await using it = await server()
  await it.clock.advance(3_723_000)
  const text = await it.get('/statusz')
  expect(text).toMatch(/^\napiserver statusz\nWarning: This endpoint is not meant to be machine parseable/)
  expect(text).toMatch(/Started[:= ]+Thu Jan {2}1 00:00:00 UTC 2026\nUp[:= ]+1 hr 02 min 03 sec\nGo version/)
  expect(text).toMatch(/Paths[:= ]+\/flagz \/healthz \/livez \/metrics \/readyz \/statusz \/version\n/)
  expect(await it.get('/statusz', 'application/json;as=Statusz;v=v1beta1;g=config.k8s.io')).toMatchObject({
    kind: 'Statusz', apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'apiserver' }, startTime: '2026-01-01T00:00:00Z', uptimeSeconds: 3723, binaryVersion: '1.36',
  })
  await expect(it.get('/statusz', 'application/json')).rejects.toThrow('only the following media types are accepted')
})

test('flagz tells every flag', async () => {
  await using it = await server()
  expect(await it.get('/flagz', 'application/json, */*')).toMatch(/\naudit-log-path[:= ]+\nsecure-port[:= ]+6443\n$/)
  expect(await it.get('/flagz', 'application/json;as=Flagz;v=v1alpha1;g=config.k8s.io')).toMatchObject({ kind: 'Flagz', flags: { 'secure-port': '6443' } })
})

test('a check that fails says why to those who ask for it, and is counted', async () => {
  await using it = await server()
  expect(await it.get('/livez')).toContain('[-]kms-providers failed: reason withheld')
  expect(await it.get('/livez/kms-providers')).toBe('internal server error: no key\n')
  expect(await it.get('/livez/ping')).toBe('ok')
  const slis = await it.get('/metrics/slis')
  expect(slis).toContain('kubernetes_healthcheck{name="kms-providers",type="livez"} 0\n')
  expect(slis).toContain('kubernetes_healthchecks_total{name="ping",type="livez",status="success"} 1\n')
})

test('requests, storage and the process are measured', async () => {
  await using it = await server()
  await it.get('/api/v1/namespaces')
  const text = await it.get('/metrics')
  expect(text).toContain('apiserver_request_total{verb="LIST",group="",version="v1",resource="namespaces",subresource="",scope="cluster",dry_run="",component="apiserver",code="200"} 1\n')
  expect(text).toContain('apiserver_request_duration_seconds_bucket{verb="LIST",group="",version="v1",resource="namespaces",subresource="",scope="cluster",dry_run="",component="apiserver",le="0.005"} 1\n')
  expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n')
  expect(text).toContain('apiserver_storage_objects{resource="namespaces"} 4\n')
  expect(text).toMatch(/process_resident_memory_bytes \d+\n/)
})

test('the store is measured by operation and resource', async () => {
  await using it = await server()
  await it.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: { metadata: { name: 'a' } } })
  await it.transport.request({ method: 'DELETE', path: '/api/v1/namespaces/default/configmaps/a' })
  const text = await it.get('/metrics')
  for (const operation of ['create', 'delete', 'list']) expect(text).toContain(`etcd_requests_total{operation="${operation}",group="",resource="configmaps"} 1\n`)
  expect(text).toMatch(/apiserver_admission_step_admission_duration_seconds_count\{type="admit",operation="CREATE",rejected="false"\} [1-9]/)
  expect(text).toContain('etcd_request_errors_total{operation="create",group="",resource="configmaps"} 0\n')
  expect(text).toContain('etcd_request_duration_seconds_count{operation="create",group="",resource="configmaps"} 1\n')
})
