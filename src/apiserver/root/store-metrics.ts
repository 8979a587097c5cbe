import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { type CounterSeries, counterFamily, histogramFamily, type HistogramSeries } from '#component-base/series'
import { Conflict, type Delete, type Put, type Store } from '#storage/store'

const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

interface Measured {
  readonly seconds: HistogramSeries
  readonly total: CounterSeries
  readonly errors: CounterSeries
}

/** A store that measures itself, under the names of the original's etcd client, whatever the driver is. */
export function measuredStore(store: Store, metrics: Metrics, clock: Clock): Store {
  const names = ['operation', 'group', 'resource']
  const seconds = histogramFamily('etcd_request_duration_seconds', 'Etcd request latency in seconds for each operation and object type.', bounds, names)
  const total = counterFamily('etcd_requests_total', 'Etcd request counts for each operation and object type.', names)
  const errors = counterFamily('etcd_request_errors_total', 'Etcd failed request counts for each operation and object type.', names)
  metrics.source(() => seconds.text() + total.text() + errors.text())
  const known = new Map<string, Measured>()

  /** By what kind of key: `/registry/<group>/<resource>/`. */
  const of = (operation: string, key: string): Measured => {
    const end = key.indexOf('/', key.indexOf('/', 10) + 1)
    const place = `${operation} ${end < 0 ? key : key.slice(10, end)}`
    let measured = known.get(place)
    if (!measured) {
      const [group = '', resource = ''] = place.slice(operation.length + 1).split('/')
      const values = [operation, group === 'core' ? '' : group, resource]
      known.set(place, (measured = { seconds: seconds.of(...values), total: total.of(...values), errors: errors.of(...values) }))
    }
    return measured
  }
  const measure = <T>({ seconds: took, total: count, errors: failed }: Measured, answer: Promise<T>): Promise<T> => {
    const started = clock.monotonic()
    count.value++
    return answer.then(
      (value) => {
        took.observe((clock.monotonic() - started) / 1000)
        return value
      },
      (error: unknown) => {
        took.observe((clock.monotonic() - started) / 1000)
        // A conflict is an answer.
        if (!(error instanceof Conflict)) failed.value++
        throw error
      },
    )
  }
  return {
    current: () => store.current(),
    compact: (before) => store.compact(before),
    watch: (prefix, options, deliver) => store.watch(prefix, options, deliver),
    get: (key, options) => measure(of('get', key), store.get(key, options)),
    list: (prefix, options) => measure(of('list', prefix), store.list(prefix, options)),
    write(changes) {
      const [first] = changes
      return first ? measure(of(operationOf(first), first.key), store.write(changes)) : store.write(changes)
    },
    ...(store.isStale ? { isStale: (key, revision) => store.isStale!(key, revision) } : {}),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const operationOf = (change: Put | Delete): string => (!('value' in change) ? 'delete' : change.expect === 'absent' ? 'create' : 'update')
