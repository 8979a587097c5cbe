import type { Node, Pod } from '#api/core/v1/types'
import { ApiError, badRequest } from '#apimachinery/api-error'
import { objectOf } from '../../cache/entry'
import type { Exchange, Result } from '../../exchange'
import { readNewest, type Registry } from '../../registry/registry'
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
  /** The answer is read as it is, though the client asks for another protocol on its own connection. */
  readonly plain?: true
  /** Of proxies: what the path begins with at the API server, where links must lead. Absent: the kubelet does it for the API server. */
  readonly prefix?: string
}

/** Dials for the API server. For an upgrade it joins the two connections and answers `taken`. */
export type Dial = (request: BackendRequest) => Promise<Result>

const noDialer: Dial = ({ to }) => {
  throw new ApiError(503, 'ServiceUnavailable', `this server cannot reach ${to.sort === 'kubelet' ? `node ${to.node.metadata.name}` : to.host}: it was started without a way to its nodes`)
}

export const dialOr = (dial: Dial | undefined): Dial => dial ?? noDialer

export async function nodeOf(registry: Registry, name: string): Promise<Node> {
  const kind = registry.kinds.find('', 'v1', 'nodes')!
  const entry = await readNewest(registry, kind, '', name)
  if (!entry) throw new ApiError(404, 'NotFound', `nodes ${JSON.stringify(name)} not found`, { name, kind: 'nodes' })
  return objectOf(kind.resource, entry) as Node
}

/** Kubelets are reached by their address: host names need a resolver that knows them. */
export function nodeAddress({ status }: Node): string {
  const addresses = status?.addresses ?? []
  const address = ['InternalIP', 'ExternalIP', 'Hostname'].map((type) => addresses.find((one) => one.type === type)?.address).find(Boolean)
  if (!address) throw new ApiError(500, '', `no preferred addresses found; known addresses: [${addresses.map((one) => `{${one.type} ${one.address}}`).join(' ')}]`)
  return address
}

export const kubeletPort = ({ status }: Node): number => status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250

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
    to: { sort: 'kubelet', node: await nodeOf(call.registry, pod.spec.nodeName) }, method: 'GET', exchange: call.exchange, plain: true,
    path: `/containerLogs/${namespace}/${name}/${container}${wanted.size > 0 ? `?${wanted}` : ''}`,
  })
}
