import { option, types } from '#component-base/options/option'
import type { HorizontalPodAutoscalerOptions } from './horizontal-pod-autoscaler'

const positive = (ms: number): string | undefined => (ms > 0 ? undefined : 'must be more than 0')
const notNegative = (value: number): string | undefined => (value >= 0 ? undefined : 'must not be negative')

/** kube-controller-manager's flags. */
export const autoscalerOptions = {
  horizontalPodAutoscalerSyncPeriod: option(types.duration, 'horizontal-pod-autoscaler-sync-period', 15_000, 'How often a HorizontalPodAutoscaler looks at its metrics.', positive),
  horizontalPodAutoscalerDownscaleStabilization: option(types.duration, 'horizontal-pod-autoscaler-downscale-stabilization', 300_000, 'How long a lower size waits: none goes below what was recommended within this time.', notNegative),
  horizontalPodAutoscalerTolerance: option(types.float, 'horizontal-pod-autoscaler-tolerance', 0.1, 'How far usage may be from its target, as a share of it, before a size is changed.', notNegative),
  horizontalPodAutoscalerCpuInitializationPeriod: option(types.duration, 'horizontal-pod-autoscaler-cpu-initialization-period', 300_000, 'For how long after its start the CPU use of a pod that is not ready may be left out.', notNegative),
  horizontalPodAutoscalerInitialReadinessDelay: option(types.duration, 'horizontal-pod-autoscaler-initial-readiness-delay', 30_000, 'For how long after its start changes of a pod\'s readiness count as part of starting.', notNegative),
}

type Given = { readonly [K in keyof typeof autoscalerOptions]: number }

export const autoscalerSettings = (given: Given): HorizontalPodAutoscalerOptions => ({
  syncPeriod: given.horizontalPodAutoscalerSyncPeriod,
  downscaleStabilization: given.horizontalPodAutoscalerDownscaleStabilization,
  tolerance: given.horizontalPodAutoscalerTolerance,
  cpuInitializationPeriod: given.horizontalPodAutoscalerCpuInitializationPeriod,
  initialReadinessDelay: given.horizontalPodAutoscalerInitialReadinessDelay,
})
