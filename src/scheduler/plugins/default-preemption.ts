import type { PodDisruptionBudget } from '#api/policy/v1/types'
import type { Pod } from '#api/core/v1/types'
import { noFitMessage } from '../framework/no-fit'
import { definePlugin, reject, type Rejection } from '../framework/plugin'
import type { PodInfo } from '../framework/pod-info'
import type { Snapshot } from '../framework/snapshot'
import { hasVictims, leastPainful, type Victims, victimsOn } from '../framework/victims'

const plugin = 'DefaultPreemption'
const helpless = reject(plugin, 'Preemption is not helpful for scheduling', { resolvable: false })
const underWay = reject(plugin, 'waiting for the preemption for this pod to be finished', { resolvable: false })

export interface PreemptionOptions {
  budgets: () => readonly PodDisruptionBudget[]
  /** Whether pods are being told to leave for this one right now. */
  isPreempting: (pod: PodInfo) => boolean
  /** 0 to 1: where the search for candidates begins. */
  random: () => number
}

/** At least so many nodes are looked at before the best is taken: a tenth of them, no fewer than a hundred. */
const candidatesWanted = (nodes: number): number => Math.min(nodes, Math.max(100, Math.trunc(nodes / 10)))

/** Finds a node where pods of lower priority can make room for one that fits nowhere. */
export function defaultPreemption({ budgets, isPreempting, random }: PreemptionOptions) {
  return definePlugin({
    name: plugin,
    preEnqueue: (pod) => (isPreempting(pod) ? underWay : undefined),
    postFilter(pod, snapshot, { rejections, fits }) {
      const why = whyNot(pod, snapshot, rejections)
      if (why) return { message: `preemption: ${why}` }
      const { nodes } = snapshot
      const possible = nodes.filter((_node, at) => rejections[at]?.resolvable)
      const found = new Map<string, Rejection>()
      const candidates: Victims[] = []
      const wanted = candidatesWanted(possible.length)
      const offset = Math.floor(random() * possible.length)
      const protectedBy = budgets()
      for (let i = 0; i < possible.length; i++) {
        const node = possible[(offset + i) % possible.length]!
        const answer = victimsOn(node, pod, snapshot, fits, protectedBy)
        if (!hasVictims(answer)) found.set(node.name, answer)
        else if (answer.pods.length > 0) {
          candidates.push(answer)
          if (candidates.length >= wanted && candidates.some(({ violations }) => violations === 0)) break
        }
      }
      const best = leastPainful(candidates)
      if (best) return { nominate: best.node.name, victims: best.pods }
      return { nominate: '', message: `preemption: ${noFitMessage(nodes.length, nodes.map(({ name }) => found.get(name) ?? helpless))}` }
    },
  })
}

/** A pod may not want others to leave for it, or some are leaving for it already. */
function whyNot({ pod, priority, key }: PodInfo, snapshot: Snapshot, rejections: readonly (Rejection | undefined)[]): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = snapshot.nominations.of(key)
  const node = nominated === undefined ? undefined : snapshot.get(nominated)
  if (!node) return undefined
  const rejection = rejections[snapshot.nodes.indexOf(node)]
  if (!rejection?.resolvable) return undefined
  for (const other of node.pods.values()) if (other.priority < priority && leavesByPreemption(other.pod)) return 'not eligible due to a terminating pod on the nominated node.'
  return undefined
}

const leavesByPreemption = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && status.conditions?.some(({ type, status: is, reason }) => type === 'DisruptionTarget' && is === 'True' && reason === 'PreemptionByScheduler') === true
