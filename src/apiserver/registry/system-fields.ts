import { randomUUID } from 'node:crypto'
import { badRequest } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { WriteRequest } from './write'

/** What only the server sets. A create starts without whatever the client sent. */
export function startMetadata(object: KubeObject, { now }: WriteRequest): void {
  const { metadata } = object
  metadata.uid = randomUUID()
  metadata.creationTimestamp = now
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  delete (metadata as { resourceVersion?: string }).resourceVersion
  delete metadata.managedFields
}

/** Carries over what an update may not change. */
export function keepMetadata(object: KubeObject, old: KubeObject): void {
  const { metadata } = object
  const before = old.metadata
  if (before.generation === undefined) delete metadata.generation
  else metadata.generation = before.generation
}

/** After `prepareForUpdate`, which may look at what the client sent. */
export function keepIdentity(object: KubeObject, old: KubeObject): void {
  const { metadata } = object
  const before = old.metadata
  metadata.uid ||= before.uid
  if (before.creationTimestamp) metadata.creationTimestamp = before.creationTimestamp
  if (before.deletionTimestamp) metadata.deletionTimestamp = before.deletionTimestamp
  if (before.deletionGracePeriodSeconds !== undefined) metadata.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds
}

/** The request's namespace fills in, and must not contradict. */
export function matchNamespace(object: KubeObject, namespace: string, namespaced: boolean): void {
  const { metadata } = object
  if (!namespaced) {
    delete metadata.namespace
    return
  }
  if (!metadata.namespace) metadata.namespace = namespace
  else if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}
