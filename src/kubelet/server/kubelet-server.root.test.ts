import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { systemClock } from '#base/clock'
import { createAuthority, issue, keyPairToPem } from '#component-base/certs/issue'
import { silent } from '#component-base/log'
import type { TestNode } from '../test-node'
import { shell, startTestNode } from '../test-node'
import type { KubeletServer } from './kubelet-server'
import { startKubeletServer } from './kubelet-server'
import { connectSpdy, upgrade } from './spdy-client'

let node: TestNode
let server: KubeletServer
let ca: string
const authorization = 'Bearer letmein'

beforeAll(async () => {
  node = await startTestNode(248)
  const day = 86_400_000
  const authority = createAuthority({ commonName: 'test', organizations: [] }, new Date(Date.now() - day), new Date(Date.now() + day))
  const pair = keyPairToPem(issue({ subject: { commonName: 'n1', organizations: [] }, notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day), usages: ['server auth'], names: { dns: ['localhost'], ips: ['127.0.0.1'], uris: [], emails: [] } }, authority))
  ca = keyPairToPem(authority).cert
  server = await startKubeletServer({ port: 0, address: '127.0.0.1', certificate: pair.cert, key: pair.key, nodeName: 'n1', rootDirectory: node.directory }, {
    runtime: node.kubelet.runtime, images: node.kubelet.images, pods: () => node.kubelet.pods(), clock: systemClock, log: silent,
    access: { authenticate: async (one) => (one.headers.authorization === authorization ? { name: 'admin', groups: [] } : undefined), authorize: async (_, __, subresources) => !subresources.includes('log') },
  })
  node.create('talk', { containers: [shell('echo one; echo two >&2; echo three; while true; do read line || break; echo "got $line"; done; exec sleep 1000', { stdin: true })] })
  node.create('serve', { containers: [shell('echo hello > /index.html; exec httpd -f -p 8080 -h /')] })
  for (const name of ['talk', 'serve']) await node.until(name, (pod) => pod?.status.phase === 'Running')
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await node?.[Symbol.asyncDispose]()
})

const url = (path: string): string => `https://127.0.0.1:${server.port}${path}`
const get = (path: string, headers: Record<string, string> = { authorization }): Promise<{ code: number; body: string }> =>
  new Promise((resolve, reject) => {
    request(url(path), { ca, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece)).on('end', () => resolve({ code: response.statusCode!, body }))
    }).on('error', reject).end()
  })
const eventually = async (what: () => boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !what(); ) {
    if (Date.now() > end) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('strangers are turned away, rights are asked for', async () => {
  expect(await get('/pods', {})).toEqual({ code: 401, body: 'Unauthorized' })
  expect(await get('/logs/x')).toEqual({ code: 403, body: 'Forbidden (user=admin, verb=get, resource=nodes, subresource(s)=[log])' })
  expect(await get('/healthz')).toEqual({ code: 200, body: 'ok' })
})

test('logs: all, the tail, one stream, with times, and what is not there', async () => {
  await eventually(() => true)
  expect((await get('/containerLogs/default/talk/main')).body.split('\n').slice(0, 3).sort()).toEqual(['one', 'three', 'two'])
  // Two streams are two pipes: which of them comes last is open.
  expect((await get('/containerLogs/default/talk/main?tailLines=1')).body).toMatch(/^(two|three)\n$/)
  expect((await get('/containerLogs/default/talk/main?stream=Stderr')).body).toBe('two\n')
  expect((await get('/containerLogs/default/talk/main?timestamps=true&stream=Stderr')).body).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+) two\n$/)
  expect(await get('/containerLogs/default/talk/main?previous=true')).toEqual({ code: 400, body: 'previous terminated container "main" in pod "talk" not found' })
  expect((await get('/containerLogs/default/nobody/main')).code).toBe(404)
})

test('logs are followed to the end of the container', async () => {
  node.create('brief', { restartPolicy: 'Never', containers: [shell('for i in 1 2 3; do echo $i; sleep 0.3; done')] })
  await node.until('brief', (pod) => pod?.status.phase === 'Running')
  expect((await get('/containerLogs/default/brief/main?follow=true')).body).toBe('1\n2\n3\n')
})

const exec = (script: string, protocol: string, more = ''): { socket: WebSocket; out: Record<number, string>; closed: Promise<number> } => {
  const socket = new WebSocket(url(`/exec/default/talk/main?output=1&error=1${more}&command=sh&command=-c&command=${encodeURIComponent(script)}`).replace('https', 'wss'), protocol, { ca, headers: { authorization } })
  const out: Record<number, string> = {}
  socket.on('message', (raw: Buffer) => {
    out[raw[0]!] = (out[raw[0]!] ?? '') + raw.subarray(1).toString()
  })
  return { socket, out, closed: new Promise((resolve, reject) => socket.on('close', resolve).on('error', reject)) }
}

test('exec over WebSocket v5, with the end of input', async () => {
  const { socket, out, closed } = exec('cat; echo bad >&2; exit 3', 'v5.channel.k8s.io', '&input=1')
  socket.on('open', () => {
    socket.send(Buffer.from('\0hello '))
    socket.send(Buffer.from('\0world'))
    socket.send(Buffer.from([255, 0]))
  })
  await closed
  expect(out[1]).toBe('hello world')
  expect(out[2]).toBe('bad\n')
  expect(JSON.parse(out[3]!)).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } })
})

test('exec over WebSocket v4 goes through to the runtime', async () => {
  const { out, closed } = exec('echo hi', 'v4.channel.k8s.io')
  await closed
  expect(out[1]).toBe('hi\n')
  expect(JSON.parse(out[3]!)).toMatchObject({ status: 'Success' })
})

test('exec over SPDY', async () => {
  const { session, protocol } = await connectSpdy(url('/exec/default/talk/main?output=1&input=1&command=cat'), ['v4.channel.k8s.io'], { ca, headers: { authorization } })
  expect(protocol).toBe('v4.channel.k8s.io')
  await session.open({ streamType: 'error' })
  const stdin = await session.open({ streamType: 'stdin' })
  const stdout = await session.open({ streamType: 'stdout' })
  let text = ''
  stdout.onData((data) => (text += data.toString()))
  stdin.write(Buffer.from('over spdy'))
  stdin.end()
  await session.closed
  expect(text).toBe('over spdy')
})

test('attach talks to the main process', async () => {
  const socket = new WebSocket(url('/attach/default/talk/main?output=1&input=1').replace('https', 'wss'), 'v5.channel.k8s.io', { ca, headers: { authorization } })
  let text = ''
  socket.on('message', (raw: Buffer) => (text += raw.subarray(1).toString()))
  socket.on('open', () => socket.send(Buffer.from('\0ping\n')))
  await eventually(() => text.includes('got ping'))
  socket.terminate()
})

test('port-forward over SPDY and through a WebSocket tunnel', async () => {
  const { session } = await connectSpdy(url('/portForward/default/serve'), ['portforward.k8s.io'], { ca, headers: { authorization } })
  await session.open({ streamType: 'error', port: '8080', requestID: '0' })
  const data = await session.open({ streamType: 'data', port: '8080', requestID: '0' })
  let text = ''
  data.onData((piece) => (text += piece.toString()))
  data.write(Buffer.from('GET /index.html HTTP/1.0\r\n\r\n'))
  await eventually(() => text.includes('hello'))
  session.close()

  // The name of the tunnel is not one that WebSocket libraries take, so this is done by hand.
  const { socket, response } = await upgrade(url('/portForward/default/serve'), {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io',
  }, 'GET', { ca, headers: { authorization } })
  expect(response.headers['sec-websocket-protocol']).toBe('SPDY/3.1+portforward.k8s.io')
  // A ping of SPDY comes back through the tunnel from the runtime's server.
  const ping = Buffer.from('800300060000000400000001', 'hex')
  let received = Buffer.alloc(0)
  socket.on('data', (data: Buffer) => (received = Buffer.concat([received, data])))
  socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | ping.length, 0, 0, 0, 0]), ping]))
  // The runtime may write its frame in pieces, each of which is then a message of its own.
  await eventually(() => payloadOf(received).length >= ping.length)
  expect(payloadOf(received).toString('hex')).toBe(ping.toString('hex'))
  socket.destroy()
})

test('statistics and metrics', async () => {
  const summary = JSON.parse((await get('/stats/summary')).body)
  expect(summary.pods.map((pod: { podRef: { name: string } }) => pod.podRef.name)).toContain('talk')
  expect(summary.node.memory.workingSetBytes).toBeGreaterThan(0)
  expect((await get('/metrics/resource')).body).toMatch(/container_memory_working_set_bytes\{container="main",namespace="default",pod="talk"\} \d+/)
  expect((await get('/metrics')).body).toContain('kubelet_running_pods')
})

/** What short frames of a WebSocket carry, one after another; a frame that is not whole yet is left out. */
function payloadOf(frames: Buffer): Buffer {
  const payloads: Buffer[] = []
  for (let at = 0; at + 2 <= frames.length; ) {
    const end = at + 2 + frames[at + 1]!
    if (end > frames.length) break
    payloads.push(frames.subarray(at + 2, end))
    at = end
  }
  return Buffer.concat(payloads)
}
