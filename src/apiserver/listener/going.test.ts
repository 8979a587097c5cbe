import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import { createDeferred, type Deferred } from '#base/deferred'
import { createFakeClock, type FakeClock } from '#base/fake-clock'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import type { AdmissionPlugin } from '../admission/plugin'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import type { ApiServerDeps } from '../api-server'
import { createFlowControl } from '../flowcontrol/flow-control'
import type { ApiServerOptions } from '../options'
import { startTestServer, type TestServer } from '../testing/test-server'

const pki = openPki()
const ca = keyPairToPem(pki.ca).cert
const token = 'secret'
const slow = '/api/v1/namespaces/default/configmaps'
const map = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

/** Creates of config maps wait for the gate. */
interface Bed extends AsyncDisposable {
  readonly server: TestServer
  readonly session: ClientHttp2Session
  readonly gate: Deferred<void>
  readonly waiting: Promise<void>
  readonly clock: FakeClock
  stop(): Promise<void>
}

async function bed(options: ApiServerOptions = {}, deps: Partial<ApiServerDeps> = {}): Promise<Bed> {
  const clock = createFakeClock()
  const tokens = staticTokens()
  tokens.add({ name: 'admin', groups: ['system:masters'] }, token)
  tokens.add({ name: 'ann', groups: ['people'] }, 'ann')
  const gate = createDeferred()
  const came = createDeferred()
  const plugin: AdmissionPlugin = {
    name: 'Gate',
    handles: (_operation, { resource }) => resource === 'configmaps',
    async admit() {
      came.resolve()
      await gate.promise
    },
  }
  const server = await startTestServer({ clock, authenticators: [bearerTokens([tokens], [])], anonymous: true, admission: [plugin], ...deps }, { listen: { tls: keyPairToPem(pki.apiserver) }, ...options })
  let going: Promise<void> | undefined
  const stop = (): Promise<void> => (going ??= Promise.resolve(server[Symbol.asyncDispose]()))
  const session = connect(server.server.url, { ca })
  session.on('error', () => {})
  return {
    server, session, gate, clock, waiting: came.promise, stop,
    async [Symbol.asyncDispose]() {
      session.destroy()
      gate.resolve()
      await stop()
    },
  }
}

interface Reply { code: number; headers: Record<string, unknown>; body: string }

function ask(session: ClientHttp2Session, method: string, path: string, body?: string, as = token): Promise<Reply> & { stream: ClientHttp2Stream } {
  const stream = session.request({ ':method': method, ':path': path, authorization: `Bearer ${as}`, 'content-type': 'application/json' })
  const reply = new Promise<Reply>((resolve, reject) => {
    let headers: Record<string, unknown> = {}
    let text = ''
    stream.on('response', (given) => (headers = given))
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    stream.on('end', () => resolve({ code: Number(headers[':status']), headers, body: text }))
    stream.on('error', reject)
  })
  stream.end(body)
  return Object.assign(reply, { stream })
}

const http1 = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, ca, path, headers: { authorization: `Bearer ${token}` }, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode!)
    }).on('error', reject).end()
  })

test('a server that goes finishes what has begun, ends watches, and lets nothing new in', async () => {
  await using it = await bed()
  const watch = ask(it.session, 'GET', '/api/v1/namespaces?watch=true')
  await new Promise((resolve) => watch.stream.once('data', resolve))
  const create = ask(it.session, 'POST', slow, map('a'))
  await it.waiting
  const { port } = it.server.server
  let gone = false
  const going = it.stop().then(() => (gone = true))
  expect((await watch).body).toContain('"type":"ADDED"')
  await expect(http1(port, '/api/v1/pods')).rejects.toThrow()
  expect(gone).toBe(false)
  it.gate.resolve()
  expect((await create).code).toBe(201)
  await going
})

test('where it says so, new requests are told to come back, and probes are answered', async () => {
  await using it = await bed({ shutdown: { sendRetryAfter: true, delay: 1000 } })
  const create = ask(it.session, 'POST', slow, map('a'))
  await it.waiting
  const { port } = it.server.server
  const going = it.stop()
  await it.clock.settle()
  expect(await http1(port, '/api/v1/namespaces')).toBe(200)
  expect(await http1(port, '/readyz')).toBe(500)
  expect(await http1(port, '/livez')).toBe(200)
  await it.clock.advance(1000)
  expect(await http1(port, '/api/v1/namespaces')).toBe(429)
  expect(await http1(port, '/livez')).toBe(200)
  it.gate.resolve()
  expect((await create).code).toBe(201)
  await going
})

test('a request that takes too long is answered in its place, once', async () => {
  await using it = await bed({ requestTimeout: 60_000 })
  const create = ask(it.session, 'POST', slow, map('a'))
  await it.waiting
  await it.clock.advance(59_000)
  expect(await Promise.race([create, it.clock.settle().then(() => 'waiting')])).toBe('waiting')
  await it.clock.advance(1000)
  const reply = await create
  expect(reply.code).toBe(504)
  expect(JSON.parse(reply.body)).toMatchObject({ kind: 'Status', reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout', code: 504 })
  it.gate.resolve()
  await it.clock.settle()
})

test('a client may ask for less time; what makes no sense is refused', async () => {
  await using it = await bed()
  const create = ask(it.session, 'POST', `${slow}?timeout=5s`, map('a'))
  await it.waiting
  await it.clock.advance(5000)
  expect((await create).code).toBe(504)
  expect(JSON.parse((await ask(it.session, 'GET', '/api/v1/pods?timeout=soon')).body)).toMatchObject({ code: 400, message: 'invalid timeout specified in the request URL - time: invalid duration "soon"' })
  expect((await ask(it.session, 'GET', '/api/v1/pods?timeout=5')).body).toContain('missing unit in duration')
  expect((await ask(it.session, 'GET', '/api/v1/namespaces?timeout=0s')).code).toBe(200)
})

test('answers carry the request’s name and its flow; who is too many gets a line of text', async () => {
  const flowControl = createFlowControl({ concurrency: 1, requestTimeout: 60_000 }, { clock: createFakeClock(), stats: () => undefined })
  await using it = await bed({}, { flowControl })
  const first = await ask(it.session, 'GET', '/api/v1/namespaces')
  expect(first.headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(first.headers).toHaveProperty('x-kubernetes-pf-flowschema-uid', '')
  expect(first.headers).toHaveProperty('x-kubernetes-pf-prioritylevel-uid', '')
  const create = ask(it.session, 'POST', slow, map('a'), 'ann')
  await it.waiting
  const refused = await ask(it.session, 'GET', '/api/v1/namespaces', undefined, 'ann')
  expect(refused).toMatchObject({ code: 429, body: 'Too many requests, please try again later.\n', headers: { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' } })
  expect((await ask(it.session, 'GET', '/api/v1/namespaces')).code).toBe(200)
  it.gate.resolve()
  expect((await create).code).toBe(201)
  expect((await ask(it.session, 'GET', '/api/v1/namespaces', undefined, 'ann')).code).toBe(200)
})

test('with a chance of one, every client is asked to connect again', async () => {
  await using it = await bed({ goawayChance: 1 })
  const gone = new Promise((resolve) => it.session.once('goaway', resolve))
  expect((await ask(it.session, 'GET', '/api/v1/namespaces')).code).toBe(200)
  expect(await gone).toBe(0)
})
