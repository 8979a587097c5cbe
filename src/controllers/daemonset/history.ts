import { isAlreadyExists } from '#apimachinery/api-error'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import { daemonsets } from '#api/apps/v1/daemon-set'
import type { ControllerRevision, DaemonSet } from '#api/apps/v1/types'
import { pods } from '#api/core/v1/pod'
import type { Pod, PodTemplateSpec } from '#api/core/v1/types'
import { clone, sameData } from '#base/clone'
import type { Client } from '#client/client'
import { controllerReference } from '#controller-runtime/owners'
import { shortHash } from '../pods/template-hash'
import { revisionLabel } from './turn'

export interface History {
  /** The label that pods of the present template have. */
  readonly hash: string
  /** Of templates that it had before. */
  readonly old: readonly ControllerRevision[]
}

/** Keeps a ControllerRevision for every template that a DaemonSet has had; the present one has the highest number. */
export async function syncHistory(set: DaemonSet, revisions: readonly ControllerRevision[], ownPods: readonly Pod[], client: Client): Promise<History> {
  const labelled = await Promise.all(revisions.map((revision) => withHash(revision, client)))
  const current = labelled.filter((revision) => isOf(revision, set))
  const old = labelled.filter((revision) => !isOf(revision, set))
  const number = Math.max(0, ...old.map(({ revision }) => revision)) + 1
  let now = current.length > 0 ? await onlyOne(current, ownPods, client) : await create(set, number, client)
  if (now.revision < number) now = await client.update(controllerrevisions, { ...clone(now), revision: number })
  return { hash: now.metadata.labels?.[revisionLabel] ?? '', old }
}

/** Deletes the oldest revisions that no pod is of, beyond as many as are kept. */
export async function cleanUpHistory({ spec: { revisionHistoryLimit } }: DaemonSet, old: readonly ControllerRevision[], ownPods: readonly Pod[], client: Client): Promise<void> {
  let excess = old.length - revisionHistoryLimit
  if (excess <= 0) return
  const live = new Set(ownPods.map(({ metadata }) => metadata.labels?.[revisionLabel]))
  for (const { metadata } of [...old].sort((a, b) => a.revision - b.revision)) {
    if (excess <= 0) return
    if (live.has(metadata.labels?.[revisionLabel])) continue
    await client.delete(controllerrevisions, metadata)
    excess--
  }
}

async function withHash(revision: ControllerRevision, client: Client): Promise<ControllerRevision> {
  const { metadata } = revision
  if (metadata.labels?.[revisionLabel]) return revision
  return client.patch(controllerrevisions, metadata, { metadata: { labels: { [revisionLabel]: metadata.name } } }, { type: 'merge' })
}

/** Undoing a rollout is a patch with what is stored here, as `kubectl rollout undo` does it. */
const dataOf = ({ spec }: DaemonSet): Record<string, unknown> => ({ spec: { template: { ...clone(spec.template), $patch: 'replace' } } })

function isOf({ data }: ControllerRevision, { spec }: DaemonSet): boolean {
  const stored = (data as { spec?: { template?: PodTemplateSpec } } | undefined)?.spec?.template
  return stored !== undefined && sameData(stored.spec, spec.template.spec) && sameData(metadataOf(stored), metadataOf(spec.template))
}

/** Other writers of revisions spell out that there is no creation time. */
function metadataOf({ metadata }: PodTemplateSpec): unknown {
  return { ...metadata, creationTimestamp: metadata?.creationTimestamp ?? undefined }
}

/** Revisions of one template are made one: pods are relabelled before the others go. */
async function onlyOne(current: readonly ControllerRevision[], ownPods: readonly Pod[], client: Client): Promise<ControllerRevision> {
  const kept = current.reduce((best, revision) => (revision.revision >= best.revision ? revision : best))
  if (current.length === 1) return kept
  const hash = kept.metadata.labels?.[revisionLabel]
  for (const { metadata } of ownPods)
    if (metadata.labels?.[revisionLabel] !== hash) await client.patch(pods, metadata, { metadata: { labels: { [revisionLabel]: hash } } }, { type: 'merge' })
  for (const revision of current) if (revision !== kept) await client.delete(controllerrevisions, revision.metadata)
  return kept
}

async function create(set: DaemonSet, revision: number, client: Client): Promise<ControllerRevision> {
  const { metadata, spec, status } = set
  const hash = shortHash(spec.template, status.collisionCount)
  const name = `${metadata.name}-${hash}`
  try {
    return await client.create(controllerrevisions, {
      metadata: {
        namespace: metadata.namespace, name, labels: { ...spec.template.metadata?.labels, [revisionLabel]: hash },
        ...(metadata.annotations ? { annotations: { ...metadata.annotations } } : {}), ownerReferences: [controllerReference(daemonsets, set)],
      },
      data: dataOf(set), revision,
    })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const there = await client.get(controllerrevisions, { namespace: metadata.namespace, name })
    // Made in a turn that the cache does not show yet; or another template with the same hash.
    if (isOf(there, set)) return there
    const fresh = clone(await client.get(daemonsets, metadata))
    if (fresh.status.collisionCount === status.collisionCount) {
      fresh.status.collisionCount = (status.collisionCount ?? 0) + 1
      await client.update(daemonsets, fresh, { subresource: 'status' })
    }
    throw error
  }
}
