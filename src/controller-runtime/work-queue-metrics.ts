import type { Metrics } from '#component-base/metrics'

/** What a work queue tells of itself, under client-go's names. Times in milliseconds. */
export interface WorkQueueMetrics {
  added(name: string, depth: number): void
  started(name: string, depth: number, waitedMs: number): void
  finished(name: string, workedMs: number): void
  retried(name: string): void
}

const buckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10]

export function createWorkQueueMetrics(metrics: Metrics): WorkQueueMetrics {
  const depths = metrics.gauge('workqueue_depth', 'Current depth of workqueue', ['name'])
  const adds = metrics.counter('workqueue_adds_total', 'Total number of adds handled by workqueue', ['name'])
  const waits = metrics.histogram('workqueue_queue_duration_seconds', 'How long an item waits in the workqueue, in seconds', buckets, ['name'])
  const works = metrics.histogram('workqueue_work_duration_seconds', 'How long an item of the workqueue takes, in seconds', buckets, ['name'])
  const retries = metrics.counter('workqueue_retries_total', 'Total number of retries handled by workqueue', ['name'])
  return {
    added(name, depth) {
      adds.use((counter) => counter.inc({ name }))
      depths.use((gauge) => gauge.set({ name }, depth))
    },
    started(name, depth, waitedMs) {
      depths.use((gauge) => gauge.set({ name }, depth))
      waits.use((histogram) => histogram.observe({ name }, waitedMs / 1000))
    },
    finished: (name, workedMs) => works.use((histogram) => histogram.observe({ name }, workedMs / 1000)),
    retried: (name) => retries.use((counter) => counter.inc({ name })),
  }
}
