import { isAlreadyExists } from '#apimachinery/api-error'
import { configmaps } from '#api/core/v1/config-map'
import { namespaces } from '#api/core/v1/namespace'
import { clone } from '#base/clone'
import { defineController, on } from '#controller-runtime/controller'
import type { Controller } from '#controller-runtime/controller'
import { isNamespaceTerminating } from '#controller-runtime/namespace-terminating'

const name = 'kube-root-ca.crt'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.'
const annotation = 'kubernetes.io/description'

/** Keeps the CA that signed the API server's certificate in every namespace, where pods' token volumes read it. */
export function rootCaCertificatePublisher(rootCa: string): Controller {
  return defineController({
    name: 'root-ca-certificate-publisher-controller',
    serviceAccount: 'root-ca-cert-publisher',
    watches: [on(namespaces), on(configmaps, ({ metadata }) => (metadata.name === name ? [metadata.namespace!] : []))],
    writes: [configmaps],

    async reconcile(key, { cached, client }) {
      const namespace = cached(namespaces).get(key)
      if (!namespace || namespace.metadata.deletionTimestamp || namespace.status?.phase === 'Terminating') return
      const map = cached(configmaps).get(`${key}/${name}`)
      const data = { 'ca.crt': rootCa }
      if (!map) {
        try {
          await client.create(configmaps, { metadata: { namespace: key, name, annotations: { [annotation]: description } }, data })
        } catch (error) {
          if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
        }
        return
      }
      const { annotations } = map.metadata
      if (map.data?.['ca.crt'] === rootCa && Object.keys(map.data).length === 1 && annotations?.[annotation]) return
      await client.update(configmaps, { ...clone(map), data, metadata: { ...clone(map.metadata), annotations: { ...annotations, [annotation]: description } } })
    },
  })
}
