import { isAlreadyExists } from '#apimachinery/api-error'
import { namespaces } from '#api/core/v1/namespace'
import { serviceaccounts } from '#api/core/v1/service-account'
import { defineController, on } from '#controller-runtime/controller'
import { isNamespaceTerminating } from '#controller-runtime/namespace-terminating'

/** Gives every namespace the service account `default`, under which its pods run unless they say otherwise. */
export const serviceaccount = defineController({
  name: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',
  watches: [
    on(namespaces),
    on(serviceaccounts, ({ metadata }) => (metadata.name === 'default' ? [metadata.namespace!] : []), { when: (account) => account === undefined }),
  ],
  writes: [serviceaccounts],

  async reconcile(key, { cached, client }) {
    const namespace = cached(namespaces).get(key)
    if (!namespace || namespace.status?.phase === 'Terminating' || namespace.metadata.deletionTimestamp) return
    if (cached(serviceaccounts).get(`${key}/default`)) return
    try {
      await client.create(serviceaccounts, { metadata: { namespace: key, name: 'default' } })
    } catch (error) {
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
    }
  },
})
