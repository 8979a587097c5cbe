import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import { createTestBed } from '#controller-runtime/test-bed'
import { namespace } from './namespace'
import { rootCaCertificatePublisher } from './root-ca-certificate-publisher'
import { serviceaccount } from './serviceaccount'

const active = (name: string) => ({ metadata: { name }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })

test('every namespace gets a default service account, again when it is deleted, and none on its way out', async () => {
  await using bed = createTestBed()
  bed.api.seed(namespaces, active('a'), { metadata: { name: 'going', deletionTimestamp: 'now', finalizers: ['x'] }, status: { phase: 'Terminating' } })
  await bed.start(serviceaccount)
  expect(bed.api.all(serviceaccounts).map((s) => s.metadata.namespace)).toEqual(['a'])
  bed.api.vanish(serviceaccounts, 'a/default')
  await bed.idle()
  expect(bed.api.all(serviceaccounts)).toHaveLength(1)
})

test('every namespace has the root CA, put right when changed', async () => {
  await using bed = createTestBed()
  bed.api.seed(namespaces, active('a'))
  await bed.start(rootCaCertificatePublisher('PEM'))
  expect(bed.api.read(configmaps, 'a/kube-root-ca.crt')!.data).toEqual({ 'ca.crt': 'PEM' })
  await bed.client.patch(configmaps, { namespace: 'a', name: 'kube-root-ca.crt' }, { data: { 'ca.crt': 'other', more: 'x' } }, { type: 'merge' })
  await bed.idle()
  expect(bed.api.read(configmaps, 'a/kube-root-ca.crt')!.data).toEqual({ 'ca.crt': 'PEM' })
})

test('a namespace is emptied, pods first, tells what remains, and goes when all has gone', async () => {
  await using bed = createTestBed({ kinds: [pods, configmaps, secrets, namespaces] })
  bed.api.seed(namespaces, active('a'), active('b'))
  bed.api.seed(pods, { metadata: { namespace: 'a', name: 'p' }, spec: { nodeName: 'n' } })
  bed.api.seed(configmaps, { metadata: { namespace: 'a', name: 'c' } }, { metadata: { namespace: 'b', name: 'c' } })
  bed.api.seed(secrets, { metadata: { namespace: 'a', name: 's', finalizers: ['example.com/hold'] } })
  await bed.start(namespace)
  // The real server sets the timestamp since spec.finalizers is not empty.
  bed.api.seed(namespaces, { ...bed.api.read(namespaces, 'a')!, metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['the-fake-would-delete-it'] } })
  await bed.idle()
  const condition = (type: string) => bed.api.read(namespaces, 'a')!.status.conditions!.find((c) => c.type === type)
  expect(bed.api.read(namespaces, 'a')!.status.phase).toBe('Terminating')
  expect(bed.api.all(configmaps, 'a')).toHaveLength(1)
  expect(condition('NamespaceContentRemaining')).toMatchObject({ status: 'True', reason: 'SomeResourcesRemain', message: 'Some resources are remaining: pods. has 1 resource instances' })
  bed.api.vanish(pods, 'a/p')
  await bed.idle()
  expect(bed.api.all(configmaps).map((c) => c.metadata.namespace)).toEqual(['b'])
  expect(condition('NamespaceFinalizersRemaining')).toMatchObject({ message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances' })
  expect(bed.api.read(namespaces, 'a')!.spec.finalizers).toEqual(['kubernetes'])
  await bed.client.patch(secrets, { namespace: 'a', name: 's' }, { metadata: { finalizers: null } }, { type: 'merge' })
  await bed.idle()
  expect(bed.api.read(namespaces, 'a')!.spec.finalizers).toEqual([])
})
