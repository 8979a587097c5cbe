import type { Pod } from '#api/core/v1/types'
import { isTerminal } from '#component-helpers/pod-status'
import { cleanUp, createNewSet } from './revisions'
import { allSets, available, byAge, maxUnavailable, newSetSize, scaleSet, sum, wanted, wantsPods } from './rollout'
import type { Rollout } from './rollout'
import { isComplete } from './status'

/** One step of a rolling update: grow the new set, else shrink the old ones, within what may be too many and too few. */
export async function rollingUpdate(rollout: Rollout): Promise<void> {
  if (!rollout.newSet) await createNewSet(rollout)
  if (await growNewSet(rollout)) return
  if (await shrinkOldSets(rollout)) return
  if (isComplete(rollout.deployment, rollout.deployment.status)) await cleanUp(rollout)
}

/** One step of a recreation: no new pod before the last old one has gone. */
export async function recreate(rollout: Rollout, podsOf: (uid: string) => readonly Pod[]): Promise<void> {
  let shrunk = false
  for (const old of rollout.oldSets.filter(wantsPods)) shrunk = (await scaleSet(rollout, old, 0)) || shrunk
  if (shrunk) return
  if (sum(rollout.oldSets, ({ status }) => status.replicas) > 0) return
  if (rollout.oldSets.some(({ metadata }) => podsOf(metadata.uid).some((pod) => !isTerminal(pod)))) return
  if (!rollout.newSet) await createNewSet(rollout)
  await scaleIfOther(rollout, rollout.deployment.spec.replicas)
  if (isComplete(rollout.deployment, rollout.deployment.status)) await cleanUp(rollout)
}

async function scaleIfOther(rollout: Rollout, replicas: number): Promise<boolean> {
  const set = rollout.newSet!
  return set.spec.replicas !== replicas && scaleSet(rollout, set, replicas)
}

function growNewSet(rollout: Rollout): Promise<boolean> {
  const { replicas } = rollout.deployment.spec
  const current = rollout.newSet!.spec.replicas
  return scaleIfOther(rollout, current >= replicas ? replicas : newSetSize(rollout, allSets(rollout), current))
}

async function shrinkOldSets(rollout: Rollout): Promise<boolean> {
  const { deployment } = rollout
  const newSet = rollout.newSet!
  if (wanted(rollout.oldSets) === 0) return false
  const leastAvailable = deployment.spec.replicas - maxUnavailable(deployment)
  const newUnavailable = newSet.spec.replicas - (newSet.status.availableReplicas ?? 0)
  const mayGo = wanted(allSets(rollout)) - leastAvailable - newUnavailable
  if (mayGo <= 0) return false

  // First those that serve nobody, or a rollout that replaces a broken version would wait for it to become well.
  const broken = await takeFromOldest(rollout, mayGo, ({ spec, status }) => spec.replicas - (status.availableReplicas ?? 0))
  const spare = available(allSets(rollout)) - leastAvailable
  const served = spare > 0 ? await takeFromOldest(rollout, spare, ({ spec }) => spec.replicas) : 0
  return broken + served > 0
}

/** Takes up to `most` pods from the old sets, oldest first, from each no more than `from` says. Returns how many. */
async function takeFromOldest(rollout: Rollout, most: number, from: (set: Rollout['oldSets'][number]) => number): Promise<number> {
  let taken = 0
  for (const old of rollout.oldSets.filter(wantsPods).sort(byAge)) {
    const count = Math.min(most - taken, from(old))
    if (count <= 0) continue
    await scaleSet(rollout, old, old.spec.replicas - count)
    taken += count
  }
  return taken
}
