import { builtin } from '#api/builtin'
import { notHonoured, type NotHonoured } from '#api/not-honoured'
import { createDeferred } from '#base/deferred'
import { systemClock, type Clock } from '#base/clock'
import type { Resource } from '#apimachinery/resource'
import type { Transport } from '#client/transport'
import type { Component, ComponentContext, RunningComponent } from '#component-base/component'
import { featureGates, type FeatureGates } from '#component-base/feature-gates'
import type { HealthCheck } from '#component-base/health'
import { silent, type Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import type { Store } from '#storage/store'
import type { AdmissionPlugin } from './admission/plugin'
import type { Aggregator } from './aggregator/aggregator'
import type { Audit } from './audit/audit'
import { countedAuthentication } from './authentication/authentication-metrics'
import type { Authenticator, UserInfo } from './authentication/authenticator'
import { impersonator } from './authentication/impersonation'
import { authenticateWith, type Anonymous } from './authentication/union'
import type { Authorizer } from './authorization/authorizer'
import { countedDecisions } from './authorization/authorization-metrics'
import { authorizeInOrder } from './authorization/chain'
import { StoreCache } from './cache/store-cache'
import { Definitions } from './crd/definitions'
import { authenticate } from './chain/authenticate'
import { authorize } from './chain/authorize'
import { impersonation } from './chain/impersonate'
import type { IsServed } from './enablement/runtime-config'
import { Discovery } from './discovery/discovery'
import type { FlowControl } from './flowcontrol/flow-control'
import { handlerChain, type Handler, type Stop } from './handler-chain'
import { Kinds } from './kinds'
import { inProcessTransport } from './listener/in-process'
import { listen, type Listener } from './listener/listener'
import { longestSilence } from './listener/silence'
import type { ApiServerOptions } from './options'
import { createAdmission } from './registry/admission'
import type { Registry } from './registry/registry'
import { bootstrap } from './bootstrap/bootstrap'
import { builtinRests } from './rest/builtin'
import type { Dial } from './rest/core/kubelet-proxy'
import { mergeRests, type Rest } from './rest/rest'
import { healthChecks } from './root/health-checks'
import { metricsEndpoint, requestMetrics } from './root/metrics'
import { openApiEndpoints } from './root/openapi'
import { serveRoot, type RootEndpoint } from './root/root'
import { measuredAdmission } from './root/admission-metrics'
import { createSlis } from './root/slis'
import { measuredStore } from './root/store-metrics'
import { zpages } from './root/zpages'
import { dispatch } from './verbs/dispatch'
import type { Webhooks } from './webhook/webhook'

/** What the server is made of and does not make itself. Lists are asked in order. */
export interface ApiServerDeps {
  readonly store: Store
  /** None: only in-process callers are known. */
  readonly authenticators?: readonly Authenticator[]
  /** Whether requests that nobody knows go on as `system:anonymous`; without authenticators they never do. */
  readonly anonymous?: Anonymous
  /** None: whoever got this far may do everything. */
  readonly authorizers?: readonly Authorizer[]
  readonly admission?: readonly AdmissionPlugin[]
  /** On top of the built-in ones, whose parts they may replace. */
  readonly rests?: readonly Rest<any>[]
  /** The way to kubelets, pods and services: logs, exec, proxies. */
  readonly dial?: Dial
  /** How custom resources are converted by others. None: a definition that wants it is refused its other versions. */
  readonly webhooks?: Webhooks
  /** Serves what others serve through this server; whoever made it starts it, behind the server. */
  readonly aggregator?: Aggregator
  /** By default every built-in kind. */
  readonly resources?: readonly Resource<any>[]
  /** What is taken and not acted on; by default what nothing in this version acts on. */
  readonly notHonoured?: NotHonoured
  /** Absent: nothing is recorded, and nothing is spent on it. */
  readonly audit?: Audit
  /** Absent: everybody is served at once. */
  readonly flowControl?: Pick<FlowControl, 'stop'> & Partial<Pick<FlowControl, 'around' | 'endpoints'>>
  readonly endpoints?: readonly RootEndpoint[]
  /** On top of the server's own. */
  readonly checks?: readonly HealthCheck[]
  /** What `componentstatuses` asks beside the store: `scheduler`, `controller-manager`. */
  readonly components?: readonly HealthCheck[]
  /** Absent: nothing is counted and /metrics is not there. */
  readonly metrics?: Metrics
  /** By default every gate as v1.36 has it. */
  readonly gates?: FeatureGates
  /** Which versions of built-in kinds are switched on; by default every stable one. */
  readonly served?: IsServed
  readonly clock?: Clock
  readonly log?: Log
}

export interface ApiServer extends Component {
  /** Where it is reached from outside; known once it has started. */
  readonly url: string
  readonly port: number
  readonly registry: Registry
  /** Calls in-process, as this user: the same chain, objects in and frozen objects out. Works once the server has started. */
  connect(user: UserInfo): Transport
}

const pass: Stop = () => {}

export function createApiServer(options: ApiServerOptions, deps: ApiServerDeps): ApiServer {
  const { clock = systemClock } = deps
  const store = deps.metrics ? measuredStore(deps.store, deps.metrics, clock) : deps.store
  let { log = silent } = deps
  const logged: Log = {
    debug: (message, fields) => log.debug(message, fields), info: (message, fields) => log.info(message, fields),
    warn: (message, fields) => log.warn(message, fields), error: (message, fields) => log.error(message, fields),
    with: (fields) => log.with(fields),
  }
  const gates = deps.gates ?? featureGates('kube-apiserver')
  const kinds = new Kinds(deps.served, gates.enabled)
  for (const resource of deps.resources ?? builtin) kinds.add(resource)
  const cache = new StoreCache(store, clock, logged)
  const serviceRanges = (options.serviceClusterIpRange ?? '10.96.0.0/16').split(',')
  const rests = new Map<string, Rest<any>>()
  const fillRests = (): void => {
    const all = mergeRests([
      ...builtinRests(() => registry, {
        services: { ranges: serviceRanges, nodePorts: options.serviceNodePortRange ?? { first: 30000, last: 32767 } }, ...(deps.dial ? { dial: deps.dial } : {}),
        ...(deps.components ? { components: deps.components } : {}), ...(deps.authorizers?.length ? { authorizer: authorizeInOrder(deps.authorizers) } : {}),
      }),
      ...(deps.rests ?? []),
    ])
    for (const [name, rest] of all) rests.set(name, rest)
  }
  const registry: Registry = {
    store, cache, clock, log: logged, kinds,
    admission: deps.metrics ? measuredAdmission(createAdmission(deps.admission ?? []), deps.metrics, clock) : createAdmission(deps.admission ?? []), rests, gates,
    notHonoured: deps.notHonoured ?? notHonoured,
    ...(options.minRequestTimeout === undefined ? {} : { minWatchMs: options.minRequestTimeout * 1000 }), ...(options.eventTtl === undefined ? {} : { eventTtlSeconds: Math.ceil(options.eventTtl / 1000) }),
  }
  const definitions = new Definitions(registry, deps.aggregator?.openApi, deps.webhooks, deps.metrics)
  const started = createDeferred()
  let state: 'starting' | 'started' | 'stopping' = 'starting'
  let listener: Listener | undefined
  const url = (): string => options.url ?? (listener ? `https://${hostText(listener.host)}:${listener.port}` : 'https://kubernetes.default.svc')

  const handler = createHandler(deps, registry, definitions, () => (listener ? `${listener.host}:${listener.port}` : ''), {
    hasStarted: () => state !== 'starting',
    isStopping: () => state === 'stopping',
  }, options.flags)

  async function open(): Promise<void> {
    await cache.start()
    await definitions.start()
    if (options.listen) {
      const { host = '127.0.0.1', port = 0, tls, connections } = options.listen
      const { maxBodyBytes = 3 << 20, requestTimeout = 60_000, maxStreams = 2000, goawayChance = 0, silence = longestSilence, browsers, shutdown: { sendRetryAfter = false } = {} } = options
      listener = await listen({ host, port, tls, ...(connections ? { connections } : {}), maxBodyBytes, requestTimeout, maxStreams, goawayChance, silence, ...(browsers ? { browsers } : {}), sendRetryAfter }, { handler, log: logged, clock })
      logged.info('serving', { host, port: listener.port })
    }
    if (options.bootstrap !== false) {
      const advertise = options.advertise ?? (listener && { address: listener.host, port: listener.port })
      await bootstrap(registry, { serviceRanges, ...(advertise ? { advertise } : {}) })
    }
  }

  return {
    name: 'kube-apiserver',
    registry,
    get url() {
      return url()
    },
    get port() {
      return listener?.port ?? 0
    },
    connect: (user) => inProcessTransport({ handler, url: url(), now: () => clock.now() }, user),
    async start(context: ComponentContext): Promise<RunningComponent> {
      log = deps.log ?? context.log
      fillRests()
      const close = async (): Promise<void> => {
        await listener?.[Symbol.asyncDispose]()
        await definitions[Symbol.asyncDispose]()
        await cache[Symbol.asyncDispose]()
      }
      try {
        await open()
      } catch (error) {
        await close()
        throw error
      }
      state = 'started'
      started.resolve()
      return {
        ready: started.promise,
        async [Symbol.asyncDispose]() {
          state = 'stopping'
          const { delay = 0, watchGrace = 0 } = options.shutdown ?? {}
          if (delay > 0) await clock.sleep(delay)
          const draining = listener?.drain()
          for (const one of cache.all()) one.endAll()
          await draining?.answered
          if (watchGrace > 0) await Promise.race([draining?.lastingGone, clock.sleep(watchGrace)])
          await close()
        },
      }
    },
  }
}

interface Phase {
  readonly hasStarted: () => boolean
  readonly isStopping: () => boolean
}

function createHandler(deps: ApiServerDeps, registry: Registry, definitions: Definitions, address: () => string, phase: Phase, flags: ApiServerOptions['flags']): Handler {
  const discovery = new Discovery(registry.kinds, address, deps.aggregator?.discovery)
  const authenticators = deps.authenticators ?? []
  const authorizers = deps.authorizers ?? []
  const authorizer = authorizeInOrder(authorizers)
  const check = authorize(deps.metrics ? countedDecisions(authorizer, deps.metrics, registry.clock) : authorizer)
  const refused = (reason: string): void => registry.log.info('unable to authenticate the request', { reason })
  const ask = authenticateWith(authenticators, { anonymous: deps.anonymous ?? false, refused })
  const { livez, readyz } = healthChecks({ store: () => registry.store.current(), inStep: () => inStep(registry), ...phase, others: deps.checks ?? [] })
  const endpoints = [...openApiEndpoints(definitions.documents), ...(deps.metrics ? [metricsEndpoint(deps.metrics, registry)] : []), ...(deps.flowControl?.endpoints ?? []), ...(deps.endpoints ?? [])]
  const count = deps.metrics && requestMetrics(deps.metrics, registry.clock)
  const paths = (): string[] => [
    ...discovery.paths(), '/healthz', '/livez', '/readyz', '/version', ...endpoints.filter(({ unlisted }) => !unlisted).map(({ path }) => path),
    ...livez.flatMap(({ name }) => [`/healthz/${name}`, `/livez/${name}`]), ...readyz.map(({ name }) => `/readyz/${name}`),
  ].sort()
  const slis = createSlis()
  endpoints.push(...(deps.metrics ? [slis.endpoint] : []), ...zpages({ clock: registry.clock, flags, paths, enabled: registry.gates.enabled }))
  const root = serveRoot({ discovery, livez, readyz, endpoints, paths, observe: slis.observe, log: registry.log })
  const serve: Handler = (exchange) => {
    const elsewhere = deps.aggregator?.serve(exchange)
    if (elsewhere) return elsewhere
    if (exchange.info.isResource) return dispatch(registry, exchange)
    return root(exchange)
  }
  const chain = handlerChain({
    authenticate: authenticate(deps.metrics ? countedAuthentication(ask, deps.metrics, registry.clock) : ask),
    audit: deps.audit?.stop ?? pass,
    impersonate: impersonation(impersonator(authorizer, registry.gates.enabled('ConstrainedImpersonation'))),
    flowControl: deps.flowControl?.stop ?? pass,
    authorize: (exchange) => (authorizers.length === 0 ? undefined : check(exchange)),
    serve: deps.flowControl?.around?.(serve) ?? serve,
  })
  const handler = deps.audit ? deps.audit.around(chain) : chain
  if (!count) return handler
  return (exchange) => {
    count(exchange)
    return handler(exchange)
  }
}

/** Throws while the cache is not where the store is, and does not come there soon: whoever reads from it would wait in vain. */
async function inStep({ store, cache, clock }: Registry): Promise<void> {
  const newest = await store.current()
  if (!(await cache.seen(newest, clock, 1000))) throw new Error(`the cache is at revision ${cache.through}, the store at ${newest}`)
}

/** A server that listens everywhere is not reached by that name: from here, loopback does. */
const hostText = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host)
