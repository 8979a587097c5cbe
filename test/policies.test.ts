import { expect, test } from 'vitest'
import { type admissionregistration, configmaps, deployments, namespaces, pods, rolebindings, roles, validatingadmissionpolicies, validatingadmissionpolicybindings } from '#api/index'
import type { Input } from '#apimachinery/object'
import { startCluster, type TestClient } from '#testing/index'
import { allowed, denied } from './attempts'
import { pod, web } from './manifests'

type Spec = Input<admissionregistration.ValidatingAdmissionPolicySpec>

const matching = (apiGroup: string, resource: string, operations = ['CREATE', 'UPDATE']) => ({ resourceRules: [{ apiGroups: [apiGroup], apiVersions: ['v1'], operations, resources: [resource] }] })
const policy = (name: string, spec: Spec) => validatingadmissionpolicies.make({ metadata: { name }, spec })
const binding = (name: string, spec: Input<admissionregistration.ValidatingAdmissionPolicyBindingSpec>) => validatingadmissionpolicybindings.make({ metadata: { name }, spec })
const inNamespacesThatAre = (state: string) => ({ namespaceSelector: { matchLabels: { state } } })

/** The answer with its warnings; dry, so that it can be tried again and again. */
const tried = (client: TestClient, namespace: string, replicas: number) => async () =>
  client.transport.request({ method: 'POST', path: `/apis/apps/v1/namespaces/${namespace}/deployments`, query: { dryRun: 'All' }, body: { ...web({ replicas }), metadata: { name: 'web' } } })

test('a policy denies here, warns there and lets pass, by its parameters; changes of either count at once', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  for (const state of ['strict', 'soft', 'free']) await client.apply(namespaces.make({ metadata: { name: state, labels: { state } } }))
  await client.apply(configmaps.make({ metadata: { namespace: 'strict', name: 'limit' }, data: { replicas: '3' } }))
  await client.apply(configmaps.make({ metadata: { namespace: 'soft', name: 'limit' }, data: { replicas: '1' } }))
  await client.apply(policy('size', {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: matching('apps', 'deployments'),
    variables: [{ name: 'limit', expression: 'int(params.data.replicas)' }],
    validations: [{ expression: 'object.spec.replicas <= variables.limit', messageExpression: "'at most ' + string(variables.limit) + ' replicas'" }],
  }))
  const paramRef = { name: 'limit', parameterNotFoundAction: 'Deny' }
  await client.apply(binding('soft', { policyName: 'size', paramRef, validationActions: ['Warn', 'Audit'], matchResources: inNamespacesThatAre('soft') }))
  await client.apply(binding('strict', { policyName: 'size', paramRef, validationActions: ['Deny'], matchResources: inNamespacesThatAre('strict') }))
  const strictly = (replicas: number) => tried(client, 'strict', replicas)
  const softly = (replicas: number) => tried(client, 'soft', replicas)

  const refused = await denied(strictly(4))
  expect(refused.status).toMatchObject({ code: 422, reason: 'Invalid', message: "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'size' with binding 'strict' denied request: at most 3 replicas" })
  expect((await softly(2)()).warnings).toEqual(["Validation failed for ValidatingAdmissionPolicy 'size' with binding 'soft': at most 1 replicas"])
  for (const passes of [strictly(3), softly(1), tried(client, 'free', 100)]) expect(await passes()).toMatchObject({ code: 201, warnings: [] })

  // Updates are writes too.
  const there = await client.apply({ ...web({ replicas: 2 }), metadata: { namespace: 'strict', name: 'there' } })
  await denied(() => client.patch(deployments, there.metadata, { spec: { replicas: 5 } }, { type: 'merge' }), 'at most 3 replicas')
  expect((await client.get(deployments, there.metadata)).spec.replicas).toBe(2)

  await client.patch(configmaps, { namespace: 'strict', name: 'limit' }, { data: { replicas: '5' } }, { type: 'merge' })
  await allowed(strictly(5))
  await denied(strictly(6), 'at most 5 replicas')
  await client.delete(configmaps, { namespace: 'strict', name: 'limit' })
  await denied(strictly(1), 'no params found for policy binding with `Deny` parameterNotFoundAction')
  await client.patch(validatingadmissionpolicies, { name: 'size' }, { spec: { paramKind: null, variables: [], validations: [{ expression: 'object.spec.replicas != 1', message: 'one is none', reason: 'Forbidden' }] } }, { type: 'merge' })
  await client.patch(validatingadmissionpolicybindings, { name: 'strict' }, { spec: { paramRef: null } }, { type: 'merge' })
  expect((await denied(strictly(1), 'one is none')).status).toMatchObject({ code: 403, reason: 'Forbidden' })
  await allowed(strictly(9))
  await client.delete(validatingadmissionpolicybindings, { name: 'strict' })
  await allowed(strictly(1))
})

test('a policy judges deletions and asks what users may do; what it cannot tell is refused or let be', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  await client.apply(policy('kept', {
    matchConstraints: matching('', 'configmaps', ['DELETE']), matchConditions: [{ name: 'kept', expression: "has(oldObject.metadata.labels) && 'keep' in oldObject.metadata.labels" }],
    validations: [{ expression: "authorizer.group('').resource('configmaps').namespace(request.namespace).check('purge').allowed()", messageExpression: "request.userInfo.username + ' may not purge ' + oldObject.metadata.name" }],
  }))
  const untold: Spec = { matchConstraints: { ...matching('', 'pods'), objectSelector: { matchLabels: { told: 'no' } } }, validations: [{ expression: "object.metadata.annotations['owner'] != ''" }] }
  await client.apply(policy('closed', { ...untold, failurePolicy: 'Fail' }))
  await client.apply(policy('open', { ...untold, failurePolicy: 'Ignore' }))
  for (const policyName of ['kept', 'open']) await client.apply(binding(policyName, { policyName, validationActions: ['Deny'] }))

  const kept = await client.apply(configmaps.make({ metadata: { namespace: 'default', name: 'kept', labels: { keep: 'yes' } } }))
  const other = await client.apply(configmaps.make({ metadata: { namespace: 'default', name: 'other' } }))
  const janitor = cluster.as({ name: 'janitor', groups: ['janitors'] })
  await client.apply(roles.make({ metadata: { name: 'janitor' }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['delete'] }] }))
  await client.apply(rolebindings.make({ metadata: { name: 'janitor' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'janitor' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'janitors' }] }))
  await allowed(() => janitor.client.delete(configmaps, other.metadata))
  await denied(() => janitor.client.delete(configmaps, kept.metadata, { dryRun: true }), 'janitor may not purge kept')
  await client.delete(configmaps, kept.metadata)

  const one = pod('p', {}, { labels: { told: 'no' } })
  await client.create(pods, one, { dryRun: true })
  await client.apply(binding('closed', { policyName: 'closed', validationActions: ['Deny'] }))
  await denied(() => client.create(pods, one, { dryRun: true }), "expression 'object.metadata.annotations['owner'] != ''' resulted in error: no such key: annotations")
  await client.create(pods, pod('q'), { dryRun: true })
})

test('authors of policies are told what does not suit the kinds that they name', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client, until } = cluster
  await client.apply(policy('typos', { matchConstraints: matching('apps', 'deployments'), validations: [{ expression: 'object.spec.replicas < 5' }, { expression: 'object.spec.nope == 1' }] }))
  const seen = (generation: number) => until(validatingadmissionpolicies, 'typos', ({ status }) => status.observedGeneration === generation)
  expect((await seen(1)).status.typeChecking).toEqual({
    expressionWarnings: [{ fieldRef: 'spec.validations[1].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'nope'\n | object.spec.nope == 1\n | ...........^\n" }],
  })
  await client.patch(validatingadmissionpolicies, { name: 'typos' }, { spec: { validations: [{ expression: 'object.spec.replicas < 5' }] } }, { type: 'merge' })
  expect((await seen(2)).status.typeChecking).toEqual({})
})
