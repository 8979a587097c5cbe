import type { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Metrics of a component, by the original's names. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): MetricSlot<Counter>
  gauge(name: string, help: string, labels?: readonly string[]): MetricSlot<Gauge>
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): MetricSlot<Histogram>
  /** What is counted elsewhere (`series.ts`), in the text form; asked at each scrape. */
  source(write: () => string): void
  /** The text form that Prometheus scrapes. */
  text(): Promise<{ contentType: string; body: string }>
}

/** A metric that may still be loading: `use((counter) => counter.inc())` counts now, or as soon as it is there. */
export interface MetricSlot<M> {
  use(record: (metric: M) => void): void
}

/**
 * Metrics over prom-client, which loads in the background the first time a metric is named, so that it never delays a
 * start; what is recorded before that waits in order.
 */
export function createMetrics(): Metrics {
  let loaded: { prom: typeof import('prom-client'); registry: Registry } | undefined
  let loading: Promise<void> | undefined
  let waiting: ((prom: typeof import('prom-client'), registry: Registry) => void)[] = []

  const sources: (() => string)[] = []

  const load = (): Promise<void> =>
    (loading ??= import('prom-client').then((module) => {
      const prom = (module as { default?: typeof import('prom-client') }).default ?? module
      loaded = { prom, registry: new prom.Registry() }
      for (const make of waiting) make(loaded.prom, loaded.registry)
      waiting = []
    }))

  const slot = <M>(make: (prom: typeof import('prom-client'), registers: Registry[]) => M): MetricSlot<M> => {
    let metric: M | undefined
    let before: ((metric: M) => void)[] = []
    const ready = (prom: typeof import('prom-client'), registry: Registry): void => {
      metric = make(prom, [registry])
      for (const record of before) record(metric)
      before = []
    }
    if (loaded) ready(loaded.prom, loaded.registry)
    else {
      waiting.push(ready)
      void load()
    }
    return { use: (record) => (metric === undefined ? void before.push(record) : record(metric)) }
  }

  return {
    counter: (name, help, labels = []) => slot((prom, registers) => new prom.Counter({ name, help, labelNames: [...labels], registers })),
    gauge: (name, help, labels = []) => slot((prom, registers) => new prom.Gauge({ name, help, labelNames: [...labels], registers })),
    histogram: (name, help, buckets, labels = []) => slot((prom, registers) => new prom.Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers })),
    source: (write) => void sources.push(write),
    async text() {
      await load()
      const own = await loaded!.registry.metrics()
      return { contentType: loaded!.registry.contentType, body: sources.reduce((text, write) => text + write(), own) }
    },
  }
}
