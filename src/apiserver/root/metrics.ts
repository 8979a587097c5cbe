import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import type { Exchange } from '../exchange'
import type { Registry } from '../registry/registry'
import type { RootEndpoint } from './root'

const durations = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** The original's request metrics, counted at the end of each request. */
export function requestMetrics(metrics: Metrics, clock: Clock): (exchange: Exchange) => void {
  const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope']
  const total = metrics.counter('apiserver_request_total', 'Counter of apiserver requests broken out for each verb, group, version, resource, scope and HTTP response code.', [...labels, 'code', 'dry_run', 'component'])
  const duration = metrics.histogram('apiserver_request_duration_seconds', 'Response latency distribution in seconds for each verb, group, version, resource, subresource, scope and component.', durations, [...labels, 'dry_run', 'component'])
  const inFlight = metrics.gauge('apiserver_current_inflight_requests', 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.', ['request_kind'])
  const long = metrics.gauge('apiserver_longrunning_requests', 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.', [...labels, 'component'])

  return (exchange) => {
    const { info } = exchange
    const started = clock.monotonic()
    const verb = verbOf(info.verb, info.isResource)
    const scope = !info.isResource ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster'
    const named = { verb, group: info.group, version: info.version, resource: info.resource, subresource: info.subresource, scope }
    const lasting = verb === 'WATCH' || verb === 'CONNECT'
    const kind = { request_kind: info.verb === 'get' || info.verb === 'list' ? 'readOnly' : 'mutating' }
    if (lasting) long.use((gauge) => gauge.inc({ ...named, component: 'apiserver' }))
    else inFlight.use((gauge) => gauge.inc(kind))
    exchange.finished.push((code) => {
      const seconds = (clock.monotonic() - started) / 1000
      const dryRun = info.query.size > 0 && info.query.has('dryRun') ? 'All' : ''
      total.use((counter) => counter.inc({ ...named, code: String(code), dry_run: dryRun, component: 'apiserver' }))
      if (lasting) long.use((gauge) => gauge.dec({ ...named, component: 'apiserver' }))
      else {
        inFlight.use((gauge) => gauge.dec(kind))
        duration.use((histogram) => histogram.observe({ ...named, dry_run: dryRun, component: 'apiserver' }, seconds))
      }
    })
  }
}

const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH' }
const verbOf = (verb: string, isResource: boolean): string => (isResource ? (verbs[verb] ?? verb.toUpperCase()) : verb.toUpperCase())

export function metricsEndpoint(metrics: Metrics, registry: Registry): RootEndpoint {
  const objects = metrics.gauge('apiserver_resource_objects', 'Number of stored objects at the time of last check split by kind.', ['group', 'resource'])
  const watches = metrics.gauge('apiserver_watch_cache_watchers', 'Number of watches that are open, by resource.', ['group', 'resource'])
  return {
    path: '/metrics',
    async serve() {
      for (const cache of registry.cache.all()) {
        const { group, resource } = cache.resource
        objects.use((gauge) => gauge.set({ group, resource }, cache.count))
        watches.use((gauge) => gauge.set({ group, resource }, cache.watchers))
      }
      const { contentType, body } = await metrics.text()
      return { sort: 'bytes', code: 200, contentType, bytes: body }
    },
  }
}
