import { request } from 'node:https'
import { Readable } from 'node:stream'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import type { WatchEvent } from '#client/transport'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import { superusers } from '../authorization/chain'
import type { Dial } from '../rest/core/kubelet-proxy'
import { startTestServer, type TestServer } from '../testing/test-server'

const pki = openPki()
const ca = keyPairToPem(pki.ca).cert
const token = 'secret'
let server: TestServer

beforeAll(async () => {
  const tokens = staticTokens()
  tokens.add({ name: 'admin', groups: ['system:masters'] }, token)
  const dial: Dial = async ({ plain }) => ({ sort: 'stream', code: 200, headers: {}, bytes: Readable.from([Buffer.from(plain ? 'first ' : 'upgraded '), Buffer.from('second')]) })
  server = await startTestServer({ dial, authenticators: [bearerTokens([tokens], [])], anonymous: true, authorizers: [superusers] }, { listen: { tls: keyPairToPem(pki.apiserver) } })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

interface Reply { code: number; headers: Record<string, unknown>; body: string }

function http1(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { port } = server.server
    const sent = request({ host: '127.0.0.1', port, ca, method, path, headers: { authorization: `Bearer ${token}`, ...headers }, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve({ code: answer.statusCode!, headers: answer.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('a client writes, reads and watches over HTTP/2', async () => {
  await using transport = createHttpTransport({ server: server.server.url, ca, token })
  const client = createClient(transport)
  const events: WatchEvent[] = []
  const stop = new AbortController()
  const both = new Promise<void>((resolve) => {
    void client.watch(configmaps, { namespace: 'default', signal: stop.signal }, (batch) => {
      events.push(...batch)
      if (events.some(({ type }) => type === 'DELETED')) resolve()
    })
  })
  const made = await client.create(configmaps, { metadata: { name: 'h2', namespace: 'default' }, data: { k: 'ü' } })
  expect(made.data).toEqual({ k: 'ü' })
  expect(made.metadata.managedFields).toBeDefined()
  await client.delete(configmaps, { namespace: 'default', name: 'h2' })
  await both
  stop.abort()
  expect(events.at(-1)).toMatchObject({ type: 'DELETED', object: { kind: 'ConfigMap', metadata: { name: 'h2' } } })
})

const messages = (path: string, protocol: string[], until: (texts: readonly string[]) => boolean): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.server.port}${path}`, protocol, { ca, headers: { authorization: `Bearer ${token}` } })
    const texts: string[] = []
    socket.on('message', (data: Buffer) => {
      texts.push(data.toString())
      if (until(texts)) socket.close()
    })
    socket.on('close', () => resolve(texts)).on('error', reject)
  })

test('a watch over a WebSocket: each event is a message', async () => {
  await server.client.create(configmaps, { metadata: { name: 'ws', namespace: 'default' } })
  const texts = await messages('/api/v1/namespaces/default/configmaps?watch=1&fieldSelector=metadata.name%3Dws', [], (seen) => seen.length === 1)
  expect(JSON.parse(texts[0]!)).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'ws' } } })
})

test.each([[[], 'first second'], [['binary.k8s.io'], 'first second'], [['base64.binary.k8s.io'], `${btoa('first ')}${btoa('second')}`]])('logs over a WebSocket that offers %j', async (protocol, text) => {
  const { client } = server
  if (!(await client.list(nodes)).items.length) await client.create(nodes, { metadata: { name: 'n' } })
  const name = `logs-${protocol[0]?.length ?? 0}`
  await client.create(pods, { metadata: { name, namespace: 'default' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } })
  expect((await messages(`/api/v1/namespaces/default/pods/${name}/log?container=c`, protocol, () => false)).join('')).toBe(text)
})

test('selectors may be as long as Go takes them', async () => {
  const long = `a in (${'b,'.repeat(300_000)}c)`
  expect(await http1('GET', `/api/v1/namespaces/default/pods?labelSelector=${encodeURI(long)}`)).toMatchObject({ code: 200 })
  // The connection is closed while the rest is still being sent: the answer may be lost with it.
  const refused = await http1('GET', `/api/v1/namespaces/default/pods?labelSelector=${encodeURI(long.repeat(2))}`).then(({ code }) => code, ({ code }: NodeJS.ErrnoException) => code)
  expect([431, 'ECONNRESET', 'EPIPE']).toContain(refused)
})

test('HTTP/1.1 is served on the same port', async () => {
  expect((await http1('GET', '/readyz')).body).toBe('ok')
  const made = await http1('POST', '/api/v1/namespaces/default/configmaps', { 'content-type': 'application/yaml', accept: 'application/yaml' }, 'metadata: {name: h1}\ndata: {k: v}\nfoo: 1\n')
  expect(made.code).toBe(201)
  expect(made.headers.warning).toBe('299 - "unknown field \\"foo\\""')
  expect(made.body).toContain('name: h1')
})

test.for([
  ['GET', '/api/v1/namespaces/default/configmaps/none', {}, undefined, 404],
  ['GET', '/nothing', {}, undefined, 404],
  ['GET', '/api/v1/pods', { accept: 'text/html' }, undefined, 406],
  ['POST', '/api/v1/namespaces/default/configmaps', { 'content-type': 'text/plain' }, 'x', 415],
  ['POST', '/api/v1/namespaces/default/configmaps', {}, '{', 400],
  ['POST', '/api/v1/namespaces/default/configmaps', {}, `{"data":{"k":"${'x'.repeat(3 << 20)}"}}`, 413],
  ['PATCH', '/api/v1/namespaces/default/configmaps', {}, '{}', 405],
  ['GET', '/api/v1/pods', { authorization: 'Bearer wrong' }, undefined, 401],
  ['GET', '/api/v1/pods', { authorization: '' }, undefined, 403],
] as const)('%s %s %j is refused', async ([method, path, headers, body, code]) => {
  const reply = await http1(method, path, headers, body)
  expect(reply.code).toBe(code)
})
