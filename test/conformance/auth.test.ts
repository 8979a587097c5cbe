import { expect, test } from 'vitest'
import {
  certificatesigningrequests, configmaps, localsubjectaccessreviews, pods, selfsubjectaccessreviews, serviceaccounts, subjectaccessreviews, tokenreviews, type authorization,
} from '#api/index'
import { generateKey } from '#component-base/certs/keys'
import { createRequest } from '#component-base/certs/request'
import { serve } from './cluster'
import { live, liveStatus } from './lifecycle'

const served = serve()

test('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations', async () => {
  const { client } = served
  const request = Buffer.from(createRequest(generateKey(), { commonName: 'twin', organizations: ['twins'] })).toString('base64')
  const spec = { request, signerName: 'example.com/nobody', usages: ['digital signature', 'client auth'] }
  await live(served, { resource: certificatesigningrequests, body: () => ({ spec }) })

  const name = { name: 'approved' }
  const made = await client.create(certificatesigningrequests, { metadata: name, spec })
  const decision = { type: 'Approved', status: 'True', reason: 'Test', message: 'said by a test' }
  const approved = await client.update(certificatesigningrequests, { ...made, status: { ...made.status, conditions: [decision] } }, { subresource: 'approval' })
  expect(approved.status.conditions).toMatchObject([decision])
  expect(await client.get(certificatesigningrequests, name, { subresource: 'approval' })).toMatchObject({ status: { conditions: [decision] } })
  expect((await client.patch(certificatesigningrequests, name, { metadata: { annotations: { patched: 'approval' } } }, { type: 'merge', subresource: 'approval' })).metadata.annotations).toEqual({ patched: 'approval' })
  await liveStatus(served, certificatesigningrequests, name, { status: { conditions: [...approved.status.conditions!, { type: 'Twin', status: 'True', reason: 'Test', message: 'said by a test' }] } })
})

test('[sig-auth] ServiceAccounts should allow opting out of API token automount', async () => {
  const { client } = served
  const namespace = await served.namespace()
  await client.create(serviceaccounts, { metadata: { namespace, name: 'mount' } })
  await client.create(serviceaccounts, { metadata: { namespace, name: 'nomount' }, automountServiceAccountToken: false })
  // The pod's own wish goes before its account's.
  for (const [serviceAccountName, wish, mounted] of [
    ['mount', undefined, true], ['mount', true, true], ['mount', false, false], ['nomount', undefined, false], ['nomount', true, true], ['nomount', false, false], ['default', undefined, true], ['default', false, false],
  ] as const) {
    const { spec } = await client.create(pods, {
      metadata: { namespace, name: `${serviceAccountName}-${wish}` },
      spec: { serviceAccountName, ...(wish === undefined ? {} : { automountServiceAccountToken: wish }), containers: [{ name: 'main', image: 'nginx' }] },
    })
    const mounts = spec.containers[0]!.volumeMounts?.map(({ mountPath }) => mountPath) ?? []
    expect([serviceAccountName, wish, mounts.includes('/var/run/secrets/kubernetes.io/serviceaccount')]).toEqual([serviceAccountName, wish, mounted])
  }
})

test('[sig-auth] ServiceAccounts should update a ServiceAccount', async () => {
  const { client } = served
  const name = { namespace: await served.namespace(), name: 'robot' }
  const made = await client.create(serviceaccounts, { metadata: name })
  expect(made.automountServiceAccountToken).toBeUndefined()
  const updated = await client.update(serviceaccounts, { ...made, automountServiceAccountToken: true })
  expect(updated.automountServiceAccountToken).toBe(true)
  expect((await client.get(serviceaccounts, name)).automountServiceAccountToken).toBe(true)
})

test('[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace', async () => {
  const { client, cluster } = served
  const name = { namespace: await served.namespace(), name: 'kube-root-ca.crt' }
  const holds = ({ data }: { data?: Record<string, string> }): boolean => data?.['ca.crt']?.startsWith('-----BEGIN CERTIFICATE-----') ?? false
  const { metadata: { uid } } = await cluster.until(configmaps, name, holds)
  await client.delete(configmaps, name)
  await cluster.until(configmaps, name, function isThereAgain(map) { return map.metadata.uid !== uid && holds(map) })
  await client.patch(configmaps, name, { data: { 'ca.crt': 'not one' } }, { type: 'merge' })
  await cluster.until(configmaps, name, holds)
})

/** A token that the server gave for a service account. */
async function token(namespace: string, name: string): Promise<string> {
  const { status } = await served.client.subresource<object, { status: { token: string } }>(serviceaccounts, { namespace, name }, 'token', 'POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} })
  return status.token
}

test('[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview', async () => {
  const namespace = await served.namespace()
  const { metadata: { uid } } = await served.client.create(serviceaccounts, { metadata: { namespace, name: 'robot' } })
  const { status } = await served.client.create(tokenreviews, { spec: { token: await token(namespace, 'robot') } })
  expect(status).toMatchObject({ authenticated: true, user: { username: `system:serviceaccount:${namespace}:robot`, uid } })
  expect(status.error ?? '').toBe('')
  expect((await served.client.create(tokenreviews, { spec: { token: 'of.no.body' } })).status.authenticated ?? false).toBe(false)
})

test('[sig-auth] SubjectReview should support SubjectReview API operations', async () => {
  const { client } = served
  const namespace = await served.namespace()
  await client.create(serviceaccounts, { metadata: { namespace, name: 'robot' } })
  const user = `system:serviceaccount:${namespace}:robot`
  const resourceAttributes: authorization.ResourceAttributes = { namespace, verb: 'list', resource: 'configmaps', version: 'v1', group: '' }
  const robot = await served.withToken(await token(namespace, 'robot'))
  const answers = async (): Promise<boolean[]> => [
    (await client.create(subjectaccessreviews, { spec: { user, resourceAttributes } })).status.allowed,
    (await client.create(localsubjectaccessreviews, { metadata: { namespace }, spec: { user, resourceAttributes } })).status.allowed,
    (await robot.create(selfsubjectaccessreviews, { spec: { resourceAttributes } })).status.allowed,
  ]
  expect(await answers()).toEqual([false, false, false])
  expect((await client.create(selfsubjectaccessreviews, { spec: { resourceAttributes } })).status.allowed).toBe(true)
})
