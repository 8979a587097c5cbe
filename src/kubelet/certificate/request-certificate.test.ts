import { expect, test } from 'vitest'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createAuthority } from '#component-base/certs/issue'
import { parseRequest, signRequest } from '#component-base/certs/request'
import { requestCertificate, rotationTime } from './request-certificate'

async function ask() {
  const api = createFakeApi()
  const client = createClient(api)
  const abort = new AbortController()
  const asked = requestCertificate('n1', { use: 'client' }, { client, signal: abort.signal })
  asked.catch(() => undefined)
  for (let i = 0; i < 50 && api.all(certificatesigningrequests).length === 0; i++) await new Promise((resolve) => setImmediate(resolve))
  const [request] = api.all<CertificateSigningRequest>(certificatesigningrequests)
  return { api, client, asked, abort, request: request! }
}

test('a node asks for its own identity and gets it', async () => {
  const { client, asked, request } = await ask()
  expect(request.spec).toMatchObject({ signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] })
  const parsed = parseRequest(Buffer.from(request.spec.request, 'base64').toString())
  expect(parsed.subject).toEqual({ commonName: 'system:node:n1', organizations: ['system:nodes'] })
  const now = Date.now()
  const authority = createAuthority({ commonName: 'ca', organizations: [] }, new Date(now - 1000), new Date(now + 86_400_000))
  const certificate = signRequest(parsed, { usages: request.spec.usages!, ttlSeconds: 3600, now }, authority)
  await client.patch(certificatesigningrequests, { name: request.metadata.name }, { status: { certificate: Buffer.from(certificate).toString('base64') } }, { type: 'merge', subresource: 'status' })
  const got = await asked
  expect(got.certificate).toBe(certificate)
  expect(got.key).toContain('BEGIN PRIVATE KEY')
  expect(got.rotateAt).toBeGreaterThan(now)
  expect(got.rotateAt).toBeLessThan(now + 3600_000)
})

test('a request that is denied says why', async () => {
  const { client, asked, request } = await ask()
  await client.patch(certificatesigningrequests, { name: request.metadata.name }, { status: { conditions: [{ type: 'Denied', status: 'True', message: 'not this one' }] } }, { type: 'merge', subresource: 'status' })
  await expect(asked).rejects.toThrow(`certificate signing request ${request.metadata.name} was denied: not this one`)
})

test('rotation lies between 70 and 90 % of the life', () => {
  expect(rotationTime(0, 100, 0)).toBe(70)
  expect(rotationTime(0, 100, 1)).toBeCloseTo(90)
})
