import { expect, test } from 'vitest'
import { configmaps, namespaces, pods, rolebindings, roles, secrets, serviceaccounts } from '#api/index'
import { connectionOf, createClient, createHttpTransport, isForbidden, type Kubeconfig, ApiError } from '#client/index'
import { startCluster } from '#testing/index'
import { parse } from 'yaml'
import { allowed, denied } from './attempts'
import { pod } from './manifests'

const inDefault = (name: string) => ({ namespace: 'default', name })
const refusal = (promise: Promise<unknown>): Promise<ApiError> => promise.then(() => { throw new Error('was not refused') }, (error: unknown) => error as ApiError)

test('a user may do what roles say, and nothing else', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  await client.create(configmaps, { metadata: inDefault('settings'), data: { a: '1' } })
  const jane = cluster.as({ name: 'jane', groups: ['dev'] })
  const refused = await refusal(jane.client.list(configmaps, { namespace: 'default' }))
  expect(isForbidden(refused)).toBe(true)
  expect(refused.message).toBe('configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"')

  await client.apply(roles.make({ metadata: inDefault('reader'), rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }] }))
  await client.apply(rolebindings.make({ metadata: inDefault('dev-reads'), roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'dev' }] }))
  // Decisions are made from a cache: it follows at once, but not in the same moment.
  await cluster.until(rolebindings, 'dev-reads', () => true)
  await allowed(() => jane.client.list(configmaps, { namespace: 'default' }))

  // The same over TLS, with a certificate.
  await using transport = createHttpTransport(await connectionOf(parse(jane.kubeconfig) as Kubeconfig))
  const remote = createClient(transport)
  expect((await remote.get(configmaps, inDefault('settings'))).data).toEqual({ a: '1' })
  for (const attempt of [
    remote.create(configmaps, { metadata: inDefault('mine') }),
    remote.list(configmaps, { namespace: 'kube-system' }),
    remote.list(secrets, { namespace: 'default' }),
    remote.list(namespaces),
    // Nobody gives away more than they have.
    remote.create(roles, { metadata: inDefault('more'), rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }),
  ]) expect(isForbidden(await refusal(attempt))).toBe(true)
})

test('a service account acts by its token until it is deleted', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client, until } = cluster
  await client.create(serviceaccounts, { metadata: inDefault('robot') })
  const { status } = await client.subresource<object, { status: { token: string } }>(serviceaccounts, inDefault('robot'), 'token', 'POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } })
  const { ca, server } = await connectionOf(parse(cluster.kubeconfig) as Kubeconfig)
  await using transport = createHttpTransport({ server, ...(ca ? { ca } : {}), token: status.token })
  const robot = createClient(transport)
  expect((await refusal(robot.list(pods, { namespace: 'default' }))).message).toContain('User "system:serviceaccount:default:robot" cannot list resource "pods"')

  await client.apply(roles.make({ metadata: inDefault('pods'), rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] }))
  await client.apply(rolebindings.make({ metadata: inDefault('robot'), roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pods' }, subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }] }))
  await until(rolebindings, 'robot', () => true)
  await allowed(() => robot.list(pods, { namespace: 'default' }))

  await client.delete(serviceaccounts, inDefault('robot'))
  await cluster.untilGone(serviceaccounts, 'robot')
  const error = await denied(() => robot.list(pods, { namespace: 'default' }))
  expect(error.code).toBe(401)
})

test('every namespace has an account for its pods, and pods get its token and the authority', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(namespaces.make({ metadata: { name: 'shop' } }))
  await until(serviceaccounts, 'shop/default', () => true)
  await until(configmaps, 'shop/kube-root-ca.crt', ({ data }) => data?.['ca.crt']?.startsWith('-----BEGIN CERTIFICATE-----') ?? false)
  const made = await client.apply(pod('a'))
  expect(made.spec.serviceAccountName).toBe('default')
  expect(made.spec.volumes![0]!.projected!.sources!.map((source) => Object.keys(source)[0])).toEqual(['serviceAccountToken', 'configMap', 'downwardAPI'])
})
