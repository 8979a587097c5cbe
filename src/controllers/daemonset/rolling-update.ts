import type { Node, Pod } from '#api/core/v1/types'
import { placementOn } from './placement'
import { isAvailableIn, isUpdated, maxSurge, maxUnavailable, wantedNodes } from './turn'
import type { Plan, Turn } from './turn'

/** What a rolling update does now, within how many nodes may be without a pod, or have two. */
export function rollingUpdate(turn: Turn): Plan {
  const wanted = wantedNodes(turn)
  const surge = maxSurge(turn.set, wanted.length)
  return surge === 0 ? replace(turn, wanted, maxUnavailable(turn.set, wanted.length)) : surgeTo(turn, wanted.length, surge)
}

interface OnNode { newPod: Pod | undefined; oldPod: Pod | undefined }

/** The pods of a node, those on their way out left aside; undefined where there are too many, which `spread` puts right first. */
function podsOf(pods: readonly Pod[] | undefined, turn: Turn): OnNode | undefined {
  const found: OnNode = { newPod: undefined, oldPod: undefined }
  for (const pod of pods ?? []) {
    if (pod.metadata.deletionTimestamp) continue
    const which = isUpdated(pod, turn) ? 'newPod' : 'oldPod'
    if (found[which]) return undefined
    found[which] = pod
  }
  return found
}

/** Deletes old pods; new ones follow by themselves. Old pods that do not work go at once, since nothing is lost. */
function replace(turn: Turn, wanted: readonly Node[], limit: number): Plan {
  const broken: Pod[] = []
  const candidates: Pod[] = []
  let unavailable = 0
  for (const name of new Set([...turn.podsOn.keys(), ...wanted.map(({ metadata }) => metadata.name)])) {
    const there = podsOf(turn.podsOn.get(name), turn)
    if (!there || !there.newPod === !there.oldPod) unavailable++
    else if (there.newPod) {
      if (!isAvailableIn(there.newPod, turn)) unavailable++
    } else if (!isAvailableIn(there.oldPod!, turn)) {
      broken.push(there.oldPod!)
      unavailable++
    } else candidates.push(there.oldPod!)
  }
  return { create: [], remove: [...broken, ...candidates.slice(0, Math.max(0, limit - unavailable))] }
}

/** Starts new pods beside old ones, which go when the new ones work. */
function surgeTo(turn: Turn, wanted: number, limit: number): Plan {
  const nodes = new Map(turn.nodes.map((node) => [node.metadata.name, node]))
  const plan: Plan = { create: [], remove: [] }
  const candidates: string[] = []
  const misplaced: Pod[] = []
  let surging = 0
  let available = 0
  for (const [name, pods] of turn.podsOn) {
    const there = podsOf(pods, turn)
    if (!there) {
      surging++
      continue
    }
    const { newPod, oldPod } = there
    const works = (pod: Pod | undefined): boolean => pod !== undefined && isAvailableIn(pod, turn)
    if (works(oldPod ?? newPod)) available++
    if (!oldPod) continue
    if (newPod) {
      if (works(newPod)) plan.remove.push(oldPod)
      else surging++
      continue
    }
    const node = nodes.get(name)
    if (!node) continue
    const starts = placementOn(node, turn.set).starts
    if (!works(oldPod)) {
      if (starts) plan.create.push(name)
      else plan.remove.push(oldPod)
    } else if (starts) candidates.push(name)
    else misplaced.push(oldPod)
  }
  // Whoever asks for a surge wants no gap: a pod that should be elsewhere goes when that other one is there.
  plan.remove.push(...misplaced.slice(0, Math.max(0, available - wanted)))
  plan.create.push(...candidates.slice(0, Math.max(0, limit - surging)))
  return plan
}
