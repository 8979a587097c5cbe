import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily, gaugeFamily, histogramFamily, type HistogramSeries } from '#component-base/series'
import type { Exchange } from '../exchange'
import { watchCounts } from '../listener/watch-counts'
import { isLongRunning } from '../long-running'
import type { Registry } from '../registry/registry'
import type { RequestInfo } from '../request-info'
import { buildText } from './build-metrics'
import type { RootEndpoint } from './root'

const durations = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const sliDurations = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const labels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope']

/** What is counted of one sort of request. */
interface Counted {
  readonly lasting: boolean
  readonly open: CounterSeries
  readonly kind: CounterSeries
  readonly seconds: HistogramSeries
  readonly sli: HistogramSeries
  readonly names: readonly string[]
  readonly byCode: Map<number, CounterSeries>
}

/** The original's request metrics, counted at the end of each request. */
export function requestMetrics(metrics: Metrics, clock: Clock): (exchange: Exchange) => void {
  const total = counterFamily('apiserver_request_total', 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.', [...labels, 'dry_run', 'component', 'code'])
  const seconds = histogramFamily('apiserver_request_duration_seconds', 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.', durations, [...labels, 'dry_run', 'component'])
  const sli = histogramFamily('apiserver_request_sli_duration_seconds', 'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.', sliDurations, [...labels, 'component'])
  const inFlight = gaugeFamily('apiserver_current_inflight_requests', 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.', ['request_kind'])
  const long = gaugeFamily('apiserver_longrunning_requests', 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.', [...labels, 'component'])
  // The name that `sli` had before.
  const slo = (): string => sli.text().replaceAll('apiserver_request_sli_duration_seconds', 'apiserver_request_slo_duration_seconds')
  metrics.source(() => [total, seconds, sli, inFlight, long].map((family) => family.text()).join('') + slo())
  const known = new Map<string, Counted>()

  const find = (info: RequestInfo, dryRun: string): Counted => {
    const scope = !info.isResource ? '' : info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster'
    const key = info.isResource ? `${info.verb} ${info.group}/${info.version}/${info.resource}/${info.subresource} ${scope}${dryRun}` : info.verb
    const found = known.get(key)
    if (found) return found
    const names = [verbOf(info.verb, info.isResource), info.group, info.version, info.resource, info.subresource, scope]
    const lasting = isLongRunning(info)
    const made: Counted = {
      lasting, names: [...names, dryRun, 'apiserver'], byCode: new Map(),
      open: long.of(...names, 'apiserver'), kind: inFlight.of(info.verb === 'get' || info.verb === 'list' ? 'readOnly' : 'mutating'),
      seconds: seconds.of(...names, dryRun, 'apiserver'), sli: sli.of(...names, 'apiserver'),
    }
    // Whoever asks for what is not there can make up as many names as he likes.
    if (known.size < 10_000) known.set(key, made)
    return made
  }

  return (exchange) => {
    const { info } = exchange
    const counted = find(info, info.query.size > 0 && info.query.has('dryRun') ? 'All' : '')
    const started = clock.monotonic()
    const gauge = counted.lasting ? counted.open : counted.kind
    gauge.value++
    exchange.finished.push((code) => {
      gauge.value--
      let series = counted.byCode.get(code)
      if (!series) counted.byCode.set(code, (series = total.of(...counted.names, String(code))))
      series.value++
      if (counted.lasting) return
      const took = (clock.monotonic() - started) / 1000
      counted.seconds.observe(took)
      counted.sli.observe(took)
    })
  }
}

const verbs: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH' }
const verbOf = (verb: string, isResource: boolean): string => (isResource ? (verbs[verb] ?? verb.toUpperCase()) : verb.toUpperCase())

export function metricsEndpoint(metrics: Metrics, registry: Registry): RootEndpoint {
  metrics.source(() => storageText(registry) + watchText(registry) + buildText(registry.gates) + processText())
  return {
    path: '/metrics',
    async serve() {
      const { body } = await metrics.text()
      return { sort: 'bytes', code: 200, contentType: textFormat, bytes: body, headers: startHeader }
    },
  }
}

/** Of resources that have been read in: what nobody asks for is not counted. */
function storageText({ cache }: Registry): string {
  const initialized = counterFamily('apiserver_watch_cache_initializations_total', 'Counter of watch cache initializations broken by resource type.', ['group', 'resource'])
  const fromStore = counterFamily('apiserver_storage_events_received_total', 'Number of etcd events received split by kind.', ['group', 'resource'])
  const stored = gaugeFamily('apiserver_storage_objects', 'Number of stored objects at the time of last check split by kind.', ['resource'])
  const objects = gaugeFamily('apiserver_resource_objects', 'Number of stored objects at the time of last check split by kind.', ['group', 'resource'])
  const sizes = gaugeFamily('apiserver_resource_size_estimate_bytes', 'Estimated size of stored objects in database.', ['group', 'resource'])
  const revisions = gaugeFamily('apiserver_watch_cache_resource_version', 'Current resource version of watch cache broken by resource type.', ['group', 'resource'])
  const received = counterFamily('apiserver_watch_cache_events_received_total', 'Counter of events received in watch cache broken by resource type.', ['group', 'resource'])
  for (const one of cache.all()) {
    const { group, resource } = one.resource
    stored.of(group === '' ? resource : `${resource}.${group}`).value = one.count
    objects.of(group, resource).value = one.count
    sizes.of(group, resource).value = Math.round(one.count * one.averageSize)
    revisions.of(group, resource).value = one.newest
    received.of(group, resource).value = one.log.end
    fromStore.of(group, resource).value = one.log.end
    initialized.of(group, resource).value = 1
  }
  return [stored, objects, sizes, revisions, received, fromStore, initialized].map((family) => family.text()).join('')
}

function watchText({ kinds }: Registry): string {
  const events = counterFamily('apiserver_watch_events_total', 'Number of events sent in watch clients', ['group', 'version', 'resource'])
  const sizes = histogramFamily('apiserver_watch_events_sizes', 'Watch event size distribution in bytes', watchCounts.bounds, ['group', 'version', 'resource'])
  for (const kind of kinds) {
    const counts = watchCounts.known(kind)
    if (!counts) continue
    const names = [kind.group, kind.version, kind.resource.resource]
    events.of(...names).value = counts.events
    const series = sizes.of(...names)
    series.counts.set(counts.sizes.counts)
    series.sum = counts.sizes.sum
  }
  return events.text() + sizes.text()
}

const startTime = Date.now() / 1000 - process.uptime()

export const textFormat = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
/** Of both pages of metrics. */
export const startHeader = { 'process-start-time-unix': String(Math.floor(startTime)) }

function processText(): string {
  const { user, system } = process.cpuUsage()
  const values: [name: string, help: string, value: number | undefined, type?: 'counter'][] = [
    ['process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6, 'counter'],
    ['process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()],
    ['process_virtual_memory_bytes', 'Virtual memory size in bytes.', statOf(22)],
    ['process_virtual_memory_max_bytes', 'Maximum amount of virtual memory available in bytes.', fromProc(() => memoryLimit(readFileSync('/proc/self/limits', 'utf8')))],
    ...networkBytes(),
    ['process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', startTime],
    ['process_open_fds', 'Number of open file descriptors.', fromProc(() => readdirSync('/proc/self/fd').length)],
    ['process_max_fds', 'Maximum number of open file descriptors.', fromProc(() => Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]))],
  ]
  return values.flatMap(([name, help, value, type = 'gauge']) => (value === undefined ? [] : [`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`])).join('')
}

/** Unlimited is the largest number there is. */
const memoryLimit = (limits: string): number => {
  const limit = /Max address space\s+(\S+)/.exec(limits)?.[1]
  return limit === 'unlimited' ? 2 ** 64 : Number(limit)
}

/** Of all that share this process's network. */
function networkBytes(): [name: string, help: string, value: number | undefined, type: 'counter'][] {
  const octets = (name: string): number | undefined => fromProc(() => {
    const [names, values] = readFileSync('/proc/self/net/netstat', 'utf8').split('\n').filter((line) => line.startsWith('IpExt:')).map((line) => line.split(' '))
    return Number(values![names!.indexOf(name)])
  })
  return [
    ['process_network_receive_bytes_total', 'Number of bytes received by the process over the network.', octets('InOctets'), 'counter'],
    ['process_network_transmit_bytes_total', 'Number of bytes sent by the process over the network.', octets('OutOctets'), 'counter'],
  ]
}

/** Where there is no /proc, what is read there is not told. */
function fromProc(read: () => number): number | undefined {
  try {
    const value = read()
    return Number.isFinite(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A field of /proc/self/stat, counted from 0; the program's name in braces may hold anything. */
const statOf = (field: number): number | undefined => fromProc(() => Number(/\) (.*)/.exec(readFileSync('/proc/self/stat', 'latin1'))![1]!.split(' ')[field - 2]))
