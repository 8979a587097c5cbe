import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { json } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { certificateToPem } from '#component-base/certs/certificate'
import { createAuthority, issue, keyPairToPem } from '#component-base/certs/issue'
import { alternativeNames } from '#component-base/certs/names'

interface Flunder {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string; creationTimestamp: string; labels?: Record<string, string> }
  spec?: unknown
}

/** What one request looked like when it arrived. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Common name of the client's certificate, where a trusted authority signed it. */
  readonly client: string | undefined
}

/** An API server as others write them: serves `flunders` of wardle.example.com/v1alpha1 out of its memory. */
export interface ExtensionServer extends AsyncDisposable {
  readonly port: number
  /** PEM in base64, for an APIService. */
  readonly caBundle: string
  readonly seen: Seen[]
  /** Answers everything with this code while it is set. */
  broken: number | undefined
  /** Knows the new discovery and OpenAPI v3; true unless set. */
  modern: boolean
}

const group = 'wardle.example.com'
const apiVersion = `${group}/v1alpha1`
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** @param host The `service.namespace.svc` that its certificate is for. @param proxyCa PEM of who signs front proxies. */
export async function startExtensionServer(host: string, proxyCa: string): Promise<ExtensionServer> {
  const [from, until] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)]
  const ca = createAuthority({ commonName: 'extension', organizations: [] }, from, until)
  const pair = issue({ subject: { commonName: host, organizations: [] }, names: alternativeNames([host]), usages: ['digital signature', 'server auth'], notBefore: from, notAfter: until }, ca)
  const server = createServer({ ...keyPairToPem(pair), ca: proxyCa, requestCert: true, rejectUnauthorized: false })
  const state = flunders()
  const self = { broken: undefined as number | undefined, modern: true, seen: [] as Seen[] }
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket = request.socket as TLSSocket
    const client = socket.authorized ? (socket.getPeerCertificate().subject.CN as string) : undefined
    self.seen.push({ method: request.method!, url: request.url!, headers: request.headers, client })
    if (self.broken) return void response.writeHead(self.broken).end()
    if (client === undefined) return void response.writeHead(401).end('who are you?')
    state.serve(request, response, self.modern).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-User: ${String(request.headers['x-remote-user'])}\r\n\r\n`)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(self, {
    port: (server.address() as AddressInfo).port, caBundle: Buffer.from(certificateToPem(ca.certificate)).toString('base64'),
    [Symbol.asyncDispose]: () => close(server),
  })
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

const resources = [{ name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs, shortNames: ['fl'] }]
const definition = 'com.example.wardle.v1alpha1.Flunder'
const schema = {
  description: 'A flunder is there to be served.', type: 'object', 'x-kubernetes-group-version-kind': [{ group, version: 'v1alpha1', kind: 'Flunder' }],
  properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec: { type: 'object', description: 'What it is to be.', properties: { reference: { type: 'string', description: 'Another flunder.' } } } },
}
const path = `/apis/${apiVersion}/namespaces/{namespace}/flunders`
const gvk = { 'x-kubernetes-group-version-kind': { group, version: 'v1alpha1', kind: 'Flunder' } }

function documents(modern: boolean): Record<string, { type: string; body: unknown }> {
  const plain = 'application/json'
  return {
    [`/apis/${apiVersion}`]: { type: plain, body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources } },
    '/openapi/v2': {
      type: plain,
      body: {
        swagger: '2.0', info: { title: 'wardle', version: '1' }, paths: { [path]: { get: { responses: { 200: { description: 'OK', schema: { $ref: `#/definitions/${definition}` } } }, ...gvk } }, '/version/': {} },
        definitions: { [definition]: schema, 'io.k8s.apimachinery.pkg.version.Info': { type: 'object' } },
      },
    },
    ...(modern ? {
      '/apis': {
        type: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        body: {
          kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {},
          items: [{ metadata: { name: group }, versions: [{ version: 'v1alpha1', freshness: 'Current', resources: [{ resource: 'flunders', responseKind: { group, version: 'v1alpha1', kind: 'Flunder' }, scope: 'Namespaced', singularResource: 'flunder', verbs, shortNames: ['fl'] }] }] }],
        },
      },
      '/openapi/v3': { type: plain, body: { paths: { [`apis/${apiVersion}`]: { serverRelativeURL: `/openapi/v3/apis/${apiVersion}?hash=ABC` } } } },
      [`/openapi/v3/apis/${apiVersion}`]: {
        type: plain,
        body: { openapi: '3.0.0', info: { title: 'wardle', version: '1' }, paths: { [path]: { get: { responses: { 200: { description: 'OK' } }, 'x-kubernetes-action': 'list', ...gvk } } }, components: { schemas: { [definition]: schema } } },
      },
    } : { '/apis': { type: plain, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [] } } }),
  }
}

function flunders(): { serve(request: IncomingMessage, response: ServerResponse, modern: boolean): Promise<void> } {
  const stored = new Map<string, Flunder>()
  const watchers = new Set<(type: string, object: Flunder) => void>()
  let revision = 1
  const store = (type: string, object: Flunder): Flunder => {
    object.metadata.resourceVersion = String(++revision)
    const key = `${object.metadata.namespace}/${object.metadata.name}`
    if (type === 'DELETED') stored.delete(key)
    else stored.set(key, object)
    for (const tell of watchers) tell(type, object)
    return object
  }
  return {
    async serve(request, response, modern) {
      const url = new URL(request.url!, 'https://extension')
      const answer = (code: number, body: unknown, type = 'application/json'): void => void response.writeHead(code, { 'content-type': type, warning: '299 - "flunders are strange"' }).end(JSON.stringify(body))
      const found = documents(modern)[url.pathname.replace(/\/$/, '')]
      if (found) return answer(200, found.body, found.type)
      if (url.pathname === `/apis/${apiVersion}/away`) return void response.writeHead(302, { location: '/elsewhere' }).end()
      const parts = new RegExp(`^/apis/${apiVersion}/(?:namespaces/([^/]+)/)?flunders(?:/([^/]+))?$`).exec(url.pathname)
      if (!parts) return void response.writeHead(404).end('404 page not found\n')
      const [, namespace = '', name] = parts
      const missing = (): void => answer(404, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: `flunders.${group} "${name}" not found`, reason: 'NotFound', details: { name, group, kind: 'flunders' }, code: 404 })
      const there = name === undefined ? undefined : stored.get(`${namespace}/${name}`)
      const all = (): Flunder[] => [...stored.values()].filter(({ metadata }) => namespace === '' || metadata.namespace === namespace)
      if (request.method === 'GET' && name === undefined && url.searchParams.get('watch')) {
        response.writeHead(200, { 'content-type': 'application/json;stream=watch' }).flushHeaders()
        const tell = (type: string, object: Flunder): void => void response.write(`${JSON.stringify({ type, object })}\n`)
        if (Number(url.searchParams.get('resourceVersion') ?? 0) === 0) for (const object of all()) tell('ADDED', object)
        watchers.add(tell)
        response.on('close', () => watchers.delete(tell))
        return
      }
      if (request.method === 'GET' && name === undefined) return answer(200, { kind: 'FlunderList', apiVersion, metadata: { resourceVersion: String(revision) }, items: all() })
      if (request.method === 'POST') {
        const object = (await json(request)) as Flunder
        const made = { ...object, metadata: { ...object.metadata, namespace, uid: crypto.randomUUID(), creationTimestamp: new Date().toISOString() } }
        return answer(201, store('ADDED', made))
      }
      if (request.method === 'DELETE' && name === undefined) {
        for (const object of all()) store('DELETED', object)
        return answer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
      }
      if (!there) return missing()
      if (request.method === 'PUT' || request.method === 'PATCH') {
        const sent = (await json(request)) as Partial<Flunder>
        return answer(200, store('MODIFIED', { ...there, ...sent, metadata: { ...there.metadata, ...sent.metadata } }))
      }
      if (request.method === 'DELETE') return answer(200, store('DELETED', there))
      return answer(200, there)
    },
  }
}
