import { describe, expect, test } from 'vitest'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { roles } from '#api/rbac/v1/role'
import { resourceslices } from '#api/resource/v1/resource-slice'
import { volumeattachments } from '#api/storage/v1/volume-attachment'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import type { Attributes, Decision } from './authorizer'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from './bootstrap/policy'
import { authorizeInOrder, superusers } from './chain'
import { rbacRests } from './escalation'
import { forbiddenError } from './forbidden'
import { nodeAuthorizer } from './node/node-authorizer'
import { relations } from './node/relations'
import { rbac } from './rbac'
import { accessReviewRests } from './reviews'

const authenticated = 'system:authenticated'
const asked = (user: string, what: Partial<Attributes>, groups: string[] = [authenticated]): Attributes => ({
  isResource: true, verb: 'get', path: '', group: '', version: 'v1', resource: '', subresource: '', namespace: '', name: '', ...what, user: { name: user, groups },
})
const reader = {
  metadata: { namespace: 'ns', name: 'reader' },
  rules: [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] },
    { verbs: ['update'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['only'] },
    { verbs: ['get'], apiGroups: ['apps'], resources: ['*/scale'] },
  ],
}
const bind = (name: string, kind: string, role: string, ...subjects: object[]) => ({ metadata: { namespace: 'ns', name }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role }, subjects })

async function setUp() {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const informers = createInformers(createClient(api), { clock, log: silent })
  const stamp = <T extends object>(object: T): object => ({ ...object })
  api.seed(clusterroles, ...bootstrapClusterRoles().map(stamp))
  api.seed(clusterrolebindings, ...bootstrapClusterRoleBindings().map(stamp))
  api.seed(roles, reader)
  api.seed(
    rolebindings,
    bind('reader', 'Role', 'reader', { kind: 'User', name: 'alice' }, { kind: 'ServiceAccount', name: 'bot' }, { kind: 'Group', name: 'team' }),
    bind('dangling', 'Role', 'gone', { kind: 'User', name: 'dora' }),
    bind('rbacadm', 'ClusterRole', 'admin', { kind: 'User', name: 'eve' }),
  )
  const source = { roles: informers.get(roles), roleBindings: informers.get(rolebindings), clusterRoles: informers.get(clusterroles), clusterRoleBindings: informers.get(clusterrolebindings) }
  const policy = rbac(source)
  await Promise.all(Object.values(source).map((informer) => informer.synced))
  return { policy, informers, api }
}

describe('RBAC', async () => {
  const { policy } = await setUp()
  const allows = (user: string, what: Partial<Attributes>, groups?: string[]): boolean => policy.authorize(asked(user, what, groups)).verdict === 'allow'

  test.each<[string, boolean, string, Partial<Attributes>, string[]?]>([
    ['a verb of a rule', true, 'alice', { verb: 'list', resource: 'pods', namespace: 'ns' }],
    ['another verb', false, 'alice', { verb: 'delete', resource: 'pods', namespace: 'ns' }],
    ['another namespace', false, 'alice', { verb: 'list', resource: 'pods', namespace: 'other' }],
    ['the whole cluster', false, 'alice', { verb: 'list', resource: 'pods' }],
    ['a subresource that is named', true, 'alice', { resource: 'pods', subresource: 'log', namespace: 'ns', name: 'x' }],
    ['one that is not', false, 'alice', { resource: 'pods', subresource: 'exec', namespace: 'ns', name: 'x' }],
    ['any scale', true, 'alice', { group: 'apps', resource: 'replicasets', subresource: 'scale', namespace: 'ns', name: 'x' }],
    ['a resource name', true, 'alice', { verb: 'update', group: 'apps', resource: 'deployments', namespace: 'ns', name: 'only' }],
    ['another name', false, 'alice', { verb: 'update', group: 'apps', resource: 'deployments', namespace: 'ns', name: 'x' }],
    ['another group', false, 'alice', { verb: 'list', group: 'x', resource: 'pods', namespace: 'ns' }],
    ['a service account without namespace', true, 'system:serviceaccount:ns:bot', { resource: 'pods', namespace: 'ns' }],
    ['its namesake elsewhere', false, 'system:serviceaccount:other:bot', { resource: 'pods', namespace: 'ns' }],
    ['a group', true, 'bob', { resource: 'pods', namespace: 'ns' }, ['team']],
    ['a path for everybody', true, 'bob', { isResource: false, path: '/version' }],
    ['a path below a star', true, 'bob', { isResource: false, path: '/apis/apps/v1' }],
    ['a path for few', false, 'bob', { isResource: false, path: '/metrics' }],
    ['a review of oneself', true, 'bob', { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' }],
  ])('%s: %s', (_, expected, user, what, groups) => expect(allows(user, what, groups)).toBe(expected))

  test('the reason names binding, role and subject', () => {
    const decision = policy.authorize(asked('system:serviceaccount:kube-system:deployment-controller', { resource: 'pods', namespace: 'ns' }))
    // The words of a real server.
    expect(decision.reason).toBe(
      'RBAC: allowed by ClusterRoleBinding "system:controller:deployment-controller" of ClusterRole "system:controller:deployment-controller" to ServiceAccount "deployment-controller/kube-system"',
    )
    expect(policy.authorize(asked('alice', { resource: 'pods', namespace: 'ns' })).reason).toBe('RBAC: allowed by RoleBinding "reader/ns" of Role "reader" to User "alice"')
  })

  test('a role that is gone is said', () => {
    expect(policy.authorize(asked('dora', { resource: 'pods', namespace: 'ns' }))).toEqual({ verdict: 'no-opinion', reason: 'RBAC: role.rbac.authorization.k8s.io "gone" not found' })
  })
})

test('superusers pass before anybody is asked; reasons of refusals add up', async () => {
  const refuse = (reason: string) => ({ authorize: (): Decision => ({ verdict: 'no-opinion', reason }) })
  const chain = authorizeInOrder([superusers, refuse('a'), { authorize: async () => ({ verdict: 'no-opinion' as const, reason: '' }) }, refuse('b')])
  expect(await chain.authorize(asked('root', {}, ['system:masters']))).toEqual({ verdict: 'allow', reason: '' })
  expect(await chain.authorize(asked('alice', {}))).toEqual({ verdict: 'no-opinion', reason: 'a\nb' })
})

test.each<[Partial<Attributes>, string]>([
  [{ verb: 'list', resource: 'pods' }, 'pods is forbidden: User "alice" cannot list resource "pods" in API group "" at the cluster scope'],
  [{ verb: 'patch', group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'ns', name: 'x' },
    'deployments.apps "x" is forbidden: User "alice" cannot patch resource "deployments/scale" in API group "apps" in the namespace "ns"'],
  [{ isResource: false, path: '/metrics' }, 'forbidden: User "alice" cannot get path "/metrics"'],
])('403 %#', (what, message) => expect(forbiddenError(asked('alice', what), '').message).toBe(message))

describe('escalation', async () => {
  const { policy } = await setUp()
  const rests = new Map(rbacRests(policy, policy).map((rest) => [rest.resource, rest]))
  const write = (user: string, resource: string, object: object, groups = [authenticated]) => {
    const rest = rests.get(resource)!
    return (async () => rest.begin!(object, undefined, { user: { name: user, groups }, namespace: 'ns', name: '', kind: { resource: { resource } } } as never))()
  }
  const role = (...rules: object[]) => ({ metadata: { name: 'e', namespace: 'ns' }, rules })
  const binding = (kind: string, name: string) => ({ metadata: { name: 'e', namespace: 'ns' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name }, subjects: [] })

  test('what one holds may be given on', async () => {
    await write('eve', 'roles', role({ verbs: ['get'], apiGroups: [''], resources: ['pods'] }))
    await write('eve', 'rolebindings', binding('ClusterRole', 'view'))
    await write('root', 'clusterrolebindings', binding('ClusterRole', 'cluster-admin'), ['system:masters'])
  })

  test.each([
    ['roles', role({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }), '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}'],
    ['roles', role({ verbs: ['get', 'approve'], apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: ['x/y'] }),
      '{APIGroups:["certificates.k8s.io"], Resources:["signers"], ResourceNames:["x/y"], Verbs:["get" "approve"]}'],
    ['rolebindings', binding('ClusterRole', 'cluster-admin'), '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}'],
  ])('what one does not hold is refused: %s %#', async (resource, object, rules) => {
    await expect(write('eve', resource, object)).rejects.toThrow(
      `${resource}.rbac.authorization.k8s.io "e" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${rules}`,
    )
  })

  test('a role that is not there cannot be bound', async () => {
    await expect(write('eve', 'rolebindings', binding('Role', 'missing'))).rejects.toThrow('rolebindings.rbac.authorization.k8s.io "missing" not found')
  })
})

describe('the node authorizer', async () => {
  const { informers, api } = await setUp()
  const container = { name: 'c', image: 'i', envFrom: [{ configMapRef: { name: 'cm' } }] }
  const volumes = [{ name: 's', secret: { secretName: 'tls' } }, { name: 'd', persistentVolumeClaim: { claimName: 'data' } }, { name: 'e', ephemeral: {} }]
  api.seed(pods, { metadata: { namespace: 'ns', name: 'web' }, spec: { nodeName: 'n1', serviceAccountName: 'bot', containers: [container], volumes, resourceClaims: [{ name: 'g', resourceClaimName: 'gpu' }] }, status: { extendedResourceClaimStatus: { requestMappings: [], resourceClaimName: 'extended' } } })
  api.seed(pods, { metadata: { namespace: 'ns', name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: 'n1', containers: [], volumes: [{ name: 's', secret: { secretName: 'stolen' } }] } })
  api.seed(persistentvolumes, { metadata: { name: 'pv' }, spec: { claimRef: { namespace: 'ns', name: 'data' }, csi: { driver: 'd', volumeHandle: 'h', nodeStageSecretRef: { namespace: 'sys', name: 'stage' } } } })
  api.seed(volumeattachments, { metadata: { name: 'va' }, spec: { nodeName: 'n1' } })
  api.seed(resourceslices, { metadata: { name: 'slice' }, spec: { nodeName: 'n1', driver: 'd', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } } })
  const source = { pods: informers.get(pods), persistentVolumes: informers.get(persistentvolumes), volumeAttachments: informers.get(volumeattachments), resourceSlices: informers.get(resourceslices) }
  const node = nodeAuthorizer(relations(source))
  await Promise.all(Object.values(source).map((informer) => informer.synced))
  const decide = (what: Partial<Attributes>, name = 'n1') => node.authorize(asked(`system:node:${name}`, what, ['system:nodes', authenticated])) as Decision

  test.each<[Partial<Attributes>]>([
    [{ resource: 'secrets', namespace: 'ns', name: 'tls' }], [{ resource: 'configmaps', namespace: 'ns', name: 'cm', verb: 'watch' }],
    [{ resource: 'persistentvolumeclaims', namespace: 'ns', name: 'data' }], [{ resource: 'persistentvolumeclaims', namespace: 'ns', name: 'web-e' }],
    [{ resource: 'persistentvolumes', name: 'pv' }], [{ resource: 'secrets', namespace: 'sys', name: 'stage' }],
    [{ resource: 'serviceaccounts', subresource: 'token', verb: 'create', namespace: 'ns', name: 'bot' }],
    [{ group: 'storage.k8s.io', resource: 'volumeattachments', name: 'va' }], [{ resource: 'pods', namespace: 'ns', name: 'web' }],
    [{ group: 'resource.k8s.io', resource: 'resourceslices', verb: 'delete', name: 'slice' }], [{ group: 'resource.k8s.io', resource: 'resourceclaims', namespace: 'ns', name: 'gpu' }],
    [{ group: 'resource.k8s.io', resource: 'resourceclaims', namespace: 'ns', name: 'extended' }],
  ])('its own: %j', (what) => {
    expect(decide(what).verdict).toBe('allow')
    expect(decide(what, 'n2')).toEqual({ verdict: 'no-opinion', reason: "no relationship found between node 'n2' and this object" })
  })

  test.each<[Partial<Attributes>, string]>([
    [{ resource: 'secrets', verb: 'list', namespace: 'ns' }, 'No Object name found'],
    [{ resource: 'secrets', verb: 'delete', namespace: 'ns', name: 'tls' }, 'can only read resources of this type'],
    [{ resource: 'secrets', namespace: 'ns', name: 'stolen' }, "no relationship found between node 'n1' and this object"],
    [{ resource: 'nodes', verb: 'list' }, "node 'n1' cannot read all nodes, only its own Node object"],
    [{ resource: 'pods', verb: 'list' }, 'can only list/watch pods with spec.nodeName field selector'],
    [{ resource: 'pods', verb: 'list', fieldSelector: 'spec.nodeName!=n1' }, 'can only list/watch pods with spec.nodeName field selector'],
    [{ group: 'resource.k8s.io', resource: 'resourceslices', verb: 'list' }, 'can only list/watch/deletecollection resourceslices with nodeName field selector'],
    [{ group: 'certificates.k8s.io', resource: 'podcertificaterequests', verb: 'create', namespace: 'ns' }, ''],
    [{ group: 'coordination.k8s.io', resource: 'leases', verb: 'update', namespace: 'kube-node-lease', name: 'n2' }, 'can only access node lease with the same name as the requesting node'],
  ])('not: %j', (what, reason) => expect(decide(what)).toEqual({ verdict: 'no-opinion', reason }))

  test('what every node may do, and who is no node', () => {
    expect(decide({ resource: 'pods', verb: 'watch', fieldSelector: 'spec.nodeName=n1' }).verdict).toBe('allow')
    expect(decide({ resource: 'services', verb: 'list' }).verdict).toBe('allow')
    expect((node.authorize(asked('system:node:n1', { resource: 'services', verb: 'list' })) as Decision).verdict).toBe('no-opinion')
  })
})

describe('access reviews', async () => {
  const { policy } = await setUp()
  const rests = new Map(accessReviewRests(policy, policy).map((rest) => [rest.resource, rest]))
  const create = async (resource: string, spec: object, metadata: object = {}): Promise<any> => {
    const result = await rests.get(resource)!.create!({ spec, metadata }, { user: { name: 'alice', groups: [authenticated] } } as never, {} as never, { namespace: 'ns' } as never)
    return (result as { object: unknown }).object
  }
  test('of others and of oneself', async () => {
    const about = { verb: 'list', resource: 'pods', namespace: 'ns' }
    expect((await create('selfsubjectaccessreviews', { resourceAttributes: about })).status).toMatchObject({ allowed: true })
    expect((await create('subjectaccessreviews', { user: 'bob', resourceAttributes: about })).status).toEqual({ allowed: false })
    expect((await create('subjectaccessreviews', { groups: ['team'], resourceAttributes: about })).status.allowed).toBe(true)
    expect(await create('localsubjectaccessreviews', { user: 'bob', resourceAttributes: about })).toMatchObject({ metadata: { namespace: 'ns' }, status: { allowed: false } })
    expect((await create('selfsubjectrulesreviews', { namespace: 'ns' })).status.resourceRules).toContainEqual({ verbs: ['get'], apiGroups: ['apps'], resources: ['*/scale'] })
  })
  test('with selectors, as far as they can be read', async () => {
    const status = async (selectors: object) => (await create('subjectaccessreviews', { user: 'bob', resourceAttributes: { verb: 'list', resource: 'pods', namespace: 'ns', ...selectors } })).status
    expect(await status({ fieldSelector: { rawSelector: 'a=b' }, labelSelector: { rawSelector: 'a in (b)' } })).toEqual({ allowed: false })
    const both = [{ key: 'a', operator: 'In', values: ['b'] }, { key: 'a', operator: 'Newer', values: ['b'] }]
    expect(await status({ fieldSelector: { requirements: both }, labelSelector: { requirements: both } })).toEqual({
      allowed: false, evaluationError: 'spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored due to parse error',
    })
    expect((await status({ labelSelector: { rawSelector: 'a in' } })).evaluationError).toBe('spec.resourceAttributes.labelSelector ignored due to parse error')
    await expect(status({ fieldSelector: { requirements: [{ key: '', operator: 'In' }] }, labelSelector: { requirements: [{ key: 'a/', operator: 'Exists', values: ['b'] }] } })).rejects.toThrow(
      "[spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified, spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn', " +
        "spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist', spec.resourceAttributes.labelSelector.requirements[0].key: Invalid value: \"a/\"",
    )
  })
  test.each([
    ['subjectaccessreviews', {}, {}, '.authorization.k8s.io "" is invalid: [spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]'],
    ['selfsubjectaccessreviews', { resourceAttributes: {}, nonResourceAttributes: { path: '/x', verb: 'get' } }, {},
      '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes'],
    ['localsubjectaccessreviews', { user: 'a', resourceAttributes: { namespace: 'other' } }, { namespace: 'ns' }, '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace'],
    ['localsubjectaccessreviews', { user: 'a', nonResourceAttributes: { path: '/x' } }, { namespace: 'ns' }, '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: disallowed on this kind of request'],
  ])('%s %j is refused', async (resource, spec, metadata, message) => {
    await expect(create(resource, spec, metadata)).rejects.toThrow(message)
  })
})
