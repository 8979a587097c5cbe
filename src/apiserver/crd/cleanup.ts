import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { isNotFound } from '#apimachinery/api-error'
import type { Kind } from '../kinds'
import { deleteObject } from '../registry/delete'
import { cacheOf, type Registry } from '../registry/registry'
import { readSelection } from '../registry/selection'
import { rfc3339, type WriteRequest } from '../registry/write'
import type { Rest } from '../rest/rest'
import { withCondition } from './naming'
import { checkRules } from './rule-check'

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** A definition stays until nothing of it is left: its first deletion only marks it. */
export function definitionRest(registry: () => Registry): Rest<CustomResourceDefinition> {
  return {
    group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions',
    check: checkRules,
    deletion: {
      held: ({ metadata }) => !metadata.deletionTimestamp || (metadata.finalizers ?? []).includes(cleanupFinalizer),
      mark(definition) {
        const { metadata, status } = definition
        if (!(metadata.finalizers ?? []).includes(cleanupFinalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), cleanupFinalizer]
        definition.status = {
          ...status,
          conditions: withCondition(status.conditions ?? [], {
            type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
          }, rfc3339(registry().clock.now())),
        }
      },
    },
  }
}

/** Deletes every object of a kind and waits until the last one, which finalizers may hold, is gone. Rejects when aborted. */
export async function deleteInstances(registry: Registry, kind: Kind, request: WriteRequest, signal: AbortSignal): Promise<void> {
  const cache = await cacheOf(registry, kind)
  const everything = readSelection(kind, '', '', '')
  for (const { namespace, name } of cache.select(everything)) {
    signal.throwIfAborted()
    try {
      await deleteObject(registry, { ...request, kind, namespace, name, subresource: '', options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' } }, {})
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  if (cache.count === 0) return
  await new Promise<void>((resolve, reject) => {
    const watch = cache.watch(everything, { after: undefined, initial: false, initialBookmark: false, bookmarks: false }, registry.cache.through, {
      form: 'cleanup',
      events: () => {
        if (cache.count === 0) settle(resolve)
        return true
      },
      bookmark: () => {},
      end: () => settle(() => reject(new Error(`the watch of ${kind.resource.resource} ended while they were deleted`))),
    })
    const abort = (): void => settle(() => reject(signal.reason as Error))
    const settle = (then: () => void): void => {
      signal.removeEventListener('abort', abort)
      // The watch may tell while it is being opened.
      queueMicrotask(() => watch.close())
      then()
    }
    signal.addEventListener('abort', abort)
    if (cache.count === 0) settle(resolve)
  })
}
