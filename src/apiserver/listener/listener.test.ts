import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import type { WatchEvent } from '#client/transport'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import { superusers } from '../authorization/chain'
import { startTestServer, type TestServer } from '../testing/test-server'

const pki = openPki()
const ca = keyPairToPem(pki.ca).cert
const token = 'secret'
let server: TestServer

beforeAll(async () => {
  const tokens = staticTokens()
  tokens.add({ name: 'admin', groups: ['system:masters'] }, token)
  server = await startTestServer({ authenticators: [bearerTokens([tokens], [])], anonymous: true, authorizers: [superusers] }, { listen: { tls: keyPairToPem(pki.apiserver) } })
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
