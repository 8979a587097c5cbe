import { deployments } from '#api/apps/v1/deployment'
import type { Deployment, ReplicaSet } from '#api/apps/v1/types'
import { clone } from '#base/clone'
import { createNewSet, handedOn, own, revisionOf } from './revisions'
import { allSets } from './rollout'
import type { Rollout } from './rollout'
import { sameTemplate, templateHashLabel } from './same-template'

/** What is left of `spec.rollbackTo`: clients of old API versions ask through it for a revision, 0 for the one before. */
const annotation = 'deprecated.deployment.rollback.to'

/** The revision that a Deployment shall go back to. */
export function rollbackTo({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[annotation]
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

/** Gives a Deployment the template and the annotations of one of its ReplicaSets. The wish is taken from it in any case. */
export async function rollBack(rollout: Rollout, asked: number): Promise<void> {
  const { deployment, client, tell } = rollout
  if (!rollout.newSet) await createNewSet(rollout)
  const sets = allSets(rollout)
  const revision = asked === 0 ? lastRevision(sets) : BigInt(asked)
  const set = revision === 0n ? undefined : sets.find((candidate) => revisionOf(candidate) === revision)
  const changed = clone(deployment)
  let done = false
  if (!set) tell(deployments, deployment, 'Warning', 'DeploymentRollbackRevisionNotFound', revision === 0n ? 'Unable to find last revision.' : 'Unable to find the revision to rollback to.')
  else if (sameTemplate(set.spec.template, deployment.spec.template))
    tell(deployments, deployment, 'Warning', 'DeploymentRollbackTemplateUnchanged', `The rollback revision contains the same template as current deployment "${deployment.metadata.name}"`)
  else {
    changed.spec.template = clone(set.spec.template)
    delete changed.spec.template.metadata?.labels?.[templateHashLabel]
    // The change's cause goes back with the template.
    const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => own.has(key))
    changed.metadata.annotations = { ...Object.fromEntries(kept), ...handedOn(set) }
    done = true
  }
  delete changed.metadata.annotations?.[annotation]
  await client.update(deployments, changed)
  if (done) tell(deployments, deployment, 'Normal', 'DeploymentRollback', `Rolled back deployment "${deployment.metadata.name}" to revision ${revision}`)
}

/** The second highest; 0 where there is none. */
function lastRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).sort((a, b) => Number(b - a))[1] ?? 0n
}
