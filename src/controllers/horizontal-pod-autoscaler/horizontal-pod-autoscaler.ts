import type { Scale } from '#api/autoscaling/v1/types'
import { horizontalpodautoscalers } from '#api/autoscaling/v2/horizontal-pod-autoscaler'
import type { CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricStatus } from '#api/autoscaling/v2/types'
import { pods as podResource } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { isConflict } from '#apimachinery/api-error'
import { quantityAsNumber } from '#apimachinery/quantity'
import { matchesLabels, parseLabelSelector } from '#apimachinery/selectors/label-selector'
import { formatTime } from '#apimachinery/time'
import { clone } from '#base/clone'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import { withCondition } from '#component-helpers/conditions'
import { type Controller, defineController, on, reading, type ReconcileContext } from '#controller-runtime/controller'
import { type Discovered, kindFinder } from '#controller-runtime/discovery'
import { updateStatus } from '#controller-runtime/update-status'
import { type History, limit, remember } from './behavior'
import { createMetricsClient, type MetricsClient } from './metrics-client'
import { MetricFailure, propose, type Proposal } from './proposal'

/** Times in milliseconds; the defaults and the options' names are kube-controller-manager's. */
export interface HorizontalPodAutoscalerOptions {
  /** `--horizontal-pod-autoscaler-sync-period` */
  readonly syncPeriod?: number
  /** `--horizontal-pod-autoscaler-downscale-stabilization` */
  readonly downscaleStabilization?: number
  /** `--horizontal-pod-autoscaler-tolerance` */
  readonly tolerance?: number
  /** `--horizontal-pod-autoscaler-cpu-initialization-period` */
  readonly cpuInitializationPeriod?: number
  /** `--horizontal-pod-autoscaler-initial-readiness-delay` */
  readonly initialReadinessDelay?: number
}

interface State {
  readonly histories: Map<string, History>
  readonly selectors: Map<string, string>
  readonly metrics: MetricsClient
  find(reference: CrossVersionObjectReference): Promise<Discovered>
}
type Context = ReconcileContext<State>

/** Metrics have no watch: as long as there are autoscalers, each is looked at once a period. */
export function horizontalPodAutoscaler({
  syncPeriod = 15_000, downscaleStabilization = 300_000, tolerance = 0.1, cpuInitializationPeriod = 300_000, initialReadinessDelay = 30_000,
}: HorizontalPodAutoscalerOptions = {}): Controller {
  return defineController<State>({
    name: 'horizontal-pod-autoscaler-controller',
    serviceAccount: 'horizontal-pod-autoscaler',
    component: 'horizontal-pod-autoscaler',
    watches: [on(horizontalpodautoscalers, undefined, { when: (now, old) => !now || !old || now.metadata.generation !== old.metadata.generation }), reading(podResource)],
    writes: 'everything',
    setUp({ client }) {
      const find = kindFinder(client)
      return { histories: new Map(), selectors: new Map(), metrics: createMetricsClient(client, find), find }
    },
    async reconcile(key, context) {
      const autoscaler = context.cached(horizontalpodautoscalers).get(key)
      if (!autoscaler) {
        context.state.histories.delete(key)
        context.state.selectors.delete(key)
        return
      }
      const turn = createTurn(key, autoscaler, context)
      try {
        await rescale(turn, { downscaleStabilization, tolerance, cpuInitializationPeriod, initialReadinessDelay })
      } finally {
        await updateStatus(context.client, horizontalpodautoscalers, autoscaler, turn.status)
      }
      return { requeueAfter: syncPeriod }
    },
  })
}

interface Turn {
  readonly key: string
  readonly autoscaler: HorizontalPodAutoscaler
  readonly context: Context
  readonly status: HorizontalPodAutoscalerStatus
  warn(reason: string, message: string): void
  condition(type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited', status: boolean, reason: string, message: string): void
}

function createTurn(key: string, autoscaler: HorizontalPodAutoscaler, context: Context): Turn {
  const { tell, clock } = context
  const status = clone<HorizontalPodAutoscalerStatus>(autoscaler.status)
  return {
    key, autoscaler, context, status,
    warn: (reason, message) => tell(horizontalpodautoscalers, autoscaler, 'Warning', reason, message),
    condition(type, is, reason, message) {
      status.conditions = [...withCondition(status.conditions, { type, status: is ? 'True' : 'False', reason, message, lastTransitionTime: formatTime(clock.now()) })]
    },
  }
}

type Settings = Required<Omit<HorizontalPodAutoscalerOptions, 'syncPeriod'>>

async function rescale(turn: Turn, settings: Settings): Promise<void> {
  const { key, autoscaler: { spec, metadata }, context: { client, clock, state, tell }, status } = turn
  const where = { namespace: metadata.namespace ?? '', name: spec.scaleTargetRef.name }
  let resource: Discovered
  let scale: Scale
  try {
    resource = await state.find(spec.scaleTargetRef)
    scale = (await client.get(resource, where, { subresource: 'scale' })) as unknown as Scale
  } catch (error) {
    turn.warn('FailedGetScale', messageOf(error))
    turn.condition('AbleToScale', false, 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${messageOf(error)}`)
    return
  }
  turn.condition('AbleToScale', true, 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
  const current = scale.spec.replicas ?? 0
  status.currentReplicas = current
  const history: History = state.histories.get(key) ?? { recommendations: [{ replicas: current, at: clock.now() }], changes: [] }
  state.histories.set(key, history)

  const decided = await decide(turn, scale, history, settings)
  if (!decided) return
  const { replicas, reason, metrics } = decided
  status.desiredReplicas = replicas
  if (metrics) status.currentMetrics = metrics
  if (replicas === current) return
  try {
    await setReplicas(client, resource, where, scale, replicas)
  } catch (error) {
    turn.warn('FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${messageOf(error)}`)
    turn.condition('AbleToScale', false, 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${messageOf(error)}`)
    throw error
  }
  turn.condition('AbleToScale', true, 'SucceededRescale', `the HPA controller was able to update the target scale to ${replicas}`)
  tell(horizontalpodautoscalers, turn.autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`)
  remember(history, spec, replicas - current, clock.now())
  status.lastScaleTime = formatTime(clock.now())
}

interface Decision { replicas: number; reason: string; metrics?: MetricStatus[] }

/** Undefined: nothing can be said, and conditions tell why. */
async function decide(turn: Turn, scale: Scale, history: History, settings: Settings): Promise<Decision | undefined> {
  const { autoscaler: { spec }, context: { clock } } = turn
  const current = scale.spec.replicas ?? 0
  const min = spec.minReplicas ?? 1
  if (current === 0) {
    turn.condition('ScalingActive', false, 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
    return { replicas: 0, reason: '' }
  }
  if (current > spec.maxReplicas) return { replicas: spec.maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' }
  if (current < min) return { replicas: min, reason: 'Current number of replicas below Spec.MinReplicas' }
  const wanted = await byMetrics(turn, scale, settings)
  if (!wanted) return undefined
  const limited = limit(spec, history, { current, wanted: wanted.replicas, min, now: clock.now(), downscaleStabilizationMs: settings.downscaleStabilization })
  turn.condition('AbleToScale', true, limited.ableToScale.reason, limited.ableToScale.message)
  turn.condition('ScalingLimited', limited.scalingLimited.limited, limited.scalingLimited.reason, limited.scalingLimited.message)
  const reason = wanted.replicas > current ? `${wanted.name} above target` : 'All metrics below target'
  return { replicas: limited.replicas, reason, metrics: wanted.statuses }
}

/** The metric that asks for most decides; one that is not to be had only keeps others from scaling down. */
async function byMetrics(turn: Turn, scale: Scale, settings: Settings): Promise<{ replicas: number; name: string; statuses: MetricStatus[] } | undefined> {
  const { autoscaler, context: { clock, state }, status } = turn
  const selector = scale.status?.selector ?? ''
  const pods = podsOf(turn, selector)
  if (!pods) return undefined
  const { behavior, metrics = [] } = autoscaler.spec
  const tolerance = (own: string | undefined): number => (own === undefined ? settings.tolerance : quantityAsNumber(own))
  const target = {
    autoscaler, selector, pods, metrics: state.metrics, specReplicas: scale.spec.replicas ?? 0, statusReplicas: scale.status?.replicas ?? 0,
    tolerances: { up: tolerance(behavior?.scaleUp?.tolerance), down: tolerance(behavior?.scaleDown?.tolerance) },
    times: { now: clock.now(), cpuInitializationMs: settings.cpuInitializationPeriod, initialReadinessMs: settings.initialReadinessDelay },
  }
  const proposals: Proposal[] = []
  const failures: MetricFailure[] = []
  for (const metric of metrics) {
    try {
      proposals.push(await propose(metric, target))
    } catch (error) {
      if (!(error instanceof MetricFailure)) throw error
      turn.warn(error.reason, error.message)
      failures.push(error)
    }
  }
  const statuses = proposals.map((proposal) => proposal.status)
  const most = proposals.reduce<Proposal | undefined>((best, proposal) => (!best || proposal.replicas > best.replicas ? proposal : best), undefined)
  const [failure] = failures
  if (failure && (!most || most.replicas < target.specReplicas)) {
    turn.condition('ScalingActive', false, failure.reason, `the HPA was unable to compute the replica count: ${failure.message}`)
    turn.warn('FailedComputeMetricsReplicas', `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${failure.told}`)
    status.currentMetrics = statuses
    return undefined
  }
  if (!most) return undefined
  turn.condition('ScalingActive', true, 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${most.name}`)
  return { replicas: most.replicas, name: most.name, statuses }
}

/** The pods of the target. Undefined where its selector is none, or the pods are another autoscaler's too. */
function podsOf(turn: Turn, text: string): Pod[] | undefined {
  const { key, context: { cached, state }, autoscaler } = turn
  const refuse = (reason: string, message: string, condition = message): undefined => {
    turn.warn(reason, message)
    turn.condition('ScalingActive', false, reason === 'SelectorRequired' ? 'InvalidSelector' : reason, condition)
    return undefined
  }
  if (text === '') return refuse('SelectorRequired', 'selector is required', "the HPA target's scale is missing a selector")
  state.selectors.set(key, text)
  try {
    const selector = parseLabelSelector(text)
    const found = cached(podResource).list(autoscaler.metadata.namespace ?? '').filter((pod) => matchesLabels(selector, pod.metadata.labels))
    const others = [...state.selectors].filter(([other, theirs]) => other !== key && sameNamespace(other, key) && found.some((pod) => matchesLabels(parseLabelSelector(theirs), pod.metadata.labels)))
    if (others.length === 0) return found
    return refuse('AmbiguousSelector', `pods by selector ${text} are controlled by multiple HPAs: [${[key, ...others.map(([other]) => other)].sort().join(' ')}]`)
  } catch (error) {
    return refuse('InvalidSelector', `couldn't convert selector into a corresponding internal selector object: ${messageOf(error)}`)
  }
}

const sameNamespace = (a: string, b: string): boolean => a.slice(0, a.indexOf('/')) === b.slice(0, b.indexOf('/'))

async function setReplicas(client: Client, resource: Discovered, where: { namespace: string; name: string }, scale: Scale, replicas: number): Promise<void> {
  let latest = scale
  for (let attempt = 1; ; attempt++) {
    try {
      await client.update(resource, { ...clone(latest), spec: { ...latest.spec, replicas } } as never, { subresource: 'scale' })
      return
    } catch (error) {
      if (!isConflict(error) || attempt === 5) throw error
      latest = (await client.get(resource, where, { subresource: 'scale' })) as unknown as Scale
    }
  }
}
