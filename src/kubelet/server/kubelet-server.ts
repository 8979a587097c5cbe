import { messageOf } from '#base/error-message'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Pod } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { isSidecar } from '../pod/runtime-pod'
import type { ImageService, RuntimeService } from '../runtime-service'
import type { ServerAccess } from './access'
import { subresourcesOf, verbOf } from './access'
import { containerLogs } from './container-logs'
import { HttpError } from './http-error'
import { resourceMetrics, statsSummary } from './stats'
import { offerOf, proxyUpgrade, translateV5, tunnelSpdy } from './streaming'
import { runningContainer, sessionFor } from './session'

export interface KubeletServerOptions {
  /** 10250; 0 takes any free one. */
  port: number
  address: string
  /** PEM. */
  certificate: string
  key: string
  /** PEM: the cluster's authority, whose client certificates are taken. */
  clientCa?: string
  nodeName: string
  rootDirectory: string
}
export interface KubeletServerDeps {
  runtime: RuntimeService
  images: ImageService
  access: ServerAccess
  pods(): Pod[]
  clock: Clock
  log: Log
}
export interface KubeletServer extends AsyncDisposable {
  readonly port: number
  /** New connections are served with this certificate; those that are open go on. PEM. */
  useCertificate(certificate: string, key: string): void
}

/** The kubelet's own API: logs, exec, attach and port-forward for the API server, statistics and metrics. */
export async function startKubeletServer(options: KubeletServerOptions, deps: KubeletServerDeps): Promise<KubeletServer> {
  const { runtime, access, clock, log } = deps
  const startedAt = clock.now()
  const statsDeps = { ...deps, nodeName: options.nodeName, rootDirectory: options.rootDirectory, startedAt, now: () => clock.now() }

  async function admit(request: IncomingMessage, path: string): Promise<void> {
    const user = await access.authenticate(request)
    if (!user) throw new HttpError(401, 'Unauthorized')
    const verb = verbOf(request.method)
    const subresources = subresourcesOf(path)
    if (!(await access.authorize(user, verb, subresources))) throw new HttpError(403, `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`)
  }

  function findPod(namespace: string | undefined, name: string | undefined, uid?: string): Pod {
    const pod = deps.pods().find((one) => one.metadata.namespace === namespace && one.metadata.name === name && (uid === undefined || one.metadata.uid === uid))
    if (!pod) throw new HttpError(404, `pod "${name ?? ''}" does not exist`)
    return pod
  }

  const json = (response: ServerResponse, body: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const text = (response: ServerResponse, body: string, contentType = 'text/plain; charset=utf-8'): void => void response.writeHead(200, { 'content-type': contentType }).end(body)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://kubelet')
    const path = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname
    await admit(request, path)
    const [, root = '', ...rest] = path.split('/').map(decodeURIComponent)
    switch (root) {
      case 'healthz':
        return text(response, 'ok')
      case 'pods':
      case 'runningpods':
        return json(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods() })
      case 'stats':
        if (rest[0] === 'summary') return json(response, await statsSummary(statsDeps))
        break
      case 'metrics':
        if (rest.length === 0) return text(response, await ownMetrics(deps, options.nodeName), metricsType)
        if (rest[0] === 'resource') return text(response, await resourceMetrics(statsDeps), metricsType)
        break
      case 'containerLogs': {
        const [namespace, name, container] = rest
        const abort = new AbortController()
        response.once('close', () => abort.abort(new Error('the reader went away')))
        const pieces = await containerLogs(findPod(namespace, name), container ?? '', url.searchParams, { runtime, clock }, abort.signal)
        response.writeHead(200, { 'content-type': 'text/plain' })
        response.flushHeaders()
        return pipeline(pieces, response)
      }
      case 'run':
        return run(rest, url.searchParams, response)
      case 'exec':
      case 'attach':
      case 'portForward':
        throw new HttpError(400, 'Upgrade request required')
      case 'checkpoint':
        throw new HttpError(501, 'checkpoint is not supported by this kubelet')
    }
    throw new HttpError(404, '404 page not found')
  }

  async function run(rest: readonly string[], query: URLSearchParams, response: ServerResponse): Promise<void> {
    const [namespace, name, ...last] = rest
    const pod = findPod(namespace, name, last.length === 2 ? last[0] : undefined)
    const id = await runningContainer(runtime, pod, last.at(-1) ?? '')
    const { stdout, stderr } = await runtime.execSync(id, (query.get('cmd') ?? '').split(' '), 0)
    text(response, Buffer.concat([stdout, stderr]).toString())
  }

  async function stream(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://kubelet')
    await admit(request, url.pathname)
    const [, verb = '', namespace, name, ...last] = url.pathname.split('/').map(decodeURIComponent)
    const offer = offerOf(request)
    if (!offer) throw new HttpError(400, `unable to upgrade: unsupported protocol "${String(request.headers.upgrade)}"`)
    const pod = findPod(namespace, name, (verb === 'portForward' ? last.length === 1 : last.length === 2) ? last[0] : undefined)
    const session = await sessionFor(runtime, verb, pod, last.at(-1) ?? '', url.searchParams)
    if (offer === 'websocket-v5' && session.wants) await translateV5(request, socket, head, session.url, session.wants)
    else if (offer === 'websocket-tunnel') await tunnelSpdy(request, socket, head, session.url)
    else await proxyUpgrade(request, socket, head, session.url)
  }

  const secure = (cert: string, key: string) => ({ cert, key, ...(options.clientCa ? { ca: options.clientCa } : {}) })
  const server = createServer({ ...secure(options.certificate, options.key), requestCert: true, rejectUnauthorized: false })
  server.on('request', (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.destroyed || response.headersSent) {
        response.destroy()
        return
      }
      const code = error instanceof HttpError ? error.code : 500
      if (code === 500) log.warn('kubelet server failed', { path: request.url?.split('?')[0], error })
      response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(messageOf(error))
    })
  })
  const open = new Set<Duplex>()
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket)).on('error', (error) => log.debug('stream broke off', { error }))
    stream(request, socket, head).catch((error: unknown) => {
      const code = error instanceof HttpError ? error.code : 500
      const message = messageOf(error)
      log.debug('stream not opened', { path: request.url?.split('?')[0], error })
      if (!socket.destroyed) socket.end(`HTTP/1.1 ${code} ${code === 500 ? 'Internal Server Error' : 'Refused'}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`kubelet server: port ${options.port} at ${options.address}: ${error.message}`, { cause: error }))).listen(options.port, options.address, resolve)
  })
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    useCertificate: (certificate, key) => server.setSecureContext(secure(certificate, key)),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

async function ownMetrics({ runtime, pods }: KubeletServerDeps, nodeName: string): Promise<string> {
  const containers = await runtime.listContainers()
  const count = (state: string): number => containers.filter((one) => one.state === state).length
  const sidecars = pods().reduce((total, pod) => total + (pod.spec.initContainers ?? []).filter(isSidecar).length, 0)
  return [
    '# HELP kubelet_node_name [ALPHA] The node\'s name. The count is always 1.', '# TYPE kubelet_node_name gauge', `kubelet_node_name{node="${nodeName}"} 1`,
    '# HELP kubelet_running_pods [BETA] Number of pods that have a running pod sandbox', '# TYPE kubelet_running_pods gauge', `kubelet_running_pods ${(await runtime.listPodSandboxes({ state: 'ready' })).length}`,
    '# HELP kubelet_running_containers [BETA] Number of containers currently running', '# TYPE kubelet_running_containers gauge',
    ...['created', 'running', 'exited', 'unknown'].map((state) => `kubelet_running_containers{container_state="${state}"} ${count(state)}`),
    '# HELP kubelet_desired_pods [ALPHA] The number of pods the kubelet is being instructed to run.', '# TYPE kubelet_desired_pods gauge', `kubelet_desired_pods{static=""} ${pods().length}`,
    '# HELP kubelet_restartable_init_containers Sidecars of the pods of this node', '# TYPE kubelet_restartable_init_containers gauge', `kubelet_restartable_init_containers ${sidecars}`,
    '',
  ].join('\n')
}
