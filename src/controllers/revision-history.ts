import { isAlreadyExists, isNotFound } from '#apimachinery/api-error'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { controllerrevisions } from '#api/apps/v1/controller-revision'
import type { ControllerRevision } from '#api/apps/v1/types'
import type { PodTemplateSpec } from '#api/core/v1/types'
import { clone, sameData } from '#base/clone'
import { goJson } from '#component-helpers/template-hash'
import { claim } from '#controller-runtime/claim'
import type { ReconcileContext } from '#controller-runtime/controller'
import { candidatesFor, controllerReference } from '#controller-runtime/owners'
import { selects } from '#controller-runtime/selecting'

/** What StatefulSets and DaemonSets have: a template whose earlier versions are kept as ControllerRevisions. */
export interface Revised extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplateSpec; revisionHistoryLimit: number }
  status?: { collisionCount?: number }
}

/** The revisions of an owner, oldest first. */
export async function revisionsOf<O extends Revised>(resource: ResourceRef<O>, owner: O, { cached, client }: ReconcileContext<unknown>): Promise<ControllerRevision[]> {
  const how = { ownerResource: resource, owner, childResource: controllerrevisions, picks: (r: ControllerRevision) => selects(owner.spec.selector, r.metadata.labels) }
  const found = await claim(how, candidatesFor(cached(controllerrevisions), owner), client)
  return found.sort((a, b) => a.revision - b.revision || Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp))
}

/**
 * The patch that `kubectl rollout undo` applies: the whole template. Go's clients compare its bytes with what they would have
 * written: its keys are in order.
 */
const dataOf = ({ spec }: Revised): Record<string, unknown> => JSON.parse(goJson({ spec: { template: { ...spec.template, $patch: 'replace' } } })) as Record<string, unknown>
export const templateOf = ({ data }: ControllerRevision): PodTemplateSpec => (data as unknown as { spec: { template: PodTemplateSpec } }).spec.template

/** Whether a revision is of the owner's present template. */
export function isOf({ data }: ControllerRevision, { spec }: Revised): boolean {
  const stored = (data as { spec?: { template?: PodTemplateSpec } } | undefined)?.spec?.template
  return stored !== undefined && sameData(stored.spec, spec.template.spec) && sameData(metadataOf(stored), metadataOf(spec.template))
}

/** Other writers of revisions spell out that there is no creation time. */
function metadataOf({ metadata }: PodTemplateSpec): unknown {
  return { ...metadata, creationTimestamp: metadata?.creationTimestamp ?? undefined }
}

export interface CurrentRevision { revision: ControllerRevision; hash: string; collisionCount: number | undefined }

/** How a kind names its revisions: the label that says the hash, and the hash of the revision's data. */
export interface RevisionNames {
  readonly label: string
  hashOf(data: Record<string, unknown>, template: PodTemplateSpec, collisionCount: number | undefined): string
}

/** The revision of the owner's present template: made, or an old one raised to the newest. It says what the owner's annotations said then. */
export async function ensureRevision<O extends Revised>(
  resource: ResourceRef<O>, owner: O, revisions: readonly ControllerRevision[], { label, hashOf }: RevisionNames, { client }: ReconcileContext<unknown>,
): Promise<CurrentRevision> {
  const newest = (revisions.at(-1)?.revision ?? 0) + 1
  let collisionCount = owner.status?.collisionCount
  const equal = revisions.findLast((revision) => isOf(revision, owner))
  if (equal) {
    const hash = equal.metadata.labels?.[label] ?? ''
    if (equal === revisions.at(-1)) return { revision: equal, hash, collisionCount }
    return { revision: await client.update(controllerrevisions, { ...clone(equal), revision: newest }), hash, collisionCount }
  }
  const data = dataOf(owner)
  const { namespace, name, annotations } = owner.metadata
  for (;;) {
    const hash = hashOf(data, owner.spec.template, collisionCount)
    const metadata = {
      namespace, name: `${name.slice(0, 223)}-${hash}`, labels: { ...owner.spec.template.metadata?.labels, [label]: hash },
      ...(annotations ? { annotations: { ...annotations } } : {}), ownerReferences: [controllerReference(resource, owner)],
    }
    try {
      const revision = await client.create(controllerrevisions, { metadata, data: clone(data), revision: newest })
      return { revision, hash, collisionCount }
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      // Made in a turn that the cache does not show yet; or another template with the same hash.
      const there = await client.get(controllerrevisions, metadata)
      if (isOf(there, owner) && there.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid)) return { revision: there, hash, collisionCount }
      collisionCount = (collisionCount ?? 0) + 1
    }
  }
}

/** Deletes the oldest revisions that nothing uses, beyond `limit`. Revisions are given oldest first. */
export async function truncateHistory(
  limit: number, revisions: readonly ControllerRevision[], inUse: (revision: ControllerRevision) => boolean, { client }: ReconcileContext<unknown>,
): Promise<void> {
  const unused = revisions.filter((revision) => !inUse(revision))
  for (const { metadata } of unused.slice(0, Math.max(0, unused.length - limit)))
    await client.delete(controllerrevisions, metadata).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
}
