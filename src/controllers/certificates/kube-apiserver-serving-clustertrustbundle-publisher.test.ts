import { expect, test } from 'vitest'
import { clustertrustbundles } from '#api/certificates/v1beta1/cluster-trust-bundle'
import { createTestBed } from '#controller-runtime/test-bed'
import { clusterTrustBundlePublisher } from './kube-apiserver-serving-clustertrustbundle-publisher'

test('the signer has one bundle, named after what is in it, and others keep theirs', async () => {
  await using bed = createTestBed()
  const bundle = (name: string, signerName: string) => bed.api.seed(clustertrustbundles, { metadata: { name, uid: name }, spec: { signerName, trustBundle: 'older' } })
  bundle('kubernetes.io:kube-apiserver-serving:older', 'kubernetes.io/kube-apiserver-serving')
  bundle('example.com:s:a', 'example.com/s')
  await bed.start(clusterTrustBundlePublisher('authority'))
  const left = () => Object.fromEntries(bed.api.all(clustertrustbundles).map(({ metadata, spec }) => [metadata.name, spec.trustBundle]))
  expect(Object.keys(left()).map((name) => name.replace(/[0-9a-f]{24}$/, '#')).toSorted()).toEqual(['example.com:s:a', 'kubernetes.io:kube-apiserver-serving:#'])
  const name = Object.keys(left()).find((key) => key.startsWith('kubernetes.io:'))!
  await bed.client.patch(clustertrustbundles, { name }, { spec: { trustBundle: 'tampered' } }, { type: 'merge' })
  await bed.idle()
  expect(left()[name]).toBe('authority')
  await bed.client.delete(clustertrustbundles, { name })
  await bed.idle()
  expect(left()[name]).toBe('authority')
})
