import type { Clock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { HealthCheck } from '#component-base/health'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import type { OptionsOf } from '#component-base/options/whole'
import type { Store } from '#storage/store'
import type { ApiServerDeps } from './api-server'
import { auditOptions } from './audit/options'
import { openAudit } from './audit/open-audit'
import { encryptionOptions } from './encryption/options'
import { openEncryption } from './encryption/open-encryption'
import { createFlowControl } from './flowcontrol/flow-control'
import { followConfiguration } from './flowcontrol/follow'
import { maxInFlight } from './flowcontrol/max-in-flight'
import { flowControlOptions } from './flowcontrol/options'
import type { ApiServerOptions } from './options'
import type { ListenerTls } from './listener/listener'
import type { Registry } from './registry/registry'
import { servingOptions } from './serving-options'
import type { Webhooks } from './webhook/webhook'

/** How the server is operated, beside who may do what: kube-apiserver's flags. */
export const operationOptions = { ...auditOptions, ...encryptionOptions, ...flowControlOptions, ...servingOptions }

export interface OperationDeps {
  /** Stays whose it is. */
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics
  readonly webhooks: Pick<Webhooks, 'ofKubeconfig'>
  /** Asked when requests come. */
  readonly registry: () => Registry
}

/** What `createApiServer` is given about its operation. */
export interface Operation extends AsyncDisposable {
  readonly options: Pick<ApiServerOptions, 'requestTimeout' | 'minRequestTimeout' | 'eventTtl' | 'maxStreams' | 'goawayChance' | 'shutdown' | 'browsers'>
  readonly tls: Pick<ListenerTls, 'minVersion'>
  readonly deps: Pick<ApiServerDeps, 'audit' | 'flowControl'> & { readonly store: Store }
  readonly checks: readonly HealthCheck[]
  /** After the server has started: flow control is as the cluster's objects say, until that is disposed of, before the server stops. */
  start(deps: { readonly client: Client; readonly informers: Informers }): Promise<Disposable>
}

/** Encryption, audit, flow control and limits as the options ask for them. Throws for files that make no sense. */
export async function openOperation(options: OptionsOf<typeof operationOptions>, { store, clock, log, metrics, webhooks, registry }: OperationDeps): Promise<Operation> {
  const disposables = createDisposables()
  try {
    const encryption = await openEncryption(options, { store, clock, log, metrics })
    if (encryption) disposables.use(encryption)
    const audit = await openAudit(options, { clock, log, metrics, webhooks })
    if (audit) disposables.use(audit)
    const { maxRequestsInflight: readOnly, maxMutatingRequestsInflight: mutating } = options
    const flowControl = options.enablePriorityAndFairness
      ? disposables.use(createFlowControl({ concurrency: readOnly + mutating, requestTimeout: options.requestTimeout }, { clock, metrics, stats: (info) => statsOf(registry(), info.group, info.resource) }))
      : undefined
    return {
      options: {
        requestTimeout: options.requestTimeout, minRequestTimeout: options.minRequestTimeout, eventTtl: options.eventTtl, goawayChance: options.goawayChance, browsers: { origins: options.corsAllowedOrigins, transportSecurity: options.strictTransportSecurityDirectives },
        ...(options.http2MaxStreamsPerConnection > 0 ? { maxStreams: options.http2MaxStreamsPerConnection } : {}),
        shutdown: { delay: options.shutdownDelayDuration, sendRetryAfter: options.shutdownSendRetryAfter, watchGrace: options.shutdownWatchTerminationGracePeriod },
      },
      tls: options.tlsMinVersion === 'VersionTLS13' ? { minVersion: 'TLSv1.3' } : {},
      deps: { store: encryption?.store ?? store, ...(audit ? { audit } : {}), flowControl: flowControl ?? { stop: maxInFlight({ readOnly, mutating }) } },
      checks: encryption?.checks ?? [],
      async start({ client, informers }) {
        return flowControl ? followConfiguration(flowControl, { client, informers, clock, log }) : { [Symbol.dispose]: () => undefined }
      },
      [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
    }
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
}

/** Undefined while nothing is known of a resource: nobody has read it yet, or it is served by another server. */
function statsOf({ cache }: Registry, group: string, resource: string): { count: number; averageSize: number } | undefined {
  const known = cache.known(group, resource)
  return known && { count: known.count, averageSize: known.averageSize }
}
