import { namespaces } from '#api/core/v1/namespace'
import { isAlreadyExists, notFound } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import type { Client } from '#client/client'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { refuse } from './refuse'

const isAbout = ({ namespaced }: { readonly namespaced: boolean }): boolean => namespaced

/** Makes the namespace of a new object where there is none. */
export function namespaceAutoProvision({ objects, client }: { objects: ObjectReader; client: Client }): AdmissionPlugin {
  const make = async (request: AdmissionRequest): Promise<void> => {
    try {
      await client.create(namespaces, { metadata: { name: request.namespace } })
    } catch (error) {
      if (!isAlreadyExists(error)) throw refuse(request, messageOf(error))
    }
  }
  return {
    name: 'NamespaceAutoProvision',
    handles: (operation, resource) => operation === 'CREATE' && isAbout(resource),
    admit(request) {
      if (request.dryRun || request.namespace === '' || objects.get(namespaces, { name: request.namespace })) return
      return make(request)
    },
  }
}

/** Refuses what is in a namespace that is not there. */
export function namespaceExists({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    handles: (operation, resource) => operation !== 'CONNECT' && isAbout(resource),
    validate({ namespace }) {
      if (namespace === '' || objects.get(namespaces, { name: namespace })) return
      return objects.live(namespaces, { name: namespace }).then((found) => {
        if (!found) throw notFound(namespaces, namespace)
      })
    },
  }
}
