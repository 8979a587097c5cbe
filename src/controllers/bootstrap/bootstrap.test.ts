import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { secrets } from '#api/core/v1/secret'
import { createTestBed } from '#controller-runtime/test-bed'
import { bootstrapSigner, detachedSignature } from './bootstrap-signer'
import { tokenCleaner } from './token-cleaner'

const token = (id: string, values: Record<string, string> = {}, type = 'bootstrap.kubernetes.io/token') => ({
  metadata: { namespace: 'kube-system', name: `bootstrap-token-${id}` }, type,
  data: Object.fromEntries(Object.entries({ 'token-id': id, 'token-secret': 'tokensecret', 'usage-bootstrap-signing': 'true', ...values }).map(([key, value]) => [key, btoa(value)])),
})

test('cluster-info is signed with every token that signs, and with no other', async () => {
  await using bed = createTestBed()
  bed.api.seed(configmaps, { metadata: { namespace: 'kube-public', name: 'cluster-info' }, data: { 'kubeconfig': 'content', 'jws-kubeconfig-gone00': 'x', 'other': 'kept' } })
  bed.api.seed(
    secrets, token('tokid1'), token('nosign', { 'usage-bootstrap-signing': 'false' }), token('old000', { expiration: '2020-01-01T00:00:00Z' }),
    token('other1', {}, 'Opaque'), token('mixed1', { 'token-id': 'mixed2' }),
  )
  await bed.start(bootstrapSigner)
  const data = () => bed.api.read(configmaps, 'kube-public/cluster-info')!.data!
  expect(Object.keys(data()).sort()).toEqual(['jws-kubeconfig-tokid1', 'kubeconfig', 'other'])
  const before = data()['jws-kubeconfig-tokid1']
  expect(before).toBe(detachedSignature('content', 'tokid1', 'tokensecret'))

  await bed.client.patch(configmaps, { namespace: 'kube-public', name: 'cluster-info' }, { data: { kubeconfig: 'new' } }, { type: 'merge' })
  await bed.idle()
  expect(data()['jws-kubeconfig-tokid1']).toBe(detachedSignature('new', 'tokid1', 'tokensecret'))
  await bed.client.delete(secrets, { namespace: 'kube-system', name: 'bootstrap-token-tokid1' })
  await bed.idle()
  expect(Object.keys(data()).sort()).toEqual(['kubeconfig', 'other'])
})

test('a signature is the one that kubeadm expects', () => {
  const content = 'Hello from the other side. I must have called a thousand times.'
  expect(detachedSignature(content, 'joshua', 'my voice is my passcode')).toBe('eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8')
})

test('tokens go when they expire', async () => {
  await using bed = createTestBed()
  bed.api.seed(secrets, token('stays0'), token('soon00', { expiration: '2026-01-01T00:01:00Z' }), token('old000', { expiration: '2020-01-01T00:00:00Z' }), token('plain0', { expiration: 'x' }, 'Opaque'))
  await bed.start(tokenCleaner)
  const left = () => bed.api.all(secrets).map(({ metadata }) => metadata.name.slice(-6))
  expect(left()).toEqual(['stays0', 'soon00', 'plain0'])
  await bed.advance(60_000)
  expect(left()).toEqual(['stays0', 'plain0'])
})
