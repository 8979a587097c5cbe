import { expect, test } from 'vitest'
import { pods } from '#api/core/v1/pod'
import { serviceaccounts } from '#api/core/v1/service-account'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { selfsubjectaccessreviews } from '#api/authorization/v1/self-subject-access-review'
import { selfsubjectreviews } from '#api/authentication/v1/self-subject-review'
import { keyPairToPem } from '#component-base/certs/issue'
import { startSecuredServer } from './testing/secured-server'

test('from a certificate to a decision, and from a service account to its pod', async () => {
  await using cluster = await startSecuredServer()
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

test('somebody may be somebody else for one thing, and by RBAC for nothing more', async () => {
  await using cluster = await startSecuredServer()
  const { root, tokens, as } = cluster
  await root.create(clusterroles, {
    metadata: { name: 'deputy' },
    rules: [
      { verbs: ['impersonate:user-info'], apiGroups: ['authentication.k8s.io'], resources: ['users'], resourceNames: ['alice'] },
      { verbs: ['impersonate-on:user-info:list'], apiGroups: [''], resources: ['pods'] },
    ],
  })
  const bind = (name: string, role: string) => root.create(clusterrolebindings, { metadata: { name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }] })
  await bind('deputy', 'deputy')
  await bind('alice', 'view')
  const token = tokens.add({ name: 'deputy', groups: [] })
  const asAlice = as({ token, impersonate: { user: 'alice' } })
  const allowed = async (client: typeof asAlice) => client.list(pods, { namespace: 'default' }).then(() => true, () => false)
  while (!(await allowed(asAlice))) await new Promise((resolve) => setImmediate(resolve))
  expect(await allowed(as({ token }))).toBe(false)
  await expect(asAlice.list(serviceaccounts, { namespace: 'default' })).rejects.toThrow('serviceaccounts is forbidden: User "deputy" cannot impersonate-on:user-info:list resource "serviceaccounts" in API group "" in the namespace "default"')
  await expect(as({ token, impersonate: { user: 'alice', groups: ['system:masters'] } }).list(pods)).rejects.toThrow('impersonating the system:masters group is not allowed')
  await expect(as({ token, impersonate: { user: 'bob' } }).list(pods, { namespace: 'default' })).rejects.toThrow('users.authentication.k8s.io "bob" is forbidden: User "deputy" cannot impersonate:user-info resource "users"')
})
