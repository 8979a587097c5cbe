import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { isGone, isNotFound } from '#apimachinery/api-error'
import { createFakeClock } from '#base/fake-clock'
import { createHttp2Exchange } from './http-exchange'
import { createHttpTransport, warningsOf } from './http-transport'
import { connectionOf, loadKubeconfig, mergeKubeconfigs, readKubeconfig, writeKubeconfig } from './kubeconfig'
import type { Kubeconfig } from './kubeconfig'
import { readLines } from './lines'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => new Promise((resolve) => {
    server.closeAllConnections()
    server.close(resolve)
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const json = (response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}) => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

test('a call carries its query, body and credentials, and brings back warnings', async () => {
  const seen: string[] = []
  const server = await serve((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization} ${String(request.headers['impersonate-user'])} ${String(request.headers['content-type'])}`)
    json(response, 201, { kind: 'Pod' }, { warning: '299 - "old \\"kind\\"", 299 - "two"' })
  })
  await using transport = createHttpTransport({ server, token: 't', impersonate: { user: 'jane' } })
  const answer = await transport.request({ method: 'POST', path: '/api/v1/pods', query: { dryRun: 'All', limit: undefined }, body: { a: 1 } })
  expect(seen).toEqual(['POST /api/v1/pods?dryRun=All Bearer t jane application/json'])
  expect(answer.warnings).toEqual(['old "kind"', 'two'])
  expect(Object.isFrozen(answer.body)).toBe(true)
})

test('a Status is thrown as an ApiError, other texts too', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/plain') return void response.writeHead(403).end('no entry\n')
    json(response, 404, { kind: 'Status', status: 'Failure', reason: 'NotFound', message: 'pods "a" not found', code: 404 })
  })
  await using transport = createHttpTransport({ server })
  await expect(transport.request({ method: 'GET', path: '/x' }).catch(isNotFound)).resolves.toBe(true)
  await expect(transport.request({ method: 'GET', path: '/plain' })).rejects.toMatchObject({ code: 403, reason: 'Forbidden', message: 'no entry' })
})

test('429 with Retry-After is tried again when the server said', async () => {
  let asked = 0
  const server = await serve((_request, response) => (++asked < 3 ? json(response, 429, { kind: 'Status', code: 429 }, { 'retry-after': '7' }) : json(response, 200, {})))
  const clock = { ...createFakeClock(), waited: [] as number[], sleep: async (ms: number) => void clock.waited.push(ms) }
  await using transport = createHttpTransport({ server }, {}, { clock })
  await transport.request({ method: 'POST', path: '/x', body: {} })
  expect(clock.waited).toEqual([7000, 7000])
})

test('a broken connection is tried again for reads only, and named in the end', async () => {
  let asked = 0
  const server = await serve((request) => {
    asked++
    request.socket.destroy()
  })
  const clock = { ...createFakeClock(), sleep: async () => {} }
  await using transport = createHttpTransport({ server }, {}, { clock })
  await expect(transport.request({ method: 'GET', path: '/x' })).rejects.toThrow(`the connection to the server ${server} failed`)
  expect(asked).toBe(4)
  await expect(transport.request({ method: 'POST', path: '/x', body: {} })).rejects.toMatchObject({ code: 503 })
  expect(asked).toBe(5)
})

test('a watch hands on events, then the error that ended it', async () => {
  const event = (name: string) => `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`
  const server = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(event('a') + event('b').slice(0, 9))
    response.end(`${event('b').slice(9)}${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`)
  })
  await using transport = createHttpTransport({ server })
  const names: string[] = []
  const watch = transport.watch({ method: 'GET', path: '/x' }, (events) => names.push(...events.map((e) => e.object.metadata.name)))
  await expect(watch.catch(isGone)).resolves.toBe(true)
  expect(names).toEqual(['a', 'b'])
})

test('an aborted watch resolves', async () => {
  const server = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'a' } } })}\n`)
  })
  await using transport = createHttpTransport({ server })
  const abort = new AbortController()
  await transport.watch({ method: 'GET', path: '/x', signal: abort.signal }, () => abort.abort())
})

test('HTTP/2: many calls share one connection, which is made anew when it breaks', async () => {
  let sessions = 0
  const server = createHttp2Server((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    request.on('data', () => {})
    request.on('end', () => response.end('{"ok":true}'))
  })
  const open = new Set<{ destroy(): void }>()
  server.on('session', (session) => {
    sessions++
    open.add(session)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)))
  const connection = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  await using transport = createHttpTransport(connection, {}, { exchange: createHttp2Exchange(connection) })
  await Promise.all(Array.from({ length: 20 }, () => transport.request({ method: 'PUT', path: '/x', body: { a: 1 } })))
  expect(sessions).toBe(1)
  for (const session of open) session.destroy()
  await expect(transport.request({ method: 'GET', path: '/x' })).resolves.toMatchObject({ body: { ok: true } })
  expect(sessions).toBe(2)
})

test('lines are put together over chunks and characters', async () => {
  const bytes = new TextEncoder().encode('a\nbü\n\nc')
  const seen: string[][] = []
  await readLines((async function* () {
    for (const byte of bytes) yield new Uint8Array([byte])
  })(), (lines) => seen.push(lines))
  expect(seen.flat()).toEqual(['a', 'bü', 'c'])
})

test('warnings are read from one header or several', () => {
  expect(warningsOf(undefined)).toEqual([])
  expect(warningsOf(['299 - "a"', '299 x "b, 299"'])).toEqual(['a', 'b, 299'])
})

const config = (name: string, user: object): Kubeconfig => ({
  apiVersion: 'v1', kind: 'Config', clusters: [{ name, cluster: { server: `https://${name}:6443`, 'certificate-authority': 'ca.pem' } }],
  users: [{ name, user }], contexts: [{ name, context: { cluster: name, user: name, namespace: 'web' } }], 'current-context': name,
})

test('kubeconfigs are written for their owner alone, read with paths made absolute, and merged: the first wins', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  cleanUps.push(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, 'ca.pem'), 'the ca')
  await writeKubeconfig(join(dir, 'a'), config('a', { token: 'one' }))
  await writeKubeconfig(join(dir, 'b'), mergeKubeconfigs([config('a', { token: 'two' }), config('b', { 'client-key-data': Buffer.from('k').toString('base64') })]))
  expect((await stat(join(dir, 'a'))).mode & 0o777).toBe(0o600)
  const merged = await loadKubeconfig({ env: { KUBECONFIG: `${join(dir, 'missing')}:${join(dir, 'a')}:${join(dir, 'b')}` } })
  expect(await connectionOf(merged)).toMatchObject({ server: 'https://a:6443', ca: 'the ca', token: 'one', namespace: 'web' })
  expect(await connectionOf(merged, 'b')).toMatchObject({ key: 'k' })
  await expect(connectionOf(await readKubeconfig(join(dir, 'a')), 'c')).rejects.toThrow('context "c" does not exist')
})

test('credentials that need a plugin are refused by name', async () => {
  await expect(connectionOf(config('a', { exec: { command: 'aws' } }))).rejects.toThrow('user "a" needs the exec plugin "aws", which is not supported')
})
