import { createHash } from 'node:crypto'
import { clustertrustbundles } from '#api/certificates/v1beta1/cluster-trust-bundle'
import { isAlreadyExists, isNotFound } from '#apimachinery/api-error'
import { clone } from '#base/clone'
import { defineController, on, type Controller } from '#controller-runtime/controller'

export const trustBundlePublisherName = 'kube-apiserver-serving-clustertrustbundle-publisher-controller'
const signerName = 'kubernetes.io/kube-apiserver-serving'

/** As many bundles as there were authorities have names of their own; that of the one in use stays. */
const nameOf = (bundle: string): string => `${signerName.replaceAll('/', ':')}:${createHash('sha256').update(bundle).digest('hex').slice(0, 24)}`

/** Keeps the CA that signed the API server's certificate in a ClusterTrustBundle of that signer, and no other there. */
export function clusterTrustBundlePublisher(rootCa: string): Controller {
  const name = nameOf(rootCa)
  return defineController({
    name: trustBundlePublisherName,
    serviceAccount: 'kube-apiserver-serving-clustertrustbundle-publisher',
    watches: [on(clustertrustbundles, ({ spec }) => (spec.signerName === signerName ? ['publish'] : []))],
    writes: [clustertrustbundles],
    setUp: ({ enqueue }) => enqueue('publish'),

    async reconcile(_key, { cached, client }) {
      const standing = cached(clustertrustbundles).get(name)
      if (!standing) {
        try {
          await client.create(clustertrustbundles, { metadata: { name }, spec: { signerName, trustBundle: rootCa } })
        } catch (error) {
          // The cache does not show it yet.
          if (!isAlreadyExists(error)) throw error
        }
      } else if (standing.spec.trustBundle !== rootCa) await client.update(clustertrustbundles, { ...clone(standing), spec: { signerName, trustBundle: rootCa } })
      for (const { metadata, spec } of cached(clustertrustbundles).list()) {
        if (spec.signerName !== signerName || metadata.name === name) continue
        await client.delete(clustertrustbundles, { name: metadata.name }).catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
      }
    },
  })
}
