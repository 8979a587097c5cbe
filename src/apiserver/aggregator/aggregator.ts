import { isIP } from 'node:net'
import { apiservices } from '#api/apiregistration/v1/api-service'
import type { APIService } from '#api/apiregistration/v1/types'
import { services } from '#api/core/v1/service'
import { ApiError, notFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { identityHeaders } from '../authentication/request-header'
import type { Remotes, RemoteVersion } from '../discovery/remote-version'
import type { Exchange, Result } from '../exchange'
import { serviceAddress, type Address } from '../webhook/service-address'
import { followAuthenticationConfig, type AuthenticationFacts } from './authentication-config'
import { registerDefinitions } from './auto-registration'
import { followAvailability } from './availability'
import { relay } from './relay'
import { fingerprint, openRemote, type Remote, type ServiceKey } from './remote'
import { followRemoteDiscovery } from './remote-discovery'
import { followRemoteOpenApi, type RemoteOpenApi } from './remote-openapi'

export interface AggregatorOptions {
  /** What the API server shows to extension API servers. PEM. */
  readonly proxyClient: { readonly cert: string; readonly key: string }
  /** Services are reached by their ready endpoints; otherwise by their cluster IP, which takes a service proxy on this machine. */
  readonly toEndpoints?: boolean
  /** Answers that send clients elsewhere are refused; true unless said otherwise. */
  readonly rejectRedirects?: boolean
  /** Which headers say who a client is, in lower case; the standard ones by default. */
  readonly claims?: (header: string) => boolean
  /** What extension API servers are told about how users are known here. */
  readonly facts: AuthenticationFacts
}

export interface AggregatorDeps {
  /** Acts as the server itself, in-process. */
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  /** Where this server is reached by its own Service. */
  readonly self?: () => Address
}

/** Serves what others serve: whole groups and versions that an APIService leads elsewhere. */
export interface Aggregator {
  /** Undefined: it is this server's own. */
  serve(exchange: Exchange): Promise<Result> | undefined
  readonly discovery: Remotes
  readonly openApi: Pick<RemoteOpenApi, 'v2' | 'v3'> & { readonly generation: number }
  /** Begins to follow APIServices; resolves when it knows them. */
  start(): Promise<AsyncDisposable>
}

export function createAggregator(options: AggregatorOptions, { client, informers, clock, log, metrics, self }: AggregatorDeps): Aggregator {
  const stop = new AbortController()
  const known = new Map<string, APIService>()
  const remotes = new Map<string, { remote: Remote; print: string }>()
  /** Registered without a service: this server's own. */
  const own = new Map<string, RemoteVersion>()
  let generation = 0
  let openApiGeneration = 0

  const resolve = (service: ServiceKey): Address | Promise<Address> => {
    if (self && service.namespace === 'default' && service.name === 'kubernetes' && service.port === 443) return self()
    return options.toEndpoints === false ? clusterAddress(informers, service) : serviceAddress(informers, service)
  }
  const remoteOf = ({ metadata: { name } }: APIService): Remote | undefined => remotes.get(name)?.remote
  const discovery = followRemoteDiscovery({ clock, log, remoteOf, changed: () => void generation++ }, stop.signal)
  const openApi = followRemoteOpenApi({ clock, log, remoteOf, changed: () => void openApiGeneration++ }, stop.signal)

  const add = (apiService: APIService): void => {
    const { name } = apiService.metadata
    if (!apiService.spec.service) {
      remove(name)
      const { group = '', version = '', groupPriorityMinimum, versionPriority } = apiService.spec
      if (!own.has(name)) generation++
      own.set(name, { group, version, groupPriorityMinimum, versionPriority, resources: [], freshness: 'Current', own: true })
      return
    }
    own.delete(name)
    known.set(name, apiService)
    const print = fingerprint(apiService)
    const before = remotes.get(name)
    if (before?.print !== print) {
      before?.remote[Symbol.dispose]()
      remotes.set(name, { print, remote: openRemote(apiService, { proxyClient: options.proxyClient, resolve, clock }) })
    }
    discovery.add(apiService)
    openApi.add(apiService)
  }
  const remove = (name: string): void => {
    if (own.delete(name)) generation++
    if (!known.delete(name)) return
    remotes.get(name)?.remote[Symbol.dispose]()
    remotes.delete(name)
    discovery.remove(name)
    openApi.remove(name)
  }
  const relayOptions = { clock, rejectRedirects: options.rejectRedirects ?? true, claims: options.claims ?? identityHeaders() }

  return {
    serve(exchange) {
      if (known.size === 0) return undefined
      const name = nameOf(exchange.info.path)
      const apiService = name === undefined ? undefined : known.get(name)
      return apiService && relay(exchange, apiService, remotes.get(name!)!.remote, relayOptions)
    },
    discovery: {
      get generation() {
        return generation
      },
      versions: { [Symbol.iterator]: () => [...own.values(), ...discovery.versions][Symbol.iterator]() },
    },
    openApi: {
      get generation() {
        return openApiGeneration
      },
      v2: openApi.v2, v3: openApi.v3,
    },
    async start() {
      const informer = informers.get(apiservices)
      await informer.synced
      const subscription = informer.on((apiService, old) => (apiService ? add(apiService) : remove(old!.metadata.name)))
      followAvailability({ client, informers, clock, log, metrics, remoteOf }, stop.signal)
      registerDefinitions({ client, informers, clock, log }, stop.signal)
      followAuthenticationConfig(options.facts, { client, informers, clock, log }, stop.signal)
      return {
        async [Symbol.asyncDispose]() {
          stop.abort()
          subscription[Symbol.dispose]()
          for (const name of known.keys()) remove(name)
        },
      }
    },
  }
}

/** The APIService that a path belongs to: `v1.apps` for `/apis/apps/v1/...`. The core group's has all of `/api`. */
function nameOf(path: string): string | undefined {
  if (path.startsWith('/apis/')) {
    const [group, version] = path.slice(6).split('/', 2)
    return group && version ? `${version}.${group}` : undefined
  }
  return path === '/api' || path.startsWith('/api/') ? 'v1.' : undefined
}

async function clusterAddress(informers: Informers, { namespace, name, port }: ServiceKey): Promise<Address> {
  const known = informers.get(services)
  await known.synced
  const service = known.get(`${namespace}/${name}`)
  if (!service) throw notFound({ resource: 'services' }, name)
  const { type, clusterIP = '', externalName = '', ports } = service.spec
  if (type === 'ExternalName') return { host: externalName, port }
  if (!isIP(clusterIP)) throw new ApiError(500, '', 'cannot route to service with ClusterIP "None"')
  if (!ports?.some((one) => one.port === port)) throw new ApiError(503, 'ServiceUnavailable', `no service port ${port} found for service ${JSON.stringify(name)}`)
  return { host: clusterIP, port }
}
