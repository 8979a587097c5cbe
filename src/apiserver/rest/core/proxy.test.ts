import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { httpDial } from '../../dial/http-dial'
import { startTestServer, type TestServer } from '../../testing/test-server'

const pki = openPki()
const ca = certificateToPem(pki.ca.certificate)
let backend: Server
let port: number
let server: TestServer

beforeAll(async () => {
  backend = createServer((asked, answer) => void serve(asked, answer)).on('upgrade', (asked: IncomingMessage, socket: Socket) => {
    if (asked.url!.startsWith('/refused')) return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nX-Why: closed\r\n\r\nclosed')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Path: ${asked.url}\r\n\r\n`)
    return socket.pipe(socket)
  })
  backend.listen(0, '127.0.0.1')
  await once(backend, 'listening')
  port = (backend.address() as AddressInfo).port
  const real = httpDial({ kubelet: { ...keyPairToPem(pki.apiserverKubeletClient), ca } })
  server = await startTestServer({
    anonymous: true,
    // Pods may not have addresses of this machine alone: what is sent to one arrives at the test's server.
    dial: (to) => real(to.to.sort === 'address' ? { ...to, to: { ...to.to, host: '127.0.0.1' } } : to),
  }, { listen: { port: 0, tls: keyPairToPem(pki.apiserver) } })
  const make = async (path: string, body: object, status?: object): Promise<void> => {
    const { body: made } = await server.transport.request({ method: 'POST', path, body })
    if (status) await server.transport.request({ method: 'PUT', path: `${path}/${(made as { metadata: { name: string } }).metadata.name}/status`, body: { ...(structuredClone(made) as object), status } })
  }
  const containers = [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: port }] }]
  await make('/api/v1/namespaces/default/pods', { metadata: { name: 'web' }, spec: { containers } }, { podIP: '10.9.9.9', podIPs: [{ ip: '10.9.9.9' }] })
  await make('/api/v1/namespaces/default/pods', { metadata: { name: 'lo' }, spec: { containers } }, { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] })
  await make('/api/v1/namespaces/default/services', { metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }, { name: 'nobody', port: 81 }] } })
  await make('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4', ports: [{ name: 'http', port }],
    endpoints: [{ addresses: ['10.9.9.9'], conditions: { ready: true } }, { addresses: ['10.9.9.8'], conditions: { ready: false } }],
  })
  await make('/api/v1/nodes', { metadata: { name: 'n1' } }, { addresses: [{ type: 'InternalIP', address: '10.9.9.9' }], daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } })
  await make('/api/v1/nodes', { metadata: { name: 'n2' } }, { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  backend.close()
})

async function serve(asked: IncomingMessage, answer: import('node:http').ServerResponse): Promise<void> {
  const { pathname } = new URL(asked.url!, 'http://backend')
  if (pathname === '/redirect') return void answer.writeHead(302, { location: '/there/' }).end()
  if (pathname === '/elsewhere') return void answer.writeHead(302, { location: 'https://example.com/there' }).end()
  if (pathname === '/page') return void answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'access-control-allow-origin': '*' }).end(page)
  if (pathname === '/packed') return void answer.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(gzipSync(page))
  if (pathname === '/broken') return void answer.destroy()
  const body = await text(asked)
  answer.writeHead(pathname === '/teapot' ? 418 : 200, { 'content-type': 'application/json', 'x-own': 'yes' })
  answer.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }))
}

const page = '<html><!-- <a href="/no"> --><a href="/x?a=1&amp;b=2">x</a><IMG SRC=/i.png><a href="y">y</a><a href="//other/z">z</a><script src="/s.js">"<a href=\'/no\'>"</script><form action=\'/f/\'></form></html>'

interface Answer {
  code: number
  headers: IncomingMessage['headers']
  text: string
}

async function ask(path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port: server.server.port, path, ca, ...options })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { code: answer.statusCode!, headers: answer.headers, text: await text(answer) }
}
const told = async (path: string, options?: RequestOptions, body?: string): Promise<{ method: string; url: string; headers: Record<string, string>; body: string }> =>
  JSON.parse((await ask(path, options, body)).text) as never

const pods = '/api/v1/namespaces/default/pods'
const services = '/api/v1/namespaces/default/services'

describe('what is sent', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s with path, query and body', async (method) => {
    const body = method === 'GET' ? undefined : 'content'
    const { headers, ...rest } = await told(`${pods}/web/proxy/a/b%20c/?x=1&x=2`, { method, headers: { 'x-mine': '1', ...(body ? { 'content-type': 'text/plain', 'content-length': '7' } : {}) } }, body)
    expect(rest).toEqual({ method, url: '/a/b%20c/?x=1&x=2', body: body ?? '' })
    expect(headers).toMatchObject({ 'x-mine': '1', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-uri': `${pods}/web/proxy/a/b%20c/`, host: `127.0.0.1:${server.server.port}` })
  })

  test('HEAD', async () => {
    expect(await ask(`${pods}/web/proxy/a`, { method: 'HEAD' })).toMatchObject({ code: 200, text: '', headers: { 'x-own': 'yes' } })
  })

  test('not who the client says to be', async () => {
    const { headers } = await told(`${pods}/web/proxy/`, { headers: { 'x-remote-user': 'root', 'x-remote-extra-a': 'b', 'impersonate-x': '1', connection: 'x-hop', 'x-hop': '1', te: 'trailers' } })
    for (const name of ['x-remote-user', 'x-remote-extra-a', 'authorization', 'impersonate-x', 'x-hop', 'te']) expect(headers[name]).toBeUndefined()
  })

  test('bodies without a limit, over HTTP/2 too', async () => {
    const session = connectHttp2(`https://127.0.0.1:${server.server.port}`, { ca })
    const stream = session.request({ ':method': 'POST', ':path': `${services}/web:http/proxy/up` })
    stream.end(Buffer.alloc(5 << 20, 'x'))
    const { body, headers } = JSON.parse(await text(stream)) as { body: string; headers: Record<string, string> }
    expect(body).toHaveLength(5 << 20)
    expect(headers['host']).toBe(`127.0.0.1:${server.server.port}`)
    session.close()
  })
})

describe('where to', () => {
  test.each([
    `${pods}/web:PORT/proxy/q`, `${pods}/http:web:PORT/proxy/q`, `${services}/web:http/proxy/q`, `${services}/web:80/proxy/q`, `${services}/http:web:80/proxy/q`, '/api/v1/nodes/n1:PORT/proxy/q',
  ])('%s', async (path) => {
    expect((await told(path.replace('PORT', String(port)))).url).toBe('/q')
  })

  test('codes and headers come back as they are', async () => {
    expect(await ask(`${services}/web:http/proxy/teapot`)).toMatchObject({ code: 418, headers: { 'x-own': 'yes', 'content-type': 'application/json', 'cache-control': 'no-cache, private' } })
  })

  test('without a path, a browser is sent to where relative links work', async () => {
    expect(await ask(`${pods}/web/proxy?a=b`)).toMatchObject({ code: 301, headers: { location: `${pods}/web/proxy/?a=b` }, text: '' })
    expect((await told(`${pods}/web/proxy`, { method: 'POST' })).url).toBe('/')
  })

  test.each([
    [`${pods}/lo/proxy/`, 400, 'address not allowed'],
    ['/api/v1/nodes/n2/proxy/', 400, 'address not allowed'],
    [`${pods}/none/proxy/`, 404, 'pods "none" not found'],
    ['/api/v1/nodes/none/proxy/', 404, 'nodes "none" not found'],
    [`${services}/none/proxy/`, 404, 'services "none" not found'],
    [`${services}/none:80/proxy/`, 404, 'services "none" not found'],
    [`${pods}/a:b:c:d/proxy/`, 400, 'invalid pod request "a:b:c:d"'],
    [`${services}/ftp:web:80/proxy/`, 400, 'invalid service request "ftp:web:80"'],
    [`${services}/web:82/proxy/`, 503, 'no service port 82 found for service "web"'],
    [`${services}/web:81/proxy/`, 503, 'no endpoints available for service "web"'],
    [`${services}/web/proxy/`, 503, 'no endpoints available for service "web"'],
    [`${services}/web:http/proxy/broken`, 503, 'error trying to reach service: EOF'],
    [`${pods}/web:1/proxy/`, 503, 'error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused'],
  ])('%s is refused', async (path, code, message) => {
    const answer = await ask(path)
    expect([answer.code, (JSON.parse(answer.text) as { message: string }).message]).toEqual([code, message])
  })

  test('a backend that is gone is told to who sends something, too', async () => {
    expect(await ask(`${pods}/web:1/proxy/`, { method: 'POST' }, 'x')).toMatchObject({ code: 503 })
  })
})

describe('links', () => {
  const prefix = `${services}/web:http/proxy`

  test('redirects', async () => {
    expect((await ask(`${prefix}/redirect`)).headers.location).toBe(`${prefix}/there/`)
    expect((await ask(`${prefix}/elsewhere`)).headers.location).toBe('https://example.com/there')
  })

  test.each(['page', 'packed'])('of a %s', async (name) => {
    const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${prefix}/${name}`, ca })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const { createGunzip } = await import('node:zlib')
    const html = await text(name === 'packed' ? answer.pipe(createGunzip()) : answer)
    expect(html).toBe(
      `<html><!-- <a href="/no"> --><a href="${prefix}/x?a=1&amp;b=2">x</a><IMG SRC="${prefix}/i.png"><a href="y">y</a><a href="//other/z">z</a><script src="${prefix}/s.js">"<a href='/no'>"</script><form action="${prefix}/f/"></form></html>`,
    )
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

describe('upgrades', () => {
  test('bytes go both ways', async () => {
    const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${pods}/web/proxy/chat?a=1`, ca, headers: { connection: 'Upgrade', upgrade: 'echo' } })
    sent.end()
    const [answer, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket]
    expect(answer.headers['x-path']).toBe('/chat?a=1')
    socket.write('hello')
    expect(String((await once(socket, 'data'))[0])).toBe('hello')
    socket.destroy()
  })

  test('a refusal comes in the backend\'s words', async () => {
    const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${services}/web:http/proxy/refused`, ca, headers: { connection: 'Upgrade', upgrade: 'echo' } })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect([answer.statusCode, answer.headers['x-why'], await text(answer)]).toEqual([403, 'closed', 'closed'])
  })

  test('nobody there', async () => {
    const sent = request({ host: '127.0.0.1', port: server.server.port, path: `${pods}/web:1/proxy/`, ca, headers: { connection: 'Upgrade', upgrade: 'echo' } })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    expect([answer.statusCode, JSON.parse(await text(answer))]).toMatchObject([500, { message: 'error dialing backend: dial tcp 127.0.0.1:1: connect: connection refused' }])
  })
})
