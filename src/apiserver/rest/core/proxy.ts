import { isIP } from 'node:net'
import type { Pod, Service } from '#api/core/v1/types'
import type { EndpointSlice } from '#api/discovery/v1/types'
import { ApiError, badRequest, notFound } from '#apimachinery/api-error'
import { objectOf } from '../../cache/entry'
import type { Exchange, Result } from '../../exchange'
import { cacheOf, readNewest } from '../../registry/registry'
import { readSelection } from '../../registry/selection'
import type { EndpointCall, RestEndpoint } from '../rest'
import { isGlobalUnicast } from './global-unicast'
import { kubeletPort, nodeAddress, nodeOf, type BackendRequest, type Dial } from './kubelet-proxy'

interface Asked {
  /** `http` or `https`; empty where nothing was said. */
  readonly scheme: string
  readonly name: string
  /** A number, a port's name, or empty. */
  readonly port: string
}

/** `name`, `name:port` or `scheme:name:port`. */
function readName(text: string, what: string): Asked {
  const parts = text.split(':')
  const [scheme, name, port] = parts.length === 3 ? (parts as [string, string, string]) : ['', parts[0]!, parts[1] ?? '']
  if (parts.length > 3 || name === '' || !['', 'http', 'https'].includes(scheme)) throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`)
  return { scheme, name, port }
}

const schemeOf = ({ scheme }: Asked): 'http' | 'https' => (scheme === 'https' ? 'https' : 'http')

/** Sends the rest of the path on, with the query. Without one, the client is sent to where its relative links work. */
function go(dial: Dial, exchange: Exchange, to: BackendRequest['to']): Result | Promise<Result> {
  const { info, method } = exchange
  const slash = info.path.endsWith('/') ? '/' : ''
  const query = info.query.size > 0 ? `?${info.query}` : ''
  const path = info.rest === '' ? slash : `/${info.rest}`
  if (path === '' && !exchange.upgrade && (method === 'GET' || method === 'HEAD')) {
    return { sort: 'bytes', code: 301, contentType: '', bytes: '', headers: { location: `${info.path}/${query}` } }
  }
  return dial({ to, method, exchange, path: `${path || '/'}${query}`, prefix: info.path.slice(0, info.path.length - path.length) })
}

export const nodeProxy = (dial: Dial): RestEndpoint => async ({ exchange, registry }) => {
  const asked = readName(exchange.info.name, 'node')
  const node = await nodeOf(registry, asked.name)
  const host = nodeAddress(node)
  if (isIP(host) && !isGlobalUnicast(host)) throw badRequest('address not allowed')
  const own = kubeletPort(node)
  if (asked.port === '' || asked.port === String(own)) return go(dial, exchange, { sort: 'kubelet', node })
  return go(dial, exchange, { sort: 'address', scheme: schemeOf(asked), host, port: portOf(asked.port) })
}

export const podProxy = (dial: Dial): RestEndpoint => async ({ exchange, registry, kind }) => {
  const asked = readName(exchange.info.name, 'pod')
  const entry = await readNewest(registry, kind, exchange.info.namespace, asked.name)
  if (!entry) throw notFound({ resource: 'pods' }, asked.name)
  const { spec, status } = objectOf(kind.resource, entry) as Pod
  const first = spec.containers.find(({ ports }) => ports?.length)?.ports![0]!.containerPort
  const host = status.podIPs?.[0]?.ip ?? status.podIP ?? ''
  if (!isIP(host) || !isGlobalUnicast(host)) throw badRequest('address not allowed')
  const scheme = schemeOf(asked)
  return go(dial, exchange, { sort: 'address', scheme, host, port: asked.port === '' ? (first ?? (scheme === 'https' ? 443 : 80)) : portOf(asked.port) })
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: dial tcp: lookup tcp/${text}: unknown port`)
}

export const serviceProxy = (dial: Dial): RestEndpoint => async (call) => {
  const { exchange } = call
  const asked = readName(exchange.info.name, 'service')
  const candidates = await endpointsOf(call, asked)
  const chosen = candidates[Math.floor(Math.random() * candidates.length)]
  if (!chosen) throw new ApiError(503, 'ServiceUnavailable', `no endpoints available for service ${JSON.stringify(asked.name)}`)
  return go(dial, exchange, { sort: 'address', scheme: schemeOf(asked), ...chosen })
}

/** Ready endpoints behind a service's port: asked for by its number, its name, or not at all where it has none. */
async function endpointsOf({ exchange, registry }: EndpointCall, { name, port }: Asked): Promise<{ host: string; port: number }[]> {
  const { namespace } = exchange.info
  const kind = registry.kinds.find('', 'v1', 'services')!
  const entry = await readNewest(registry, kind, namespace, name)
  if (!entry) throw notFound({ resource: 'services' }, name)
  let portName = port
  if (/^[+-]?\d+$/.test(port)) {
    const wanted = (objectOf(kind.resource, entry) as Service).spec.ports?.find((one) => one.port === Number(port))
    if (!wanted) throw new ApiError(503, 'ServiceUnavailable', `no service port ${Number(port)} found for service ${JSON.stringify(name)}`)
    portName = wanted.name ?? ''
  }
  const slices = registry.kinds.find('discovery.k8s.io', 'v1', 'endpointslices')!
  const cache = await cacheOf(registry, slices)
  const found: { host: string; port: number }[] = []
  const known = cache.select(readSelection(slices, namespace, `kubernetes.io/service-name=${name}`, ''))
  // Nobody keeps endpoints for it, so there is nothing of its name.
  if (known.length === 0 && !(objectOf(kind.resource, entry) as Service).spec.selector) throw notFound({ resource: 'services' }, name)
  for (const slice of known) {
    const { endpoints, ports } = objectOf(slices.resource, slice) as EndpointSlice
    const target = ports?.find((one) => (one.name ?? '') === portName)?.port
    if (target === undefined) continue
    for (const { addresses, conditions } of endpoints ?? []) if (conditions?.ready !== false && addresses[0]) found.push({ host: addresses[0], port: target })
  }
  return found
}
