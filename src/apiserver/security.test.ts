import { expect, test } from 'vitest'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import { serviceaccounts } from '#api/core/v1/service-account'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { selfsubjectaccessreviews } from '#api/authorization/v1/self-subject-access-review'
import { isAlreadyExists } from '#apimachinery/api-error'
import { selfsubjectreviews } from '#api/authentication/v1/self-subject-review'
import { systemClock } from '#base/clock'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { createInformers } from '#client/informers'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { silent } from '#component-base/log'
import { wholeOptions } from '#component-base/options/whole'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { createApiServer } from './api-server'
import { staticTokens } from './authentication/static-tokens'
import { loopbackUser } from './authentication/users'
import { loopback } from './loopback'
import { createSecurity, securityOptions } from './security'

/** The server makes its own namespaces, sooner or later. */
function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}

async function start() {
  const pki = openPki()
  const tokens = staticTokens()
  const own = loopback()
  const client = createClient(own.transport)
  const informers = createInformers(client, { clock: systemClock, log: silent })
  const ca = certificateToPem(pki.ca.certificate)
  const security = await createSecurity(wholeOptions('kube-apiserver', securityOptions), {
    client, informers, clock: systemClock, log: silent, clientCa: ca, serviceAccountKey: pki.serviceAccountKey, tokens, url: () => server.url,
  })
  const store = openMemoryStore()
  const server = createApiServer({ listen: { tls: { ...keyPairToPem(pki.apiserver), clientCa: ca } } }, { store, ...security })
  const running = await server.start({ log: silent, clock: systemClock, signal: new AbortController().signal })
  own.attach(server.connect(loopbackUser))
  for (const name of ['default', 'kube-system', 'kube-public']) await client.create(namespaces, { metadata: { name } }).catch(unlessThere)
  await security.start()
  const as = (credentials: object) => createClient(createHttpTransport({ server: server.url, ca, ...credentials }))
  return {
    pki, tokens, client, as,
    async [Symbol.asyncDispose]() {
      await informers[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

test('from a certificate to a decision, and from a service account to its pod', async () => {
  await using cluster = await start()
  const { pki, tokens, client, as } = cluster
  const { cert, key } = keyPairToPem(pki.issueClient('alice'))
  const alice = as({ cert, key })
  const root = as({ token: tokens.add({ name: 'root', groups: ['system:masters'] }) })

  await expect(alice.list(pods, { namespace: 'default' })).rejects.toThrow('pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"')
  await root.create(rolebindings, {
    metadata: { namespace: 'default', name: 'alice' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'User', name: 'alice', apiGroup: 'rbac.authorization.k8s.io' }],
  })
  const informed = new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  await informed
  await client.create(serviceaccounts, { metadata: { namespace: 'default', name: 'default' } })
  const pod = await alice.create(pods, { metadata: { namespace: 'default', name: 'web' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } })
  expect(pod.spec).toMatchObject({ serviceAccountName: 'default', priority: 0, volumes: [{ projected: {} }] })
  const review = await alice.create(selfsubjectaccessreviews, { spec: { resourceAttributes: { verb: 'delete', resource: 'pods', namespace: 'default' } } })
  expect(review.status).toEqual({ allowed: true, reason: 'RBAC: allowed by RoleBinding "alice/default" of ClusterRole "edit" to User "alice"' })

  const request = await root.subresource<object, { status: { token: string } }>(serviceaccounts, { namespace: 'default', name: 'default' }, 'token', 'POST', {
    apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web' } },
  })
  const twoGroups = as({ token: tokens.add({ name: 'deputy', groups: ['system:masters'] }), impersonate: { user: 'bob', groups: ['one', 'two'] } })
  const whoAmI = await twoGroups.create(selfsubjectreviews, {})
  expect(whoAmI.status.userInfo).toEqual({ username: 'bob', groups: ['one', 'two', 'system:authenticated'] })

  const bot = as({ token: request.status.token })
  await expect(bot.list(pods, { namespace: 'default' })).rejects.toThrow('User "system:serviceaccount:default:default" cannot list resource "pods"')
  await root.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
  await expect(bot.list(pods, { namespace: 'default' })).rejects.toMatchObject({ code: 401 })
})
