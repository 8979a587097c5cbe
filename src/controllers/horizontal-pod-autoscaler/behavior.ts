import type { HPAScalingRules, HorizontalPodAutoscalerSpec } from '#api/autoscaling/v2/types'

/** What an autoscaler wanted and did of late; times in milliseconds. */
export interface History {
  recommendations: { replicas: number; at: number }[]
  changes: { by: number; at: number }[]
}

export interface Limited {
  readonly replicas: number
  readonly ableToScale: { readonly reason: string; readonly message: string }
  readonly scalingLimited: { readonly limited: boolean; readonly reason: string; readonly message: string }
}

export interface LimitOptions {
  readonly current: number
  readonly wanted: number
  readonly min: number
  readonly now: number
  /** `--horizontal-pod-autoscaler-downscale-stabilization`, where the autoscaler does not say it itself. */
  readonly downscaleStabilizationMs: number
}

const withinRange = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const tooMany = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' }
const tooFew = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' }
const tooFast = { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' }
const tooFastDown = { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' }
const readyToScale = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }

/** Brings what is wanted into the limits of size and speed, and remembers it. */
export function limit({ behavior, maxReplicas }: HorizontalPodAutoscalerSpec, history: History, options: LimitOptions): Limited {
  const { current, wanted, min, now, downscaleStabilizationMs } = options
  const windows = {
    up: (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000,
    down: behavior?.scaleDown?.stabilizationWindowSeconds === undefined ? downscaleStabilizationMs : behavior.scaleDown.stabilizationWindowSeconds * 1000,
  }
  const stable = behavior ? stabilized(history, current, wanted, now, windows) : highest(history, wanted, now, windows.down)
  history.recommendations = history.recommendations.filter(({ at }) => at > now - Math.max(windows.up, windows.down))
  history.recommendations.push({ replicas: wanted, at: now })

  const { replicas, ...why } = behavior
    ? byRules(stable, current, min, maxReplicas, history, now, behavior.scaleUp ?? {}, behavior.scaleDown ?? {})
    : byDefault(stable, current, min, maxReplicas)
  return { replicas, ableToScale: stable === wanted ? readyToScale : stabilization(behavior !== undefined && wanted >= current), scalingLimited: { limited: replicas !== stable, ...why } }
}

/** A size that was changed counts against the rates of its periods. */
export function remember(history: History, { behavior }: HorizontalPodAutoscalerSpec, by: number, now: number): void {
  if (!behavior) return
  const longest = Math.max(0, ...[behavior.scaleUp, behavior.scaleDown].flatMap((rules) => (rules?.policies ?? []).map(({ periodSeconds }) => periodSeconds))) * 1000
  history.changes = history.changes.filter(({ at }) => at > now - longest)
  history.changes.push({ by, at: now })
}

const stabilization = (up: boolean): { reason: string; message: string } =>
  up
    ? { reason: 'ScaleUpStabilized', message: 'recent recommendations were lower than current one, applying the lowest recent recommendation' }
    : { reason: 'ScaleDownStabilized', message: 'recent recommendations were higher than current one, applying the highest recent recommendation' }

function highest({ recommendations }: History, wanted: number, now: number, windowMs: number): number {
  return recommendations.reduce((most, { replicas, at }) => (at >= now - windowMs && replicas > most ? replicas : most), wanted)
}

function stabilized({ recommendations }: History, current: number, wanted: number, now: number, windows: { up: number; down: number }): number {
  let [lowest, most] = [wanted, wanted]
  for (const { replicas, at } of recommendations) {
    if (at > now - windows.up) lowest = Math.min(lowest, replicas)
    if (at > now - windows.down) most = Math.max(most, replicas)
  }
  return Math.min(Math.max(current, lowest), most)
}

interface Bounded { replicas: number; reason: string; message: string }

/** Without rules a size at most doubles at a time, from four on. */
function byDefault(wanted: number, current: number, min: number, max: number): Bounded {
  const fastest = Math.max(2 * current, 4)
  if (wanted < min) return { replicas: min, ...tooFew }
  if (wanted > Math.min(max, fastest)) return max > fastest ? { replicas: fastest, ...tooFast } : { replicas: max, ...tooMany }
  return { replicas: wanted, ...withinRange }
}

function byRules(wanted: number, current: number, min: number, max: number, history: History, now: number, up: HPAScalingRules, down: HPAScalingRules): Bounded {
  if (wanted > current) {
    const fastest = Math.max(current, rateLimit(up, current, history, now, 1))
    const most = Math.min(max, fastest)
    if (wanted > most) return { replicas: most, ...(max > fastest ? tooFast : tooMany) }
  } else if (wanted < current) {
    const fastest = Math.min(current, rateLimit(down, current, history, now, -1))
    const least = Math.max(min, fastest)
    if (wanted < least) return { replicas: least, ...(min < fastest ? tooFastDown : tooFew) }
  }
  return { replicas: wanted, ...withinRange }
}

/** How far the policies let a size go in one direction: by default the one that lets it go furthest decides. */
function rateLimit({ selectPolicy = 'Max', policies = [] }: HPAScalingRules, current: number, { changes }: History, now: number, direction: 1 | -1): number {
  if (selectPolicy === 'Disabled') return current
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const changed = changes.reduce((sum, { by, at }) => (at > now - periodSeconds * 1000 ? sum + by : sum), 0)
    const start = current - changed
    if (type === 'Pods') return start + direction * value
    // Rounded up on the way up: a small size would never grow.
    return direction > 0 ? Math.ceil(start * (1 + value / 100)) : Math.trunc(start * (1 - value / 100))
  })
  const furthest = (selectPolicy === 'Max') === (direction > 0)
  return furthest ? Math.max(...limits) : Math.min(...limits)
}
