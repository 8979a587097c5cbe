import { apiservices } from '#api/apiregistration/v1/api-service'
import type { APIService } from '#api/apiregistration/v1/types'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { EndpointSlice } from '#api/discovery/v1/types'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { rfc3339 } from '../registry/write'
import { local, withAvailability, type Finding } from './conditions'
import { availabilityMetrics } from './availability-metrics'
import { createRefresher } from './refresher'
import type { Remote } from './remote'

export interface AvailabilityDeps {
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  remoteOf(apiService: APIService): Remote | undefined
}

const kubeAggregator = { name: 'system:kube-aggregator', groups: ['system:masters'] }
/** Nothing tells when an extension API server breaks: it is asked, for as long as there is one. */
const recheckAfter = 30_000
const attempts = 5
const backoff = { initial: 5, max: 30_000 }
const serviceIndex = 'apiservices-by-service'
const sliceIndex = 'slices-by-service'

/** Says in the status of every APIService whether requests to it would be answered. */
export function followAvailability({ client, informers, clock, log, metrics, remoteOf }: AvailabilityDeps, signal: AbortSignal): void {
  const [known, knownServices, slices] = [informers.get(apiservices), informers.get(services), informers.get(endpointslices)]
  known.index(serviceIndex, ({ spec: { service } }) => (service ? [`${service.namespace}/${service.name}`] : []))
  slices.index(sliceIndex, ({ metadata }) => {
    const service = metadata.labels?.['kubernetes.io/service-name']
    return service === undefined ? [] : [`${metadata.namespace}/${service}`]
  })
  const count = metrics && availabilityMetrics(metrics, () => known.list())
  const refresher = createRefresher({
    clock, backoff,
    async refresh(name) {
      const apiService = known.get(name)
      if (!apiService) return undefined
      if (!apiService.spec.service) {
        await record(apiService, local)
        return undefined
      }
      await Promise.all([knownServices.synced, slices.synced])
      const { finding, error } = await examine(apiService)
      await record(apiService, finding)
      if (error) throw error
      return recheckAfter
    },
    failed(name, error) {
      if (!isConflict(error) && !isNotFound(error)) log.debug('an APIService is not available', { apiService: name, error })
    },
  }, signal)
  const record = async (apiService: APIService, finding: Finding): Promise<void> => {
    const conditions = withAvailability(apiService, finding, rfc3339(clock.now()))
    if (!conditions) return
    count?.(apiService, conditions)
    await client.update(apiservices, { ...apiService, status: { ...apiService.status, conditions } }, { subresource: 'status', signal })
  }
  const examine = async (apiService: APIService): Promise<{ finding: Finding; error?: Error }> => {
    const { namespace = '', name = '', port = 443 } = apiService.spec.service!
    const about = `service/${name} in ${JSON.stringify(namespace)}`
    const service = knownServices.get(`${namespace}/${name}`)
    if (!service) return { finding: { status: 'False', reason: 'ServiceNotFound', message: `${about} is not present` } }
    if (service.spec.type === 'ClusterIP') {
      const listening = service.spec.ports?.find((one) => one.port === port)
      if (!listening) return { finding: { status: 'False', reason: 'ServicePortError', message: `${about} is not listening on port ${port}` } }
      const endpoints = slices.by(sliceIndex, `${namespace}/${name}`)
      if (endpoints.length === 0) return { finding: { status: 'False', reason: 'EndpointsNotFound', message: `cannot find endpointslices for ${about}` } }
      const portName = listening.name ?? ''
      if (!endpoints.some((slice) => answers(slice, portName))) {
        return { finding: { status: 'False', reason: 'MissingEndpoints', message: `endpointslices for ${about} have no addresses with port name ${JSON.stringify(portName)}` } }
      }
    }
    const error = await failureOf(apiService)
    return error ? { finding: { status: 'False', reason: 'FailedDiscoveryCheck', message: error.message }, error } : { finding: { status: 'True', reason: 'Passed', message: 'all checks passed' } }
  }
  /** Asks several times at once, as different endpoints may be meant: one that answers is enough. */
  const failureOf = async (apiService: APIService): Promise<Error | undefined> => {
    const remote = remoteOf(apiService)
    if (!remote) return new Error(`the server of ${apiService.metadata.name} is not known yet`)
    const { group, version } = apiService.spec
    const path = group ? `/apis/${group}/${version}` : `/api/${version}`
    const ask = async (): Promise<void> => {
      const { host, port } = await remote.address()
      const shown = `https://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
      let code: number
      try {
        code = (await remote.get(path, { user: kubeAggregator, timeoutMs: 5000 })).code
      } catch (error) {
        throw new Error(`failing or missing response from ${shown}: ${messageOf(error)}`, { cause: error })
      }
      if (code < 200 || code >= 300) throw new Error(`failing or missing response from ${shown}: bad status from ${shown}: ${code}`)
    }
    try {
      await Promise.any(Array.from({ length: attempts }, ask))
      return undefined
    } catch (error) {
      return (error as AggregateError).errors.at(-1) as Error
    }
  }

  const ofService = (namespace: string, name: string): void => {
    for (const { metadata } of known.by(serviceIndex, `${namespace}/${name}`)) refresher.anew(metadata.name)
  }
  const subscriptions = [
    known.on((apiService, old) => (apiService ? refresher.now(apiService.metadata.name) : refresher.forget(old!.metadata.name))),
    knownServices.on((service, old) => ofService((service ?? old)!.metadata.namespace!, (service ?? old)!.metadata.name)),
    slices.on((slice, old) => {
      const { metadata } = (slice ?? old)!
      const name = metadata.labels?.['kubernetes.io/service-name']
      if (name !== undefined) ofService(metadata.namespace!, name)
    }),
  ]
  signal.addEventListener('abort', () => {
    for (const subscription of subscriptions) subscription[Symbol.dispose]()
  }, { once: true })
}

const answers = ({ endpoints, ports }: EndpointSlice, portName: string): boolean =>
  (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false) && (ports ?? []).some((port) => (port.name ?? '') === portName && port.port !== undefined)
