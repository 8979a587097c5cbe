import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { daemonsets } from '#api/apps/v1/daemon-set'
import type { ControllerRevision, DaemonSet } from '#api/apps/v1/types'
import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import type { Client } from '#client/client'
import { templateHash } from '#component-helpers/template-hash'
import type { ReconcileContext } from '#controller-runtime/controller'
import { ensureRevision, isOf, type RevisionNames, revisionsOf, truncateHistory } from '../revision-history'
import { revisionLabel } from './turn'

const revisionNames: RevisionNames = { label: revisionLabel, hashOf: (_, template, collisionCount) => templateHash(template, collisionCount) }

export interface History {
  /** The label that pods of the present template have. */
  readonly hash: string
  /** Of templates that it had before, oldest first. */
  readonly old: readonly ControllerRevision[]
  readonly collisionCount: number | undefined
}

/** Keeps a ControllerRevision for every template that a DaemonSet has had; the present one has the highest number. */
export async function syncHistory(set: DaemonSet, ownPods: readonly Pod[], context: ReconcileContext<unknown>): Promise<History> {
  const { client } = context
  const found = await revisionsOf(daemonsets, set, context)
  const labelled = await Promise.all(found.map((revision) => withHash(revision, client)))
  const revisions = await withoutTwins(set, labelled, ownPods, client)
  const { revision: current, hash, collisionCount } = await ensureRevision(daemonsets, set, revisions, revisionNames, context)
  return { hash, collisionCount, old: revisions.filter(({ metadata }) => metadata.name !== current.metadata.name) }
}

/** Deletes the oldest revisions that no pod is of, beyond as many as are kept. */
export async function cleanUpHistory(set: DaemonSet, old: readonly ControllerRevision[], ownPods: readonly Pod[], context: ReconcileContext<unknown>): Promise<void> {
  const live = new Set(ownPods.map(({ metadata }) => metadata.labels?.[revisionLabel]))
  const isLive = ({ metadata }: ControllerRevision): boolean => live.has(metadata.labels?.[revisionLabel])
  // Those in use are among those that are kept.
  const limit = Math.max(0, set.spec.revisionHistoryLimit - old.filter(isLive).length)
  await truncateHistory(limit, old, isLive, context)
}

/** Those that others have made may lack the label by which their pods are known. */
async function withHash(revision: ControllerRevision, client: Client): Promise<ControllerRevision> {
  const { metadata } = revision
  if (metadata.labels?.[revisionLabel]) return revision
  return client.patch(controllerrevisions, metadata, { metadata: { labels: { [revisionLabel]: metadata.name } } }, { type: 'merge' })
}

/** Revisions of the present template are made one: pods are relabelled before the others go. */
async function withoutTwins(set: DaemonSet, revisions: readonly ControllerRevision[], ownPods: readonly Pod[], client: Client): Promise<readonly ControllerRevision[]> {
  const current = revisions.filter((revision) => isOf(revision, set))
  const kept = current.at(-1)
  if (!kept || current.length === 1) return revisions
  const hash = kept.metadata.labels?.[revisionLabel]
  for (const { metadata } of ownPods)
    if (metadata.labels?.[revisionLabel] !== hash) await client.patch(pods, metadata, { metadata: { labels: { [revisionLabel]: hash } } }, { type: 'merge' })
  for (const revision of current) if (revision !== kept) await client.delete(controllerrevisions, revision.metadata)
  return revisions.filter((revision) => revision === kept || !current.includes(revision))
}
