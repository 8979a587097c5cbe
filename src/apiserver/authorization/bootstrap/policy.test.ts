import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ClusterRole } from '#api/rbac/v1/types'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles, bootstrapRoleBindings, bootstrapRoles } from './policy'
import { reconcileBootstrapPolicy, repair } from './reconcile'

/** Of metadata, rules, aggregation, subjects and references, keys sorted: the objects of a server of v1.36 gave these. */
function fingerprint(objects: readonly object[]): string {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(sorted)
    : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
    : value
  const texts = objects.map((object) => {
    const { apiVersion: _version, kind: _kind, ...rest } = object as { apiVersion?: string; kind?: string }
    return JSON.stringify(sorted(rest))
  })
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex').slice(0, 16)
}

test.each([
  ['cluster roles', bootstrapClusterRoles(), 69, '8bd32cfe6ae9c9d7'],
  ['cluster role bindings', bootstrapClusterRoleBindings(), 50, '6d5e5ab3ee4d5e67'],
  ['roles', bootstrapRoles(), 7, 'e491adfd41c53aa3'],
  ['role bindings', bootstrapRoleBindings(), 7, '0086c8b743263123'],
])('%s are those of v1.36', (_, objects, count, expected) => {
  expect(objects).toHaveLength(count)
  expect(fingerprint(objects)).toBe(expected)
})

test('reconciling makes what is missing, and a second time writes nothing', async () => {
  const api = createFakeApi()
  const client = createClient(api)
  await reconcileBootstrapPolicy(client)
  expect(api.all(clusterroles)).toHaveLength(69)
  const before = api.calls.length
  await reconcileBootstrapPolicy(client)
  expect(api.calls.slice(before).map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'GET'])
})

test('reconciling repairs: rules and subjects come back, what was added stays, opted out is left', async () => {
  const api = createFakeApi()
  const client = createClient(api)
  await reconcileBootstrapPolicy(client)
  const scheduler = api.read<ClusterRole>(clusterroles, 'system:kube-scheduler')!
  const own = { verbs: ['fly'], apiGroups: ['x'], resources: ['y'] }
  await client.update(clusterroles, { ...scheduler, rules: [own] })
  const basic = api.read<ClusterRole>(clusterroles, 'system:basic-user')!
  await client.update(clusterroles, { ...basic, metadata: { ...basic.metadata, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }, rules: [] })
  const masters = api.read(clusterrolebindings, 'cluster-admin')!
  await client.update(clusterrolebindings, { ...masters, subjects: [{ kind: 'User', name: 'eve', apiGroup: 'rbac.authorization.k8s.io' }] } as never)
  await client.delete(rolebindings, { namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler' })

  await reconcileBootstrapPolicy(client)

  expect(api.read<ClusterRole>(clusterroles, 'system:kube-scheduler')!.rules).toEqual([own, ...scheduler.rules!])
  expect(api.read<ClusterRole>(clusterroles, 'system:basic-user')!.rules).toEqual([])
  expect(api.read(clusterrolebindings, 'cluster-admin')).toMatchObject({ subjects: [{ name: 'eve' }, { name: 'system:masters' }] })
  expect(api.read(rolebindings, 'kube-system/system::leader-locking-kube-scheduler')).toBeDefined()
})

test('a binding to another role is made anew', () => {
  const wanted = bootstrapClusterRoleBindings()[0]!
  expect(repair({ ...wanted, roleRef: { ...wanted.roleRef, name: 'other' } } as never, wanted)).toBe('replace')
})
