import type { Namespace } from '#api/core/v1/types'
import { badRequest, conflict } from '#apimachinery/api-error'
import { objectOf } from '../../cache/entry'
import { commitDelete } from '../../registry/delete'
import type { Registry } from '../../registry/registry'
import { rewrite } from '../../registry/rewrite'
import { staleObject } from '../../registry/update'
import type { Rest } from '../rest'

/** A namespace is held by `spec.finalizers` too: the namespace controller empties it through `finalize`. */
export function namespaceRest(registry: () => Registry): Rest<Namespace> {
  return {
    group: '', resource: 'namespaces',
    deletion: {
      held: (namespace) => (namespace.spec.finalizers?.length ?? 0) > 0,
      mark: (namespace) => void (namespace.status = { ...namespace.status, phase: 'Terminating' }),
    },
    mayDeleteDuringUpdate: (namespace) => (namespace.spec.finalizers?.length ?? 0) === 0,
    subresources: {
      async finalize({ exchange, kind, decode, write }) {
        const asked = await decode<Namespace>()
        if (asked.metadata.name && asked.metadata.name !== write.name) throw badRequest(`the name of the object (${asked.metadata.name}) does not match the name on the URL (${write.name})`)
        const entry = await rewrite<Namespace>(registry(), write, (namespace, old) => {
          const { resourceVersion } = asked.metadata
          if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) throw conflict({ resource: 'namespaces' }, write.name, staleObject)
          namespace.spec = { ...namespace.spec }
          if (asked.spec?.finalizers?.length) namespace.spec.finalizers = asked.spec.finalizers
          else delete namespace.spec.finalizers
        }, { namespace: '', name: exchange.info.name })
        const { metadata, spec } = objectOf(kind.resource, entry) as Namespace
        const empty = !spec.finalizers?.length && !metadata.finalizers?.length
        if (metadata.deletionTimestamp && empty && !write.dryRun) await commitDelete(registry(), write, entry)
        return { sort: 'entry', code: 200, kind, entry }
      },
    },
  }
}

