import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import { ApiError } from '#apimachinery/api-error'
import { systemClock } from '#base/clock'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import type { Answer, Call } from '#client/transport'
import { silent } from '#component-base/log'
import { hangUp, never, startHttpsServer } from '../testing/https-server'
import { placeOfKubeconfig } from './kubeconfig-place'
import { WebhookError } from './webhook-error'
import { createWebhooks } from './webhooks'

function bed(clock = systemClock) {
  const api = createFakeApi()
  const informers = createInformers(createClient(api), { clock, log: silent })
  return { api, informers, webhooks: createWebhooks({ informers, clock }), [Symbol.asyncDispose]: () => informers[Symbol.asyncDispose]() }
}

const failure = async (call: Promise<unknown>): Promise<WebhookError> => {
  const error = await call.then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WebhookError)
  return error as WebhookError
}

const twoSeconds = { timeoutMs: 2000 }

test('posts JSON over one kept connection and gives the answer', async () => {
  await using server = await startHttpsServer(['hook'], ({ body }) => ({ body: { got: body } }))
  await using b = bed()
  await using one = b.webhooks.of({ url: `${server.url}/check`, caBundle: server.caBundle })
  await using two = b.webhooks.of({ url: `${server.url}/check`, caBundle: server.caBundle })
  expect(await one.call({ a: 1 }, { timeoutMs: 1500 })).toEqual({ got: { a: 1 } })
  expect(await two.call({ a: 2 }, { timeoutMs: 90_000 })).toEqual({ got: { a: 2 } })
  expect(server.asked.map(({ path }) => path)).toEqual(['/check?timeout=2s', '/check?timeout=1m30s'])
  expect(server.asked[0]!.headers['content-type']).toBe('application/json')
  expect(server.connections).toBe(1)
})

test('a service is reached through a ready endpoint, under its own name', async () => {
  await using server = await startHttpsServer(['hook.ns.svc'], () => ({ body: {} }))
  await using b = bed()
  const slice = (name: string, ready: boolean, port: number): object => ({
    metadata: { namespace: 'ns', name, labels: { 'kubernetes.io/service-name': 'hook' } }, addressType: 'IPv4',
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready } }], ports: [{ name: 'tls', port }],
  })
  b.api.seed(services, { metadata: { namespace: 'ns', name: 'hook' }, spec: { ports: [{ name: 'tls', port: 8443 }] } }, { metadata: { namespace: 'ns', name: 'idle' }, spec: { ports: [{ port: 443 }] } })
  b.api.seed(endpointslices, slice('a', false, 1), slice('b', true, server.port))
  const at = (name: string, port: number | undefined): ReturnType<typeof b.webhooks.of> => b.webhooks.of({ service: { namespace: 'ns', name, path: '/x', ...(port === undefined ? {} : { port }) }, caBundle: server.caBundle })
  expect(await at('hook', 8443).call({}, twoSeconds)).toEqual({})
  expect(server.asked[0]).toMatchObject({ path: '/x?timeout=2s', serverName: 'hook.ns.svc', headers: { host: 'hook.ns.svc:8443' } })

  const post = (name: string, port: number): string => `Post "https://${name}.ns.svc:${port}/x?timeout=2s": `
  expect((await failure(at('hook', undefined).call({}, twoSeconds))).message).toBe(`${post('hook', 443)}no service port 443 found for service "hook"`)
  expect((await failure(at('idle', 443).call({}, twoSeconds))).message).toBe(`${post('idle', 443)}no endpoints available for service "idle"`)
  expect((await failure(at('gone', 443).call({}, twoSeconds))).message).toBe(`${post('gone', 443)}service "gone" not found`)
})

test('what goes wrong is said in the words of client-go', async () => {
  const answers: Record<string, unknown> = {
    '/text': { code: 500, headers: { 'content-type': 'text/plain' }, body: 'out of order' },
    '/status': { code: 409, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'no, thanks', reason: 'Conflict', code: 409 } },
    '/missing': { code: 404, headers: { 'content-type': 'text/plain' }, body: 'page not found' },
    '/html': { headers: { 'content-type': 'text/html' }, body: '<html>' },
    '/gone': { body: hangUp },
  }
  await using server = await startHttpsServer(['other.svc'], ({ path }) => answers[path.split('?')[0]!] as never)
  await using b = bed()
  const ask = (path: string, more: object = {}): Promise<WebhookError> => failure(b.webhooks.of({ url: server.url + path, caBundle: server.caBundle, ...more }).call({}, twoSeconds))
  expect((await ask('/text')).message).toBe('an error on the server ("out of order") has prevented the request from succeeding')
  expect(await ask('/status')).toMatchObject({ message: 'no, thanks', reason: 'Conflict', code: 409 })
  expect((await ask('/missing')).message).toBe('the server could not find the requested resource')
  expect((await ask('/html')).message).toBe("couldn't get version/kind; json parse error: invalid character '<' looking for beginning of value")
  expect((await ask('/gone')).message).toBe(`Post "${server.url}/gone?timeout=2s": EOF`)
  expect((await ask('', { caBundle: undefined })).message).toBe(`Post "${server.url}/?timeout=2s": tls: failed to verify certificate: x509: certificate signed by unknown authority`)
  const unnamed = await ask('', { url: server.url.replace('127.0.0.1', 'localhost') })
  expect(unnamed.message).toContain('tls: failed to verify certificate: x509: certificate is valid for other.svc, 127.0.0.1, not localhost')
  await server[Symbol.asyncDispose]()
  expect((await ask('/')).message).toBe(`Post "${server.url}/?timeout=2s": dial tcp 127.0.0.1:${server.port}: connect: connection refused`)
})

test('who does not answer in time is given up, and so is a call that nobody waits for any more', async () => {
  const clock = createFakeClock()
  let arrived!: () => void
  await using server = await startHttpsServer(['hook'], () => (arrived(), { body: never }))
  await using b = bed(clock)
  const webhook = b.webhooks.of({ url: server.url, caBundle: server.caBundle })
  const late = new Promise<void>((resolve) => (arrived = resolve))
  const call = failure(webhook.call({}, { timeoutMs: 10_000 }))
  await late
  await clock.advance(10_000)
  expect(await call).toMatchObject({ message: `Post "${server.url}/?timeout=10s": context deadline exceeded`, timedOut: true })

  const stop = new AbortController()
  const second = new Promise<void>((resolve) => (arrived = resolve))
  const left = failure(webhook.call({}, { timeoutMs: 10_000, signal: stop.signal }))
  await second
  stop.abort()
  expect(await left).toMatchObject({ canceled: true, timedOut: false })
})

test('a kubeconfig says where the webhook is and who asks; what it lacks is named', async () => {
  await using server = await startHttpsServer(['hook'], () => ({ body: { ok: true } }))
  await using b = bed()
  const directory = mkdtempSync(join(tmpdir(), 'webhook-'))
  try {
    const file = join(directory, 'config')
    const config = (server_: string): string => JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: server_, 'certificate-authority-data': server.caBundle } }], users: [{ name: 'u', user: { tokenFile: 'token' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }], 'current-context': 'x',
    })
    writeFileSync(join(directory, 'token'), 'abc\n')
    writeFileSync(file, config(`${server.url}/authenticate`))
    await using webhook = b.webhooks.ofKubeconfig(file)
    expect(await webhook.call({ kind: 'TokenReview' }, { timeoutMs: 30_000 })).toEqual({ ok: true })
    expect(server.asked[0]).toMatchObject({ path: '/authenticate?timeout=30s', headers: { authorization: 'Bearer abc' } })
    writeFileSync(file, config('nowhere'))
    expect(() => b.webhooks.ofKubeconfig(file)).toThrow(`kubeconfig ${file}: cluster "c" has no server that is a URL`)
    expect(() => b.webhooks.ofKubeconfig(join(directory, 'none'))).toThrow('cannot be read: ENOENT')
    // Nothing in it: in a pod it stands for the pod's own cluster.
    writeFileSync(file, '')
    expect(() => b.webhooks.ofKubeconfig(file)).toThrow('it names no current-context')
    const pod = { env: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, directory }
    const place = placeOfKubeconfig(file, pod)
    expect([place.url, place.ca, place.authorization!()]).toEqual(['https://[fd00::1]:443', undefined, 'Bearer abc'])
    writeFileSync(join(directory, 'token'), 'def')
    expect(place.authorization!()).toBe('Bearer def')
    expect(() => placeOfKubeconfig(file, { ...pod, env: {} })).toThrow('it names no current-context')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a webhook behind this server is asked within the process, as the server itself', async () => {
  await using b = bed()
  const asked: Call[] = []
  const self = {
    async request(call: Call): Promise<Answer> {
      asked.push(call)
      if (call.path === '/gone') throw new ApiError(404, 'NotFound', 'not here')
      if (call.path === '/late') return new Promise((_resolve, reject) => call.signal!.addEventListener('abort', () => reject(new Error('late'))))
      return { code: 201, body: { response: 1 }, warnings: [] }
    },
  }
  const webhooks = createWebhooks({ informers: b.informers, clock: systemClock, self })
  const service = { namespace: 'default', name: 'kubernetes' }
  expect(await webhooks.of({ service: { ...service, path: '/apis/a.io/v1/reviews' } }).call('{"kind":"AdmissionReview"}', twoSeconds)).toEqual({ response: 1 })
  expect(asked[0]).toMatchObject({ method: 'POST', path: '/apis/a.io/v1/reviews', body: { kind: 'AdmissionReview' } })
  expect(await failure(webhooks.of({ service: { ...service, path: '/gone', port: 443 } }).call({}, twoSeconds))).toMatchObject({ message: 'not here', code: 404, reason: 'NotFound' })
  expect(await failure(webhooks.of({ service: { ...service, path: '/late' } }).call({}, { timeoutMs: 1 }))).toMatchObject({ message: 'Post "https://kubernetes.default.svc:443/late": context deadline exceeded', timedOut: true })
  // Another port is another place.
  expect((await failure(webhooks.of({ service: { ...service, port: 444 } }).call({}, twoSeconds))).message).toContain('service "kubernetes" not found')
  expect(asked).toHaveLength(3)
})
