import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { GRPCAction, HTTPGetAction, Probe } from '#api/core/v1/types'
import { resolvePort } from '../kuberuntime/lifecycle-hooks'
import type { RuntimeService } from '../runtime-service'
import { isDeadlineExceeded } from '../runtime-service'
import type { ProbeOutcome, ProbeRunner, ProbeTarget } from './probe-runner'

/** The original keeps no more of an answer. */
const longestBody = 10 * 1024

/** Probes that really ask: exec through the runtime, the others over the network. */
export function createLinuxProbes(runtime: RuntimeService): ProbeRunner {
  return (probe, target, signal) => {
    const seconds = probe.timeoutSeconds ?? 1
    if (probe.exec) return exec(runtime, probe, target, seconds)
    if (probe.httpGet) return http(probe.httpGet, target, seconds, signal)
    if (probe.tcpSocket) return tcp(probe.tcpSocket.host || target.podIp, resolvePort(probe.tcpSocket.port, target.container), seconds, signal)
    if (probe.grpc) return grpc(probe.grpc, target, seconds)
    return Promise.reject(new Error(`missing probe handler for ${target.container.name}`))
  }
}

async function exec(runtime: RuntimeService, probe: Probe, { containerId }: ProbeTarget, seconds: number): Promise<ProbeOutcome> {
  const command = probe.exec?.command ?? []
  try {
    const { stdout, stderr, exitCode } = await runtime.execSync(containerId, command, seconds)
    return { result: exitCode === 0 ? 'success' : 'failure', output: Buffer.concat([stdout, stderr]).toString('utf8', 0, longestBody) }
  } catch (error) {
    if (isDeadlineExceeded(error)) return { result: 'failure', output: `command timed out: "${command.join(' ')}" timed out after ${seconds}s` }
    throw error
  }
}

function http(action: HTTPGetAction, { container, podIp }: ProbeTarget, seconds: number, signal: AbortSignal): Promise<ProbeOutcome> {
  const secure = action.scheme?.toUpperCase() === 'HTTPS'
  const host = action.host || podIp
  const port = resolvePort(action.port, container)
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close' }
  for (const { name, value } of action.httpHeaders ?? []) {
    // An empty value takes a default header away.
    if (value === '') delete headers[name.toLowerCase()]
    else headers[name.toLowerCase()] = value
  }
  const path = action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`
  const url = `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
  return new Promise((resolve) => {
    const done = (result: ProbeOutcome['result'], output: string): void => {
      clearTimeout(timer)
      resolve({ result, output })
      request.destroy()
    }
    const request = (secure ? httpsRequest : httpRequest)({ host, port, path, headers, signal, agent: false, ...(secure ? { rejectUnauthorized: false } : {}) }, (response) => {
      const code = response.statusCode ?? 0
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => (body = (body + text).slice(0, longestBody)))
      response.on('end', () => {
        if (code < 200 || code >= 400) done('failure', `HTTP probe failed with statuscode: ${code}`)
        else if (code >= 300 && !sameHost(response.headers.location, url)) done('warning', `Probe terminated redirects, Response body: ${body}`)
        else done('success', body)
      })
    })
    const timer = setTimeout(() => done('failure', `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`), seconds * 1000)
    request.on('error', (error: NodeJS.ErrnoException) => done('failure', `Get "${url}": ${words(error, host, port)}`))
    request.end()
  })
}

function sameHost(location: string | undefined, url: string): boolean {
  return location !== undefined && new URL(location, url).hostname === new URL(url).hostname
}

function tcp(host: string, port: number, seconds: number, signal: AbortSignal): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal } as { host: string; port: number })
    const done = (result: ProbeOutcome['result'], output: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ result, output })
    }
    const timer = setTimeout(() => done('failure', `dial tcp ${host}:${port}: i/o timeout`), seconds * 1000)
    socket.once('connect', () => done('success', ''))
    socket.once('error', (error: NodeJS.ErrnoException) => done('failure', words(error, host, port)))
  })
}

/** In a Go client's words. */
function words(error: NodeJS.ErrnoException, host: string, port: number): string {
  const what = { ECONNREFUSED: 'connect: connection refused', EHOSTUNREACH: 'connect: no route to host', ENETUNREACH: 'connect: network is unreachable', ECONNRESET: 'read: connection reset by peer' }[error.code ?? '']
  return what ? `dial tcp ${host}:${port}: ${what}` : error.message
}

/** grpc.health.v1.Health/Check by hand: one string in, one enum out. */
async function grpc({ port, service = '' }: GRPCAction, { podIp }: ProbeTarget, seconds: number): Promise<ProbeOutcome> {
  const { Client, credentials, status } = await import('@grpc/grpc-js')
  const address = podIp.includes(':') ? `[${podIp}]:${port}` : `${podIp}:${port}`
  const client = new Client(address, credentials.createInsecure(), { 'grpc.primary_user_agent': 'kube-probe/1.36' })
  const name = Buffer.from(service)
  // A name of more than 127 bytes has a length of two.
  const length = name.length < 128 ? [name.length] : [(name.length & 0x7f) | 0x80, name.length >> 7]
  const request = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...length]), name])
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, request, { deadline: Date.now() + seconds * 1000 }, (error, answer) => {
        if (error?.code === status.UNIMPLEMENTED) resolve({ result: 'failure', output: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}` })
        else if (error?.code === status.DEADLINE_EXCEEDED) resolve({ result: 'failure', output: `timeout: health rpc did not complete within ${seconds}s` })
        else if (error) resolve({ result: 'failure', output: `error: health rpc probe failed: rpc error: code = ${codeName(status[error.code])} desc = ${error.details}` })
        // Field 1, 1 is SERVING.
        else if (answer?.[0] === 0x08 && answer[1] === 1) resolve({ result: 'success', output: 'service healthy' })
        else resolve({ result: 'failure', output: `service unhealthy (responded with "${answer?.[1] === 2 ? 'NOT_SERVING' : 'UNKNOWN'}")` })
      })
    })
  } finally {
    client.close()
  }
}

/** `NOT_FOUND` is `NotFound` in a Go client's words. */
const codeName = (name: string | undefined): string => (name ?? 'UNKNOWN').split('_').map((word) => word[0]! + word.slice(1).toLowerCase()).join('')
