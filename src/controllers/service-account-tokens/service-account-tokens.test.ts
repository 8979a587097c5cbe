import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import { createTestBed } from '#controller-runtime/test-bed'
import { legacyServiceAccountTokenCleaner } from './legacy-serviceaccount-token-cleaner'
import { serviceAccountToken } from './serviceaccount-token'

const type = 'kubernetes.io/service-account-token'
const secret = (name: string, account: string, more: object = {}) => ({
  metadata: { namespace: 'd', name, annotations: { 'kubernetes.io/service-account.name': account }, ...more }, type,
})
const text = (value: string | undefined) => value && Buffer.from(value, 'base64').toString()
const day = 24 * 3600_000

test('a secret that asks for a token is filled, and goes with its account', async () => {
  await using bed = createTestBed()
  bed.api.seed(serviceaccounts, { metadata: { namespace: 'd', name: 'bot' }, secrets: [{ name: 'mine' }, { name: 'other' }] })
  bed.api.seed(secrets, secret('mine', 'bot'), secret('orphan', 'nobody'), { metadata: { namespace: 'd', name: 'plain' }, type: 'Opaque' })
  await bed.start(serviceAccountToken({ sign: (claims) => JSON.stringify(claims), rootCa: 'PEM' }))
  const { uid } = bed.api.read(serviceaccounts, 'd/bot')!.metadata
  const filled = bed.api.read(secrets, 'd/mine')!
  expect(filled.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'bot', 'kubernetes.io/service-account.uid': uid })
  expect([text(filled.data!['ca.crt']), text(filled.data!['namespace'])]).toEqual(['PEM', 'd'])
  expect(JSON.parse(text(filled.data!['token'])!)).toEqual({
    'iss': 'kubernetes/serviceaccount', 'sub': 'system:serviceaccount:d:bot', 'kubernetes.io/serviceaccount/namespace': 'd', 'kubernetes.io/serviceaccount/secret.name': 'mine',
    'kubernetes.io/serviceaccount/service-account.name': 'bot', 'kubernetes.io/serviceaccount/service-account.uid': uid,
  })
  expect(bed.api.all(secrets).map(({ metadata }) => metadata.name)).toEqual(['mine', 'plain'])

  await bed.client.delete(secrets, { namespace: 'd', name: 'mine' })
  await bed.idle()
  expect(bed.api.read(serviceaccounts, 'd/bot')!.secrets).toEqual([{ name: 'other' }])
  bed.api.seed(secrets, secret('again', 'bot'))
  await bed.idle()
  await bed.client.delete(serviceaccounts, { namespace: 'd', name: 'bot' })
  await bed.idle()
  expect(bed.api.all(secrets).map(({ metadata }) => metadata.name)).toEqual(['plain'])
})

test('tokens that the cluster made and nobody uses are marked, then deleted', async () => {
  await using bed = createTestBed()
  bed.api.seed(configmaps, { metadata: { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }, data: { since: '2025-01-01' } })
  bed.api.seed(serviceaccounts, { metadata: { namespace: 'd', name: 'bot' }, secrets: ['auto', 'used', 'mounted'].map((name) => ({ name })) })
  bed.api.seed(
    secrets, secret('auto', 'bot'), secret('manual', 'bot'), secret('mounted', 'bot'), secret('used', 'bot', { labels: { 'kubernetes.io/legacy-token-last-used': '2026-01-08' } }),
  )
  bed.api.seed(pods, { metadata: { namespace: 'd', name: 'p' }, spec: { containers: [], volumes: [{ name: 'v', secret: { secretName: 'mounted' } }] } })
  await bed.start(legacyServiceAccountTokenCleaner({ cleanUpPeriod: 10 * day }))
  const marks = () => Object.fromEntries(bed.api.all(secrets).map(({ metadata }) => [metadata.name, metadata.labels?.['kubernetes.io/legacy-token-invalid-since']]))
  expect(Object.values(marks())).toEqual([undefined, undefined, undefined, undefined])
  await bed.advance(10 * day)
  expect(marks()).toEqual({ auto: '2026-01-11', manual: undefined, mounted: undefined, used: undefined })
  await bed.advance(11 * day)
  expect(marks()).toEqual({ manual: undefined, mounted: undefined, used: '2026-01-19' })
})
