import { podTemplateWarnings } from '#api/core/v1/pod-warnings'
import type { JobSpec } from './types'

/** Also of templates of jobs. */
export function jobSpecWarnings(spec: JobSpec, old: JobSpec | undefined, path: string): string[] {
  const many = spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000
  return [
    ...(many
      ? [`${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`]
      : []),
    ...podTemplateWarnings(spec.template, old?.template, `${path}.template`),
  ]
}
