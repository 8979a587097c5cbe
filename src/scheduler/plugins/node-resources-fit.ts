import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { NodeInfo } from '../framework/node-info'
import { definePlugin, maxNodeScore, on, reject, type Rejection } from '../framework/plugin'
import type { Pod } from '#api/core/v1/types'
import type { ComputeResources } from '#component-helpers/compute-resources'
import { podRequests } from '#component-helpers/pod-requests'

const plugin = 'NodeResourcesFit'

/**
 * A pod fits where what it requests is left over. Scores nodes with more left over higher (LeastAllocated), so that load
 * spreads.
 */
export const nodeResourcesFit = definePlugin({
  name: plugin,
  hints: [
    // A node that grew, or is new; a pod that went away or asks for less.
    on(nodes, ({ object, old }) => (object && (!old || JSON.stringify(object.status?.allocatable) !== JSON.stringify(old.status?.allocatable)) ? 'queue' : 'skip')),
    on(pods, ({ object, old }, { pod }) => (gaveRoom(object, old) || object?.metadata.uid === pod.metadata.uid ? 'queue' : 'skip')),
  ],
  filter: (_state, node, { requests }) => (fits(node, requests) ? undefined : lacking(node, requests)),
  score(_state, { allocatable, nonZero }, pod) {
    const cpu = leastAllocated(nonZero.milliCpu + pod.nonZero.milliCpu, allocatable.milliCpu)
    const memory = leastAllocated(nonZero.memory + pod.nonZero.memory, allocatable.memory)
    return Math.trunc((cpu + memory) / 2)
  },
})

function fits({ allocatable, requested }: NodeInfo, asked: ComputeResources): boolean {
  if (requested.pods + 1 > allocatable.pods) return false
  if (asked.milliCpu > 0 && asked.milliCpu > allocatable.milliCpu - requested.milliCpu) return false
  if (asked.memory > 0 && asked.memory > allocatable.memory - requested.memory) return false
  if (asked.ephemeralStorage > 0 && asked.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage) return false
  if (asked.scalar) for (const [name, value] of asked.scalar) if (value > 0 && value > (allocatable.scalar?.get(name) ?? 0) - (requested.scalar?.get(name) ?? 0)) return false
  return true
}

/** One rejection per set of reasons: thousands of full nodes share it. */
const rejections = new Map<string, Rejection>()

function lacking({ allocatable, requested }: NodeInfo, asked: ComputeResources): Rejection {
  const reasons: string[] = []
  // Pods that leave cannot make room on a node that is too small even when empty.
  let tooSmall = false
  const check = (reason: string, want: number, all: number, used: number): void => {
    if (want <= 0 || want <= all - used) return
    reasons.push(reason)
    if (want > all) tooSmall = true
  }
  check('Too many pods', 1, allocatable.pods, requested.pods)
  check('Insufficient cpu', asked.milliCpu, allocatable.milliCpu, requested.milliCpu)
  check('Insufficient memory', asked.memory, allocatable.memory, requested.memory)
  check('Insufficient ephemeral-storage', asked.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage)
  for (const [name, value] of asked.scalar ?? []) check(`Insufficient ${name}`, value, allocatable.scalar?.get(name) ?? 0, requested.scalar?.get(name) ?? 0)
  const key = `${tooSmall} ${reasons.join()}`
  let rejection = rejections.get(key)
  if (!rejection) rejections.set(key, (rejection = reject(plugin, reasons, { resolvable: !tooSmall })))
  return rejection
}

const leastAllocated = (used: number, all: number): number => (all === 0 || used > all ? 0 : Math.trunc(((all - used) * maxNodeScore) / all))

/** A pod that is gone or over, or asks for less than before. One that is only told to leave still uses what it has. */
function gaveRoom(object: Pod | undefined, old: Pod | undefined): boolean {
  if (!old?.spec.nodeName) return false
  if (!object) return true
  if (isOver(object)) return !isOver(old)
  if (object.metadata.generation === old.metadata.generation || object.metadata.deletionTimestamp !== old.metadata.deletionTimestamp) return false
  return asksForLess(podRequests(object), podRequests(old))
}

const isOver = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'

function asksForLess(now: ComputeResources, before: ComputeResources): boolean {
  if (now.milliCpu < before.milliCpu || now.memory < before.memory || now.ephemeralStorage < before.ephemeralStorage) return true
  for (const [name, value] of before.scalar ?? []) if ((now.scalar?.get(name) ?? 0) < value) return true
  return false
}
