import { namespaces } from '#api/core/v1/namespace'
import type { Namespace } from '#api/core/v1/types'
import { forbidden, notFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { refuse } from './refuse'

const immortal = new Set(['default', 'kube-system', 'kube-public'])
/** How long what is in memory is not trusted after a deletion was asked for. */
const distrustMs = 30_000

/** Nothing is written into a namespace that is not there, nothing new into one that is on its way out. */
export function namespaceLifecycle({ objects, clock }: { objects: ObjectReader; clock: Pick<Clock, 'monotonic'> }): AdmissionPlugin {
  const deletedAt = new Map<string, number>()

  const isStale = (namespace: Namespace): boolean => {
    const at = deletedAt.get(namespace.metadata.name)
    if (at === undefined) return false
    if (clock.monotonic() - at < distrustMs) return namespace.status?.phase !== 'Terminating'
    deletedAt.delete(namespace.metadata.name)
    return false
  }

  const decide = (request: AdmissionRequest, namespace: Namespace | undefined): void => {
    if (!namespace) throw notFound(namespaces, request.namespace)
    if (request.operation !== 'CREATE' || namespace.status?.phase !== 'Terminating') return
    const error = refuse(request, `unable to create new content in namespace ${request.namespace} because it is being terminated`)
    const cause = { reason: 'NamespaceTerminating', message: `namespace ${request.namespace} is being terminated`, field: 'metadata.namespace' }
    error.status.details = { ...error.status.details, causes: [cause] }
    throw error
  }

  return {
    name: 'NamespaceLifecycle',
    handles: (operation, resource) => operation !== 'CONNECT' && (resource.namespaced || isNamespace(resource)) && resource.resource !== 'localsubjectaccessreviews',
    admit(request) {
      const { operation, resource, name } = request
      if (isNamespace(resource)) {
        if (operation !== 'DELETE' || request.subresource !== '') return
        if (immortal.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted')
        deletedAt.set(name, clock.monotonic())
        return
      }
      if (operation === 'DELETE' || request.namespace === '') return
      const known = objects.get(namespaces, { name: request.namespace })
      if (known && !isStale(known)) return decide(request, known)
      return objects.live(namespaces, { name: request.namespace }).then((namespace) => decide(request, namespace))
    },
  }
}

const isNamespace = ({ group, resource }: { group: string; resource: string }): boolean => group === '' && resource === 'namespaces'
