import { expect, test } from 'vitest'
import { deployments, mutatingadmissionpolicies, mutatingadmissionpolicybindings, validatingadmissionpolicies, validatingadmissionpolicybindings, type admissionregistration, type Deployment } from '#api/index'
import type { Input } from '#apimachinery/object'
import { isInvalid } from '#client/index'
import { web } from '../manifests'
import { eventually, refusal, serve } from './cluster'
import { unlessAway } from './away'

const served = serve()

const matchConstraints = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['deployments'] }] }
const create = (namespace: string, name: string, replicas: number): Promise<Deployment> => served.client.create(deployments, { ...web({ replicas }), metadata: { namespace, name } })

/** A policy over the deployments of a namespace of its own; resolves when it is obeyed: what has a single replica is denied. */
async function validate(spec: Input<admissionregistration.ValidatingAdmissionPolicySpec>): Promise<string> {
  const namespace = await served.namespace({ policed: 'yes' })
  const name = `${namespace}.policy.example.com`
  await served.client.create(validatingadmissionpolicies, { metadata: { name }, spec: { matchConstraints, ...spec } })
  await served.client.create(validatingadmissionpolicybindings, { metadata: { name }, spec: { policyName: name, validationActions: ['Deny'], matchResources: inNamespace(namespace) } })
  let markers = 0
  await eventually(async () => expect(isInvalid(await refusal(create(namespace, `marker-${markers++}`, 1)))).toBe(true))
  return namespace
}
const inNamespace = (namespace: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } })

test('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment', async () => {
  const namespace = await validate({
    validations: [
      { expression: 'object.spec.replicas > 1', messageExpression: "'wants replicas > 1, got ' + string(object.spec.replicas)" },
      { expression: "namespaceObject.metadata.labels['policed'] == 'yes'", message: 'another namespace' },
    ],
  })
  expect((await create(namespace, 'two', 2)).spec.replicas).toBe(2)
  expect((await refusal(create(namespace, 'one', 1))).message).toContain('wants replicas > 1, got 1')
  expect((await create(await served.namespace(), 'elsewhere', 1)).spec.replicas).toBe(1)
})

test('[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables.', async () => {
  const namespace = await validate({
    variables: [{ name: 'replicas', expression: 'object.spec.replicas' }, { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' }],
    validations: [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }],
  })
  expect((await create(namespace, 'three', 3)).spec.replicas).toBe(3)
  for (const replicas of [1, 4]) expect(isInvalid(await refusal(create(namespace, `not-${replicas}`, replicas)))).toBe(true)
})

/** A policy that changes the deployments of a namespace of its own. */
async function mutate(expression: string): Promise<string> {
  const namespace = await served.namespace()
  const name = `${namespace}.policy.example.com`
  await served.client.create(mutatingadmissionpolicies, { metadata: { name }, spec: { matchConstraints, reinvocationPolicy: 'Never', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] } })
  await served.client.create(mutatingadmissionpolicybindings, { metadata: { name }, spec: { policyName: name, matchResources: inNamespace(namespace) } })
  return namespace
}
/** Makes deployments until one was changed. */
async function changed(namespace: string, wasChanged: (deployment: Deployment) => void): Promise<Deployment> {
  let made = 0
  return eventually(async () => {
    const deployment = await create(namespace, `web-${made++}`, 1)
    wasChanged(deployment)
    return deployment
  })
}

unlessAway('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment', async () => {
  const namespace = await mutate('Object{spec: Object.spec{replicas: object.spec.replicas + 100}}')
  const { spec } = await changed(namespace, ({ spec: { replicas } }) => expect(replicas).toBe(101))
  expect(spec.template.spec.containers).toHaveLength(1)
})

unlessAway('[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations', async () => {
  const namespace = await mutate('Object{metadata: Object.metadata{annotations: {"my-annotation": "changed by policy"}}}')
  const { spec } = await changed(namespace, ({ metadata: { annotations } }) => expect(annotations).toMatchObject({ 'my-annotation': 'changed by policy' }))
  expect(spec.replicas).toBe(1)
})
