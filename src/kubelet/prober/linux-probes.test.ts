import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import type { Container, Probe } from '#api/core/v1/types'
import type { RuntimeService } from '../runtime-service'
import { RuntimeError } from '../runtime-service'
import { createLinuxProbes } from './linux-probes'

const container = { name: 'c', ports: [{ name: 'web', containerPort: 1 }] } as Container
const ask = (probe: Partial<Probe>, runtime: Partial<RuntimeService> = {}) =>
  createLinuxProbes(runtime as RuntimeService)(probe as Probe, { container, containerId: 'id', podIp: '127.0.0.1' }, new AbortController().signal)

const health = { requestDeserialize: (bytes: Buffer) => bytes, requestSerialize: (bytes: Buffer) => bytes, responseDeserialize: (bytes: Buffer) => bytes, responseSerialize: (bytes: Buffer) => bytes, requestStream: false, responseStream: false }

/** A grpc server with health services by name; no name at all when there is none. */
async function grpcServer(services: Record<string, number> | undefined) {
  const server = new Server()
  const asked: string[] = []
  if (services)
    server.addService({ Check: { path: '/grpc.health.v1.Health/Check', ...health } }, {
      Check: (call: { request: Buffer }, answer: (error: object | null, bytes?: Buffer) => void) => {
        // Field 1, the service's name, in a length that may take two bytes.
        const name = call.request.length === 0 ? '' : call.request.subarray(call.request[1]! > 127 ? 3 : 2).toString()
        asked.push(name)
        if (name === 'slow') return
        const found = services[name]
        if (found === undefined) answer({ code: status.NOT_FOUND, details: 'unknown service' })
        else answer(null, Buffer.from([0x08, found]))
      },
    })
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))))
  return { port, asked, [Symbol.asyncDispose]: async () => server.forceShutdown() }
}

test('grpc: services that are well, not well, unknown, slow, and a server that knows no health', async () => {
  const long = 'l'.repeat(200)
  await using server = await grpcServer({ '': 1, sick: 2, [long]: 1 })
  const grpc = (service?: string) => ask({ grpc: { port: server.port, ...(service === undefined ? {} : { service }) }, timeoutSeconds: 1 })
  expect(await grpc()).toEqual({ result: 'success', output: 'service healthy' })
  expect(await grpc(long)).toEqual({ result: 'success', output: 'service healthy' })
  expect(server.asked).toEqual(['', long])
  expect(await grpc('sick')).toEqual({ result: 'failure', output: 'service unhealthy (responded with "NOT_SERVING")' })
  expect(await grpc('other')).toEqual({ result: 'failure', output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service' })
  expect(await grpc('slow')).toEqual({ result: 'failure', output: 'timeout: health rpc did not complete within 1s' })
  await using mute = await grpcServer(undefined)
  expect((await ask({ grpc: { port: mute.port }, timeoutSeconds: 1 })).output).toContain('error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ')
})

test('http: what codes mean, the headers that are sent, and nobody at home', async () => {
  const seen: Record<string, unknown>[] = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url, agent: request.headers['user-agent'], host: request.headers.host, accept: request.headers.accept })
    const code = Number(request.url!.slice(1))
    response.writeHead(code, code === 302 ? { location: 'http://elsewhere.invalid/' } : {}).end('body')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const http = (path: string, more = {}) => ask({ httpGet: { port, path, ...more }, timeoutSeconds: 1 })
  expect(await http('/200')).toEqual({ result: 'success', output: 'body' })
  expect(await http('/503', { httpHeaders: [{ name: 'Host', value: 'web.example' }, { name: 'Accept', value: '' }] })).toEqual({ result: 'failure', output: 'HTTP probe failed with statuscode: 503' })
  expect(await http('/302')).toEqual({ result: 'warning', output: 'Probe terminated redirects, Response body: body' })
  expect(seen[0]).toMatchObject({ url: '/200', agent: 'kube-probe/1.36', accept: '*/*' })
  expect(seen[1]).toMatchObject({ host: 'web.example', accept: undefined })
  await new Promise((resolve) => server.close(resolve))
  expect(await http('/')).toEqual({ result: 'failure', output: `Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused` })
})

test('exec: exit codes and time-outs', async () => {
  const exec = (execSync: RuntimeService['execSync']) => ask({ exec: { command: ['check', 'me'] }, timeoutSeconds: 2 }, { execSync })
  const outcome = (exitCode: number) => async () => ({ stdout: Buffer.from('out '), stderr: Buffer.from('err'), exitCode })
  expect(await exec(outcome(0))).toEqual({ result: 'success', output: 'out err' })
  expect(await exec(outcome(1))).toEqual({ result: 'failure', output: 'out err' })
  expect(await exec(async () => Promise.reject(new RuntimeError('deadline-exceeded', 'late')))).toEqual({ result: 'failure', output: 'command timed out: "check me" timed out after 2s' })
})
