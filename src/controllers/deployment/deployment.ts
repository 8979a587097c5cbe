import { deployments } from '#api/apps/v1/deployment'
import { replicasets } from '#api/apps/v1/replica-set'
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/apps/v1/types'
import { pods } from '#api/core/v1/pod'
import { clone, sameData } from '#base/clone'
import { claim } from '#controller-runtime/claim'
import { findCondition, withWorkloadCondition } from '#component-helpers/conditions'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import { controllerOf } from '#component-helpers/owner-references'
import { byOwner, candidatesFor, ownersOf } from '#controller-runtime/owners'
import { isEmptySelector, selects } from '#controller-runtime/selecting'
import { cleanUp, sortOut, syncRevision } from './revisions'
import { rollBack, rollbackTo } from './rollback'
import { annotations, hasProgressDeadline, isRolling, progressing } from './rollout'
import type { Rollout } from './rollout'
import { isResized, scaleInProportion } from './scale'
import { countedStatus, nextDeadlineCheck, rolloutStatus } from './status'
import { recreate, rollingUpdate } from './strategies'

const picks = (deployment: Deployment, set: ReplicaSet): boolean => selects(deployment.spec.selector, set.metadata.labels)

/**
 * Moves a Deployment's pods from one template to the next, through one ReplicaSet for each: the new one grows and the old
 * ones shrink a step at a time, and each step waits for what the ReplicaSets report. ReplicaSets of templates that are no
 * longer in use are kept, empty, as the history that `kubectl rollout undo` goes back to.
 */
export const deployment = defineController({
  name: 'deployment-controller',
  watches: [
    on(deployments),
    on(replicasets, ownersOf(deployments, picks), byOwner),
    // Only a recreation waits for pods, namely for the last to go; all else is in the ReplicaSets' status.
    on(pods, (pod, cached) => {
      const set = controllerOf(pod)
      if (set?.kind !== 'ReplicaSet') return []
      const owner = cached(replicasets).get(`${pod.metadata.namespace}/${set.name}`)
      return owner ? ownersOf(deployments)(owner, cached) : []
    }, { ...byOwner, when: (pod) => pod === undefined }),
  ],
  writes: [deployments, statusOf(deployments), replicasets],

  async reconcile(key, { cached, client, tell, clock }) {
    const deployment = cached(deployments).get(key)
    if (!deployment) return
    if (isEmptySelector(deployment.spec.selector)) {
      tell(deployments, deployment, 'Warning', 'SelectingAll', 'This deployment is selecting all pods. A non-empty selector is required.')
      return
    }
    const candidates = candidatesFor(cached(replicasets), deployment)
    const sets = await claim({ ownerResource: deployments, owner: deployment, childResource: replicasets, picks: (set) => picks(deployment, set) }, candidates, client)
    const { metadata, spec, status } = deployment
    const rollout: Rollout = {
      deployment, ...sortOut(deployment, sets), conditions: [...(status.conditions ?? [])], revision: metadata.annotations?.[annotations.revision],
      collisionCount: status.collisionCount, client, tell, now: clock.now(),
    }

    try {
      if (metadata.deletionTimestamp) await syncRevision(rollout)
      else {
        tellPaused(rollout)
        await syncRevision(rollout)
        const asked = spec.paused ? undefined : rollbackTo(deployment)
        if (asked !== undefined) return await rollBack(rollout, asked)
        if (spec.paused || isResized(rollout)) {
          await scaleInProportion(rollout)
          if (spec.paused) await cleanUp(rollout)
          return await write(rollout, countedStatus(rollout))
        }
        if (isRolling(deployment)) await rollingUpdate(rollout)
        else await recreate(rollout, (uid) => cached(pods).by('owner', uid))
      }
    } catch (error) {
      // What went wrong is in the conditions, or a collision was counted: tell it before the next try.
      if (!sameData(rollout.conditions, status.conditions ?? []) || rollout.collisionCount !== status.collisionCount)
        await write(rollout, { ...status, conditions: rollout.conditions, collisionCount: rollout.collisionCount })
      throw error
    }

    const after = metadata.deletionTimestamp ? countedStatus(rollout) : rolloutStatus(rollout)
    await write(rollout, after)
    return { requeueAfter: nextDeadlineCheck(deployment, after, rollout.now) }
  },
})

/** Pausing stops the deadline's clock, resuming starts it anew. */
function tellPaused(rollout: Rollout): void {
  const { deployment, now } = rollout
  const current = findCondition(rollout.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || current?.reason === 'ProgressDeadlineExceeded') return
  const wasPaused = current?.reason === 'DeploymentPaused'
  if (deployment.spec.paused && !wasPaused)
    rollout.conditions = withWorkloadCondition(rollout.conditions, progressing(now, 'Unknown', 'DeploymentPaused', 'Deployment is paused'))
  else if (!deployment.spec.paused && wasPaused)
    rollout.conditions = withWorkloadCondition(rollout.conditions, progressing(now, 'Unknown', 'DeploymentResumed', 'Deployment is resumed'))
}

/** Status and revision go in one write: the status endpoint takes annotations. */
async function write({ deployment, revision, client }: Rollout, status: DeploymentStatus): Promise<void> {
  const { metadata } = deployment
  const sameRevision = metadata.annotations?.[annotations.revision] === revision
  if (sameRevision && sameData(status, deployment.status)) return
  const copy = clone(deployment)
  copy.status = status
  if (revision !== undefined) copy.metadata.annotations = { ...copy.metadata.annotations, [annotations.revision]: revision }
  await client.update(deployments, copy, { subresource: 'status' })
}
