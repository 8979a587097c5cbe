import { notHonoured, notHonouredByOwnNetwork } from '#api/not-honoured'
import { type ApiServer, createApiServer } from '#apiserver/api-server'
import type { Connections } from '#apiserver/listener/connections'
import { createAggregator } from '#apiserver/aggregator/aggregator'
import { aggregatorSettings } from '#apiserver/aggregator/options'
import { staticTokens, type StaticTokens } from '#apiserver/authentication/static-tokens'
import { httpDial } from '#apiserver/dial/http-dial'
import { turnedInVain } from '#apiserver/enablement/honoured-gates'
import { servedBy, unbuiltAndAsked } from '#apiserver/enablement/runtime-config'
import { startIdentity } from '#apiserver/identity/identity'
import { loopback } from '#apiserver/loopback'
import { openOperation } from '#apiserver/operation'
import type { Dial } from '#apiserver/rest/core/kubelet-proxy'
import type { Rest } from '#apiserver/rest/rest'
import { createSecurity } from '#apiserver/security'
import { createWebhooks } from '#apiserver/webhook/webhooks'
import { firstOf, formatCidr, ipAt, parseCidr } from '#base/cidr'
import { createDisposables } from '#base/disposal'
import { formatIp } from '#base/ip'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import type { Informers } from '#client/informer'
import { createInformers } from '#client/informers'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki, type Pki } from '#component-base/certs/pki'
import type { ComponentContext } from '#component-base/component'
import type { HealthCheck } from '#component-base/health'
import { featureGates } from '#component-base/feature-gates'
import { createMetrics } from '#component-base/metrics'
import { shownFlags } from '#component-base/options/whole'
import type { Store } from '#storage/store'
import { nodeAddress as addressOfThisMachine } from './host/node-address'
import { followEndpoints } from './kubernetes-endpoint'
import { shareEndpoint } from './shared-endpoint'
import { probedComponents } from './component-checks'
import { adminUser, apiserverUser } from './identities'
import { type ControlPlaneOptions, controlPlaneOptions } from './options'
import type { SpawnWorker, WorkerPool } from './workers/worker-pool'

export interface ControlPlaneDeps extends ComponentContext {
  store: Store
  /** Where certificates are kept; in memory without it. */
  pkiDirectory?: string
  /** An address that pods reach this machine by: the server listens there too, and the kubernetes Service leads there. */
  nodeAddress?: string
  /** How kubelets and pods are reached; over HTTP unless said otherwise. */
  dial?: Dial
  /** Kinds' own endpoints beside those that the API server has anyway. */
  rests?: readonly Rest<any>[]
  /** For `--api-workers`. Without it there can be none. */
  spawnWorker?: SpawnWorker
  /** This is a worker: another process has the port and the store, and has done what is done once. */
  follows?: { readonly connections: Connections }
  /** What `componentstatuses` shows beside the store; by default what answers on the ports of scheduler and controller manager. */
  components?: readonly HealthCheck[]
}

/** The API server with everything that it is made of, started. */
export interface ControlPlane extends AsyncDisposable {
  readonly apiServer: ApiServer
  readonly pki: Pki
  /** Tokens for this run: `tokens.add(user)`. */
  readonly tokens: StaticTokens
  /** Acts as the administrator, in-process. */
  readonly client: Client
  /** Acts as the server itself, and what it looks at. */
  readonly selfClient: Client
  readonly informers: Informers
  /** Signs claims as tokens of service accounts are signed. */
  readonly signToken: (claims: Readonly<Record<string, unknown>>) => string
  /** The processes that serve the port, where there are any beside this one. */
  readonly workers?: WorkerPool
}

/**
 * Starts the API server with its certificates and everything about users. The server's own parts look at objects through
 * the server: they are made first and wait for it.
 */
export async function startControlPlane(options: ControlPlaneOptions, deps: ControlPlaneDeps): Promise<ControlPlane> {
  const { store, pkiDirectory, nodeAddress, dial, rests = [], components = probedComponents, follows, ...context } = deps
  const { clock, log } = context
  const disposables = createDisposables()
  const workersToStart = options.apiWorkers > 0 && !follows ? (await import('./workers/workers-of')).workersOf(options, deps) : undefined
  const pki = openPki({
    ...(pkiDirectory ? { directory: pkiDirectory } : {}),
    now: clock.now(),
    serverNames: [options.bindAddress, ...options.tlsSans, ...(nodeAddress ? [nodeAddress] : [])],
    serviceAddress: serviceAddress(options.serviceClusterIPRange, 1),
  })
  const clientCa = certificateToPem(pki.ca.certificate)
  const frontProxyCa = certificateToPem(pki.frontProxyCa.certificate)

  const metrics = createMetrics()

  const self = loopback()
  const client = createClient(self.transport)
  const informers = disposables.use(createInformers(client, { clock, log }))
  const webhooks = createWebhooks({ informers, clock, self: self.transport })
  const operation = disposables.use(await openOperation(options, { store, clock, log, metrics, webhooks, registry: () => server.registry }))
  const tokens = staticTokens()
  const gates = featureGates('navarch', options.featureGates)
  const security = disposables.use(await createSecurity(options, {
    client, informers, webhooks, clock, log, metrics, clientCa, frontProxyCa, serviceAccountKey: pki.serviceAccountKey, tokens, gates,
    // Pods that check tokens follow the document's links: loopback would be their own.
    url: () => (nodeAddress ? `https://${nodeAddress.includes(':') ? `[${nodeAddress}]` : nodeAddress}:${server.port}` : server.url),
  }))
  const aggregator = createAggregator(aggregatorSettings(options, { proxyClient: keyPairToPem(pki.frontProxyClient), authorities: security.authorities }), {
    client, informers, clock, log, metrics, self: () => ({ host: '127.0.0.1', port: server.port }),
  })
  for (const gate of turnedInVain(gates)) log.warn('this version behaves as by default: the feature gate is not built', { gate })
  for (const resource of unbuiltAndAsked(options.runtimeConfig, gates.enabled)) log.warn('a resource of the API that is asked for is not built', { resource })
  // One port for both; `guardPorts` keeps everybody but this machine and its pods away from it.
  const listen = { host: nodeAddress && isLoopback(options.bindAddress) ? '0.0.0.0' : options.bindAddress, port: options.securePort }
  const door = workersToStart && disposables.use(await workersToStart.openDoor(listen))
  const connections = follows?.connections ?? door?.own
  const server = createApiServer(
    {
      listen: { ...listen, ...(connections ? { connections } : {}), tls: { ...keyPairToPem(pki.apiserver), clientCa: security.authorities, ...operation.tls } },
      ...(follows ? { bootstrap: false } : {}),
      ...operation.options,
      // Before this process stops, the workers have gone in the way and in the time that they were given.
      ...(door ? { shutdown: {} } : {}),
      flags: shownFlags(controlPlaneOptions, options),
      serviceClusterIpRange: options.serviceClusterIPRange,
      serviceNodePortRange: { first: options.serviceNodePortRange.from, last: options.serviceNodePortRange.to },
    },
    {
      ...operation.deps, components, ...(nodeAddress ? { notHonoured: { ...notHonoured, ...notHonouredByOwnNetwork } } : {}), clock, log, metrics, gates, served: servedBy(options.runtimeConfig), ...security, aggregator, webhooks, checks: [...security.checks, ...operation.checks], rests: [...security.rests, ...rests],
      dial: dial ?? httpDial({ kubelet: { ...keyPairToPem(pki.apiserverKubeletClient), ca: clientCa } }),
    },
  )
  let workers: WorkerPool | undefined
  try {
    disposables.use(await server.start(context))
    self.attach(server.connect(apiserverUser))
    await security.start()
    disposables.use(await operation.start({ client, informers }))
    disposables.use(await aggregator.start())
    const address = { address: options.advertiseAddress || (nodeAddress ?? advertised(options.bindAddress)), port: server.port }
    // Those that serve beside another in one cluster's process are of one identity.
    if (!follows) disposables.use(startIdentity({ client, kinds: server.registry.kinds, gates, clock, log, address }))
    if (!follows && options.etcdServers.length === 0) await followEndpoints(client, [address])
    else if (!follows) disposables.use(await shareEndpoint(address, { store, client, clock, log }))
    if (door) workers = disposables.use(await workersToStart.start(door))
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
  return { apiServer: server, pki, tokens, ...(workers ? { workers } : {}), signToken: security.signToken, client: createClient(server.connect(adminUser)), selfClient: client, informers, [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
}

/** The nth address of the service range: 1 is the API server's own Service, 10 the DNS server's. */
export function serviceAddress(range: string, n: number): string {
  const cidr = parseCidr(range.split(',')[0]!)
  const address = cidr && ipAt(cidr, n)
  if (!address) throw new Error(`--service-cluster-ip-range ${range} has no ${n}. address${cidr ? ` (it begins at ${formatIp(firstOf(cidr))} in ${formatCidr(cidr)})` : ': it must be a range such as 10.96.0.0/16'}`)
  return formatIp(address)
}

/** As kube-apiserver does it: endpoints may not be on the loopback interface, so one that listens there alone names its machine. */
const advertised = (bindAddress: string): string => (isLoopback(bindAddress) || bindAddress === '0.0.0.0' || bindAddress === '::' ? addressOfThisMachine() : bindAddress)

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')
