import type { Node, Pod, Service } from '#api/core/v1/types'
import type { EndpointSlice } from '#api/discovery/v1/types'
import { ApiError, badRequest } from '#apimachinery/api-error'
import { objectOf } from '../../cache/entry'
import type { Exchange, Result } from '../../exchange'
import { cacheOf, readNewest, type Registry } from '../../registry/registry'
import { readSelection } from '../../registry/selection'
import type { EndpointCall, RestEndpoint } from '../rest'
import { readLogOptions } from './log-options'

/** Where a request goes on: a kubelet, a pod or a service's endpoint. */
export interface BackendRequest {
  readonly to:
    | { readonly sort: 'kubelet'; readonly node: Node }
    | { readonly sort: 'address'; readonly scheme: 'http' | 'https'; readonly host: string; readonly port: number }
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly exchange: Exchange
}

/** Dials for the API server. For an upgrade it joins the two connections and answers `taken`. */
export type Dial = (request: BackendRequest) => Promise<Result>

const noDialer: Dial = ({ to }) => {
  throw new ApiError(503, 'ServiceUnavailable', `this server cannot reach ${to.sort === 'kubelet' ? `node ${to.node.metadata.name}` : to.host}: it was started without a way to its nodes`)
}

export const dialOr = (dial: Dial | undefined): Dial => dial ?? noDialer

async function nodeOf(registry: Registry, name: string): Promise<Node> {
  const kind = registry.kinds.find('', 'v1', 'nodes')!
  const entry = await readNewest(registry, kind, '', name)
  if (!entry) throw new ApiError(404, 'NotFound', `nodes ${JSON.stringify(name)} not found`, { name, kind: 'nodes' })
  return objectOf(kind.resource, entry) as Node
}

async function placedPod(call: EndpointCall): Promise<Pod> {
  const { object } = await call.parent()
  const pod = object as Pod
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return pod
}

/** The container that was asked for, or the only one there is. */
function containerOf(pod: Pod, asked: string): string {
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])].map(({ name }) => name)
  const { name } = pod.metadata
  if (asked !== '') {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`)
    return asked
  }
  const annotated = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container']
  if (pod.spec.containers.length === 1) return pod.spec.containers[0]!.name
  if (annotated !== undefined && all.includes(annotated)) return annotated
  const list = pod.spec.containers.map((c) => c.name).join(' ')
  const inits = (pod.spec.initContainers ?? []).map((c) => c.name).join(' ')
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${list}]${inits ? ` or one of the init containers: [${inits}]` : ''}`)
}

/** exec and attach: streams between the client and a container, through the kubelet. */
export const stream = (dial: Dial, verb: 'exec' | 'attach'): RestEndpoint => async (call) => {
  const { exchange, registry } = call
  const { query } = exchange.info
  const pod = await placedPod(call)
  const container = containerOf(pod, query.get('container') ?? '')
  const wanted = new URLSearchParams()
  for (const [option, name] of [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const) {
    const value = query.get(option)
    if (value === 'true' || value === '1') wanted.set(name, '1')
  }
  for (const part of query.getAll('command')) wanted.append('command', part)
  const { namespace, name } = pod.metadata
  return dial({
    to: { sort: 'kubelet', node: await nodeOf(registry, pod.spec.nodeName!) }, method: exchange.method, exchange,
    path: `/${verb}/${namespace}/${name}/${container}?${wanted}`,
  })
}

export const portForward = (dial: Dial): RestEndpoint => async (call) => {
  const pod = await placedPod(call)
  const { namespace, name } = pod.metadata
  const wanted = new URLSearchParams()
  for (const port of call.exchange.info.query.getAll('ports')) wanted.append('port', port)
  return dial({
    to: { sort: 'kubelet', node: await nodeOf(call.registry, pod.spec.nodeName!) }, method: call.exchange.method, exchange: call.exchange,
    path: `/portForward/${namespace}/${name}${wanted.size > 0 ? `?${wanted}` : ''}`,
  })
}

export const log = (dial: Dial): RestEndpoint => async (call) => {
  const { object } = await call.parent()
  const pod = object as Pod
  const { query } = call.exchange.info
  const wanted = readLogOptions(query, pod.metadata.name)
  const container = containerOf(pod, query.get('container') ?? '')
  // Not placed yet: there is nothing to read, which is no error.
  if (!pod.spec.nodeName) return { sort: 'bytes', code: 204, contentType: '', bytes: '' }
  const { namespace, name } = pod.metadata
  return dial({
    to: { sort: 'kubelet', node: await nodeOf(call.registry, pod.spec.nodeName) }, method: 'GET', exchange: call.exchange,
    path: `/containerLogs/${namespace}/${name}/${container}${wanted.size > 0 ? `?${wanted}` : ''}`,
  })
}

const rest = ({ info }: Exchange): string => `/${info.rest}${info.query.size > 0 ? `?${info.query}` : ''}`

export const nodeProxy = (dial: Dial): RestEndpoint => async ({ exchange, registry }) =>
  dial({ to: { sort: 'kubelet', node: await nodeOf(registry, exchange.info.name.split(':').at(exchange.info.name.includes(':') ? -2 : 0)!) }, method: exchange.method, exchange, path: rest(exchange) })

/** `name`, `name:port` or `https:name:port`. */
function splitName(text: string): { scheme: 'http' | 'https'; name: string; port: string } {
  const parts = text.split(':')
  if (parts.length === 3) return { scheme: parts[0] === 'https' ? 'https' : 'http', name: parts[1]!, port: parts[2]! }
  return { scheme: 'http', name: parts[0]!, port: parts[1] ?? '' }
}

export const podProxy = (dial: Dial): RestEndpoint => async ({ exchange, registry, kind }) => {
  const { scheme, name, port } = splitName(exchange.info.name)
  const entry = await readNewest(registry, kind, exchange.info.namespace, name)
  if (!entry) throw new ApiError(404, 'NotFound', `pods ${JSON.stringify(name)} not found`, { name, kind: 'pods' })
  const pod = objectOf(kind.resource, entry) as Pod
  const host = pod.status.podIP
  if (!host) throw badRequest('address not allowed')
  const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports)
  const number = port === '' ? (declared[0]?.containerPort ?? 80) : (declared.find((one) => one.name === port)?.containerPort ?? Number(port))
  return dial({ to: { sort: 'address', scheme, host, port: number }, method: exchange.method, exchange, path: rest(exchange) })
}

export const serviceProxy = (dial: Dial): RestEndpoint => async ({ exchange, registry }) => {
  const { scheme, name, port } = splitName(exchange.info.name)
  const kind = registry.kinds.find('', 'v1', 'services')!
  const { namespace } = exchange.info
  const entry = await readNewest(registry, kind, namespace, name)
  if (!entry) throw new ApiError(404, 'NotFound', `services ${JSON.stringify(name)} not found`, { name, kind: 'services' })
  const service = objectOf(kind.resource, entry) as Service
  const ports = service.spec.ports ?? []
  const wanted = port === '' ? (ports.length === 1 ? ports[0] : undefined) : ports.find((one) => one.name === port || String(one.port) === port)
  const unavailable = new ApiError(503, 'ServiceUnavailable', `no endpoints available for service ${JSON.stringify(exchange.info.name)}`)
  if (!wanted) throw new ApiError(503, 'ServiceUnavailable', `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`)
  const slices = registry.kinds.find('discovery.k8s.io', 'v1', 'endpointslices')!
  const cache = await cacheOf(registry, slices)
  const candidates: { host: string; port: number }[] = []
  for (const slice of cache.select(readSelection(slices, namespace, `kubernetes.io/service-name=${name}`, ''))) {
    const { endpoints, ports: own } = objectOf(slices.resource, slice) as EndpointSlice
    const target = own?.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port
    if (target === undefined) continue
    for (const { addresses, conditions } of endpoints ?? []) if (conditions?.ready !== false && addresses[0]) candidates.push({ host: addresses[0], port: target })
  }
  if (candidates.length === 0) throw unavailable
  const { host, port: target } = candidates[Math.floor(Math.random() * candidates.length)]!
  return dial({ to: { sort: 'address', scheme, host, port: target }, method: exchange.method, exchange, path: rest(exchange) })
}
