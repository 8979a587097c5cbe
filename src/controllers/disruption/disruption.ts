import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { Condition, LabelSelector } from '#apimachinery/meta/v1/types'
import { keyOf } from '#apimachinery/object'
import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import { statefulsets } from '#api/apps/v1/stateful-set'
import { pods } from '#api/core/v1/pod'
import { replicationcontrollers } from '#api/core/v1/replication-controller'
import type { Pod } from '#api/core/v1/types'
import { poddisruptionbudgets } from '#api/policy/v1/pod-disruption-budget'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/policy/v1/types'
import { formatTime } from '#apimachinery/time'
import { messageOf } from '#base/error-message'
import { defineController, on, reading, statusOf } from '#controller-runtime/controller'
import type { Cached, Outcome, ReconcileContext } from '#controller-runtime/controller'
import { selects } from '#controller-runtime/selecting'
import { updateStatus } from '#controller-runtime/update-status'
import { isPodReady, isTerminal } from '#component-helpers/pod-status'
import { createScales, expectedPods } from './expected-pods'
import type { Expected, Scales } from './expected-pods'

type Context = ReconcileContext<Scales>

/** An eviction that was allowed is expected to be seen within this time, and a pod that was to be disrupted to be on its way out. */
const patienceMs = 120_000
/** Tells a pod's key from a budget's. */
const podPrefix = 'pods/'

/** Keeps count, in PodDisruptionBudgets, of how many of their pods may be evicted now: the eviction subresource goes by that. */
export const disruption = defineController<Scales>({
  name: 'disruption-controller',
  component: 'controllermanager',
  watches: [
    on(poddisruptionbudgets),
    on(pods, (pod, cached) => [...budgetsOf(pod, cached).map(keyOf), ...(staleFrom(pod) === undefined ? [] : [`${podPrefix}${keyOf(pod)}`])]),
    reading(replicasets), reading(deployments), reading(statefulsets), reading(replicationcontrollers),
  ],
  writes: [statusOf(poddisruptionbudgets), statusOf(pods)],

  setUp: ({ cached, client }) => createScales(cached, client),

  async reconcile(key, context) {
    if (key.startsWith(podPrefix)) return clearStale(key.slice(podPrefix.length), context)
    const { cached, client, clock } = context
    const budget = cached(poddisruptionbudgets).get(key)
    if (!budget) return
    try {
      return await count(budget, context)
    } catch (error) {
      if (isConflict(error)) throw error
      // Where it cannot be counted nothing may be evicted.
      context.log.warn('a disruption budget could not be counted', { budget: key, error })
      const { observedGeneration } = budget.status
      const message = messageOf(error)
      const conditions = withStatus(budget, { status: 'False', reason: 'SyncFailed', message, observedGeneration }, formatTime(clock.now()))
      await updateStatus(client, poddisruptionbudgets, budget, { ...budget.status, disruptionsAllowed: 0, conditions })
    }
  },
})

const budgetsOf = ({ metadata: { namespace, labels } }: Pod, cached: Cached): PodDisruptionBudget[] =>
  cached(poddisruptionbudgets).list(namespace).filter(({ spec }) => selects(spec.selector, labels))

async function count(budget: PodDisruptionBudget, { cached, client, clock, state, tell }: Context): Promise<Outcome | undefined> {
  const { metadata, spec, status } = budget
  const now = clock.now()
  const own = cached(pods).list(metadata.namespace).filter((pod) => selects(spec.selector, pod.metadata.labels))
  if (own.length === 0) tell(poddisruptionbudgets, budget, 'Normal', 'NoPods', 'No matching pods found')
  for (const pod of own) {
    const all = budgetsOf(pod, cached)
    if (all.length < 2 || all[0]!.metadata.uid !== metadata.uid) continue
    tell(pods, pod, 'Warning', 'MultiplePodDisruptionBudgets', `Pod "${metadata.namespace}"/"${pod.metadata.name}" matches multiple PodDisruptionBudgets.  Chose "${metadata.name}" arbitrarily.`)
  }
  let expected: Expected
  try {
    expected = await expectedPods(budget, own, state)
  } catch (error) {
    tell(poddisruptionbudgets, budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${messageOf(error)}`)
    throw error
  }
  if (expected.unmanaged.length > 0)
    tell(poddisruptionbudgets, budget, 'Warning', 'UnmanagedPods', `Pods selected by this PodDisruptionBudget (selector: ${format(spec.selector)}) were found ` +
      'to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
      'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.')

  const disrupted: Record<string, string> = {}
  let recheck: number | undefined
  let healthy = 0
  for (const pod of own) {
    if (pod.metadata.deletionTimestamp) continue
    const at = status.disruptedPods?.[pod.metadata.name]
    const until = at === undefined ? -Infinity : Date.parse(at) + patienceMs
    if (at !== undefined && until >= now) {
      disrupted[pod.metadata.name] = at
      recheck = Math.min(recheck ?? Infinity, until)
    } else if (at !== undefined) tell(pods, pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${metadata.namespace}/${metadata.namespace} to be deleted but it wasn't`)
    if (until <= now && isPodReady(pod)) healthy++
  }
  const spare = healthy - expected.desiredHealthy
  const disruptionsAllowed = expected.expectedPods > 0 && spare > 0 ? spare : 0
  const verdict = disruptionsAllowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' }
  const after: PodDisruptionBudgetStatus = {
    observedGeneration: metadata.generation, disruptedPods: Object.keys(disrupted).length > 0 ? disrupted : undefined, disruptionsAllowed, currentHealthy: healthy,
    desiredHealthy: expected.desiredHealthy, expectedPods: expected.expectedPods,
    conditions: withStatus(budget, { ...verdict, message: '', observedGeneration: metadata.generation }, formatTime(now)),
  }
  await updateStatus(client, poddisruptionbudgets, budget, after)
  return recheck === undefined ? undefined : { requeueAfter: recheck - now + 1 }
}

/** The conditions with the one that tells whether anything may be evicted. */
function withStatus({ status }: PodDisruptionBudget, said: Pick<Condition, 'status' | 'reason' | 'message' | 'observedGeneration'>, now: string): Condition[] {
  const conditions = status.conditions ?? []
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const condition: Condition = { type: 'DisruptionAllowed', ...said, lastTransitionTime: before?.status === said.status ? before.lastTransitionTime : now }
  return before ? conditions.map((other) => (other === before ? condition : other)) : [...conditions, condition]
}

/** When a pod that was to be disrupted, but goes on, is taken for one that stays; undefined for all others. */
function staleFrom(pod: Pod): number | undefined {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  // A kubelet takes its time.
  if (pod.metadata.deletionTimestamp || isTerminal(pod) || condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined
  return Date.parse(condition.lastTransitionTime ?? pod.metadata.creationTimestamp) + patienceMs
}

async function clearStale(key: string, { cached, client, clock }: Context): Promise<Outcome | undefined> {
  const pod = cached(pods).get(key)
  const from = pod && staleFrom(pod)
  if (from === undefined) return undefined
  const left = from - clock.now()
  if (left > 0) return { requeueAfter: left }
  const { generation: observedGeneration } = pod!.metadata
  const conditions = [{ type: 'DisruptionTarget', observedGeneration, status: 'False', reason: null, message: null, lastTransitionTime: formatTime(clock.now()) }]
  try {
    await client.patch(pods, pod!.metadata, { metadata: { uid: pod!.metadata.uid }, status: { conditions } }, { type: 'strategic', subresource: 'status' })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  return undefined
}

/** As the original prints a selector into its events. */
function format(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`)
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`)
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
