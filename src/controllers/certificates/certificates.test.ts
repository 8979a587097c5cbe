import { expect, test } from 'vitest'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import { certificatesFromPem, isIssuedBy } from '#component-base/certs/certificate'
import { createAuthority } from '#component-base/certs/issue'
import { generateKey } from '#component-base/certs/keys'
import { noAlternativeNames } from '#component-base/certs/names'
import type { AlternativeNames } from '#component-base/certs/names'
import { createRequest } from '#component-base/certs/request'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { certificateSigningRequestApproving } from './certificatesigningrequest-approving'
import { certificateSigningRequestCleaner } from './certificatesigningrequest-cleaner'
import { certificateSigningRequestSigning } from './certificatesigningrequest-signing'

const key = generateKey()
const authority = createAuthority({ commonName: 'kubernetes', organizations: [] }, new Date(Date.UTC(2025, 0)), new Date(Date.UTC(2035, 0)))
const kubelet = { commonName: 'system:node:a', organizations: ['system:nodes'] }
const clientUsages = ['digital signature', 'client auth']
const csr = (name: string, spec: object, { subject = kubelet, names, status }: { subject?: typeof kubelet; names?: AlternativeNames; status?: object } = {}) => ({
  metadata: { name }, status,
  spec: { request: Buffer.from(createRequest(key, subject, names)).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: clientUsages, username: 'someone', ...spec },
})
const approved = { conditions: [{ type: 'Approved', status: 'True', lastUpdateTime: '2026-01-01T00:00:00Z' }] }
const read = (bed: TestBed, name: string) => bed.api.read(certificatesigningrequests, name)

/** Lets users ask for what their rights say: the real server would ask its authorizer. */
const allow = (bed: TestBed, rights: Record<string, string>) =>
  bed.api.intercept((call) => {
    if (!call.path.endsWith('/subjectaccessreviews')) return undefined
    const { user, resourceAttributes } = (call.body as { spec: { user: string; resourceAttributes: { subresource: string } } }).spec
    return { code: 201, body: { status: { allowed: rights[user] === resourceAttributes.subresource } }, warnings: [] }
  })

test('approves kubelets that may join or renew, and nobody else', async () => {
  await using bed = createTestBed()
  allow(bed, { 'system:node:a': 'selfnodeclient', 'bootstrap': 'nodeclient' })
  bed.api.seed(
    certificatesigningrequests, csr('self', { username: 'system:node:a' }), csr('join', { username: 'bootstrap' }), csr('stranger', {}),
    csr('named', { username: 'bootstrap' }, { names: { ...noAlternativeNames, dns: ['x'] } }), csr('serving', { username: 'bootstrap', signerName: 'kubernetes.io/kubelet-serving' }),
  )
  await bed.start(certificateSigningRequestApproving)
  expect(read(bed, 'self')!.status.conditions).toMatchObject([{ type: 'Approved', status: 'True', reason: 'AutoApproved', message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' }])
  expect(read(bed, 'join')!.status.conditions).toMatchObject([{ message: 'Auto approving kubelet client certificate after SubjectAccessReview.' }])
  for (const name of ['stranger', 'named', 'serving']) expect(read(bed, name)!.status?.conditions).toBeUndefined()
  expect(bed.writes()).toContain('PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/self/approval')
})

test('signs what is approved and of its signers, as long as was asked', async () => {
  await using bed = createTestBed()
  const names = { ...noAlternativeNames, ips: ['10.0.0.1'] }
  bed.api.seed(
    certificatesigningrequests, csr('client', { expirationSeconds: 3600 }, { status: approved }), csr('waiting', {}), csr('other', { signerName: 'example.com/x' }, { status: approved }),
    csr('serving', { signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] }, { status: approved, names }),
    csr('user', { signerName: 'kubernetes.io/kube-apiserver-client' }, { status: approved, subject: { commonName: 'jane', organizations: ['dev'] } }),
  )
  await bed.start(certificateSigningRequestSigning({ authority }))
  const issued = (name: string) => certificatesFromPem(Buffer.from(read(bed, name)!.status.certificate!, 'base64').toString())[0]!
  expect(isIssuedBy(issued('client'), authority.certificate)).toBe(true)
  const validFor = (name: string) => issued(name).notAfter.getTime() - Date.UTC(2026, 0, 1)
  expect(validFor('client')).toBe(3600_000)
  expect(issued('serving').names.ips).toEqual(['10.0.0.1'])
  expect(issued('user')).toMatchObject({ subject: { commonName: 'jane', organizations: ['dev'] }, extendedUsages: ['client auth'] })
  expect(validFor('user')).toBe(365 * 24 * 3600_000 - 300_000)
  for (const name of ['waiting', 'other']) expect(read(bed, name)!.status?.certificate).toBeUndefined()
})

test('what its signer does not allow fails for good', async () => {
  await using bed = createTestBed()
  bed.api.seed(
    certificatesigningrequests, csr('subject', {}, { status: approved, subject: { commonName: 'jane', organizations: ['dev'] } }), csr('usages', { usages: ['client auth'] }, { status: approved }),
    csr('serving', { signerName: 'kubernetes.io/kubelet-serving' }, { status: approved }), csr('user', { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['server auth'] }, { status: approved }),
  )
  await bed.start(certificateSigningRequestSigning({ authority }))
  const failure = (name: string) => read(bed, name)!.status.conditions!.find((c) => c.type === 'Failed')
  expect(failure('subject')).toMatchObject({ status: 'True', reason: 'SignerValidationFailure', message: 'subject organization is not system:nodes' })
  expect(failure('usages')!.message).toBe('usages did not match [client auth digital signature key encipherment]')
  expect(failure('serving')!.message).toBe('DNS or IP subjectAltName is required')
  expect(failure('user')!.message).toBe('invalid usage for client certificate: server auth')
})

test('old requests go: pending ones after a day, answered ones after an hour', async () => {
  await using bed = createTestBed()
  const denied = { conditions: [{ type: 'Denied', status: 'True', lastUpdateTime: '2026-01-01T00:00:00Z' }] }
  const issued = { ...approved, certificate: Buffer.from('not to be read').toString('base64') }
  bed.api.seed(certificatesigningrequests, csr('pending', {}), csr('denied', {}, { status: denied }), csr('issued', {}, { status: issued }), csr('unissued', {}, { status: approved }))
  await bed.start(certificateSigningRequestCleaner)
  const left = () => bed.api.all(certificatesigningrequests).map((r) => r.metadata.name)
  expect(left()).toHaveLength(4)
  await bed.advance(3600_000)
  expect(left()).toEqual(['pending', 'unissued'])
  await bed.advance(23 * 3600_000)
  expect(left()).toEqual([])
})
