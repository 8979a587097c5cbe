import { expect, test } from 'vitest'
import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { validatingadmissionpolicies } from '#api/admissionregistration/v1/validating-admission-policy'
import { validatingadmissionpolicybindings } from '#api/admissionregistration/v1/validating-admission-policy-binding'
import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import { horizontalpodautoscalers } from '#api/autoscaling/v2/horizontal-pod-autoscaler'
import { configmaps } from '#api/core/v1/config-map'
import { namespaces } from '#api/core/v1/namespace'
import { deployments } from '#api/apps/v1/deployment'
import type { ApiError } from '#apimachinery/api-error'
import type { Attributes, Decision } from '../../authorization/authorizer'
import { startAdmissionBed } from '../../testing/admission-bed'
import { startHttpsServer } from '../../testing/https-server'

const onMaps = { resourceRules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }] }
const map = (name: string, data: object = {}, labels: object = {}): never => ({ metadata: { namespace: 'ns', name, labels }, data }) as never

async function failure(call: Promise<unknown>): Promise<ApiError> {
  return (await call.then(() => expect.fail('it was let through'), (error: unknown) => error)) as ApiError
}

interface Judged {
  spec: object
  binding?: object
}
async function bedWith(policies: Record<string, Judged>, more: Parameters<typeof startAdmissionBed>[1] = {}) {
  const bed = await startAdmissionBed({}, more)
  for (const [name, { spec, binding }] of Object.entries(policies)) {
    await bed.client.create(validatingadmissionpolicies, { metadata: { name }, spec: { matchConstraints: onMaps, ...spec } } as never)
    await bed.client.create(validatingadmissionpolicybindings, { metadata: { name: `${name}-binding` }, spec: { policyName: name, validationActions: ['Deny'], ...binding } } as never)
  }
  await bed.seen(validatingadmissionpolicies, validatingadmissionpolicybindings)
  return bed
}

test('a policy refuses in its words, by its reason, and judges updates and deletions too', async () => {
  await using bed = await bedWith({
    keys: {
      spec: {
        variables: [{ name: 'count', expression: 'has(object.data) ? size(object.data) : 0' }],
        matchConditions: [{ name: 'living', expression: "request.operation != 'DELETE'" }],
        validations: [
          { expression: 'variables.count <= 2', message: 'at most two keys' },
          { expression: "object.metadata.name.startsWith('ok')", messageExpression: "'name ' + object.metadata.name + ' must start with ok'", reason: 'Forbidden' },
          { expression: "oldObject == null || !has(oldObject.data.fixed) || oldObject.data.fixed == object.data.fixed" },
        ],
      },
    },
    deletions: { spec: { validations: [{ expression: "request.operation != 'DELETE' || request.userInfo.username == 'root'", message: 'only root deletes' }] } },
  })
  const { client } = bed
  const many = await failure(client.create(configmaps, map('ok', { a: '', b: '', c: '' })))
  const message = "ValidatingAdmissionPolicy 'keys' with binding 'keys-binding' denied request: at most two keys"
  expect(many.status).toMatchObject({ code: 422, reason: 'Invalid', message: `configmaps "ok" is forbidden: ${message}`, details: { name: 'ok', kind: 'configmaps', causes: [{ message }] } })
  expect((await failure(client.create(configmaps, map('no')))).status).toMatchObject({ code: 403, reason: 'Forbidden', message: expect.stringContaining('denied request: name no must start with ok') })
  await client.create(configmaps, map('ok', { fixed: '1' }))
  const changed = await failure(client.patch(configmaps, { namespace: 'ns', name: 'ok' }, { data: { fixed: '2' } }, { type: 'merge' }))
  expect(changed.message).toContain('denied request: failed expression: oldObject == null || !has(oldObject.data.fixed)')
  expect((await failure(client.delete(configmaps, { namespace: 'ns', name: 'ok' }))).message).toContain('only root deletes')
  await bed.as({ name: 'root', groups: ['system:masters'] }).delete(configmaps, { namespace: 'ns', name: 'ok' })
})

test('actions warn or annotate instead; annotations of the policy are told in any case', async () => {
  await using bed = await bedWith({
    soft: {
      spec: { validations: [{ expression: "'a' in object.data", message: 'no a' }], auditAnnotations: [{ key: 'name', valueExpression: "'name is ' + object.metadata.name" }, { key: 'none', valueExpression: 'null' }] },
      binding: { validationActions: ['Warn', 'Audit'] },
    },
  })
  const annotations: Record<string, string> = {}
  const answer = await bed.transport.request({ method: 'POST', path: '/api/v1/namespaces/ns/configmaps', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { b: '' } } })
  expect(answer.warnings).toEqual(["Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft-binding': no a"])
  expect(annotations).toEqual({})
})

test('what cannot be told is refused, or let be', async () => {
  const validations = [{ expression: "object.data.missing == 'x'" }]
  await using bed = await bedWith({
    fails: { spec: { validations }, binding: { matchResources: { objectSelector: { matchLabels: { strict: 'yes' } } } } }, ignores: { spec: { validations, failurePolicy: 'Ignore' } },
    dear: { spec: { validations: [{ expression: '[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, true))))))' }] }, binding: { matchResources: { objectSelector: { matchLabels: { dear: 'yes' } } } } },
  })
  await bed.client.create(configmaps, map('a', {}))
  expect((await failure(bed.client.create(configmaps, map('b', {}, { strict: 'yes' })))).message).toMatch(/denied request: expression 'object.data.missing == 'x'' resulted in error: no such key: (missing|data)$/)
  expect((await failure(bed.client.create(configmaps, map('c', { missing: 'x' }, { dear: 'yes' })))).message).toContain('cost limit exceeded')
})

test('parameters come from a namespace, by name or by labels; without them the binding decides', async () => {
  const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: { resourceRules: [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }] }, validations: [{ expression: 'object.spec.replicas <= int(params.data.max)', messageExpression: "'at most ' + params.data.max" }] }
  await using bed = await bedWith({
    one: { spec, binding: { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } } },
    some: { spec, binding: { paramRef: { selector: { matchLabels: { limit: 'yes' } }, namespace: 'ns', parameterNotFoundAction: 'Allow' } } },
  })
  const { client } = bed
  const scaled = (name: string, replicas: number): Promise<unknown> => client.create(deployments, {
    metadata: { namespace: 'ns', name }, spec: { replicas, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
  } as never)
  expect((await failure(scaled('a', 1))).message).toContain("ValidatingAdmissionPolicy 'one' with binding 'one-binding' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction")
  await client.create(configmaps, map('limit', { max: '5' }))
  await client.create(configmaps, map('narrow', { max: '3' }, { limit: 'yes' }))
  await bed.seen(configmaps)
  await scaled('a', 3)
  expect((await failure(scaled('b', 4))).message).toContain("ValidatingAdmissionPolicy 'some' with binding 'some-binding' denied request: at most 3")
  expect((await failure(scaled('c', 6))).message).toContain("'one' with binding 'one-binding' denied request: at most 5")
})

test('a kind of parameters that nobody serves', async () => {
  await using bed = await bedWith({ odd: { spec: { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' }, validations: [{ expression: 'true' }] }, binding: { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } } } })
  expect((await failure(bed.client.create(configmaps, map('a')))).message).toContain("ValidatingAdmissionPolicy 'odd' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'")
})

test('expressions see the namespace, the version that the policy knows, and may ask what the user may do', async () => {
  const asked: Attributes[] = []
  const authorizer = {
    // Slowly, as a webhook does.
    authorize: (attributes: Attributes): Decision | Promise<Decision> => {
      asked.push(attributes)
      return Promise.resolve({ verdict: attributes.verb === 'frobnicate' ? 'allow' : 'no-opinion', reason: 'why not' })
    },
  }
  const rules = [{ operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] }]
  await using bed = await bedWith({
    namespaced: { spec: { validations: [{ expression: "namespaceObject.metadata.name == 'ns' && namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'ns'" }] } },
    asks: { spec: { validations: [{ expression: "authorizer.group('').resource('configmaps').namespace('ns').check('frobnicate').allowed() && !authorizer.requestResource.check('delete').allowed()" }] } },
    old: { spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: "object.spec.targetCPUUtilizationPercentage < 80 && request.kind.version == 'v1' && request.requestKind.version == 'v2'" }] } },
    exact: { spec: { matchConstraints: { resourceRules: rules, matchPolicy: 'Exact' }, validations: [{ expression: 'false' }] } },
  }, { authorizer })
  await bed.client.create(configmaps, map('a'))
  expect(asked.map(({ verb, resource, name, namespace }) => ({ verb, resource, name, namespace }))).toEqual([
    { verb: 'frobnicate', resource: 'configmaps', name: '', namespace: 'ns' }, { verb: 'delete', resource: 'configmaps', name: 'a', namespace: 'ns' },
  ])
  const scaler = (averageUtilization: number): never => ({
    metadata: { namespace: 'ns', generateName: 'h-' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }] },
  }) as never
  await bed.client.create(horizontalpodautoscalers, scaler(50))
  expect((await failure(bed.client.create(horizontalpodautoscalers, scaler(90)))).message).toContain("'old'")
})

test('rules name objects, leave some out, and selectors pick namespaces', async () => {
  const rule = onMaps.resourceRules[0]!
  const validations = [{ expression: 'false' }]
  await using bed = await bedWith({
    named: { spec: { matchConstraints: { resourceRules: [{ ...rule, resourceNames: ['a'] }] }, validations } },
    others: { spec: { matchConstraints: { ...onMaps, excludeResourceRules: [{ ...rule, resourceNames: ['a', 'b'] }], namespaceSelector: { matchLabels: { strict: 'yes' } } }, validations } },
  })
  const { client } = bed
  await client.create(namespaces, { metadata: { name: 'strict', labels: { strict: 'yes' } } })
  const at = (namespace: string, name: string): Promise<unknown> => client.create(configmaps, { metadata: { namespace, name } })
  expect((await failure(at('ns', 'a'))).message).toContain("'named'")
  await at('ns', 'b')
  await at('ns', 'c')
  await at('strict', 'b')
  expect((await failure(at('strict', 'c'))).message).toContain("'others'")
})

test('webhooks are asked only where their match conditions hold', async () => {
  await using server = await startHttpsServer(['hook'], ({ body }) => ({ body: { ...body, response: { uid: body.request.uid, allowed: true } } }))
  const hook = (name: string, expression: string, failurePolicy = 'Fail'): object => ({
    name: `${name}.example.com`, clientConfig: { url: server.url, caBundle: server.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'], failurePolicy, rules: onMaps.resourceRules,
    matchConditions: [{ name: 'c', expression }],
  })
  await using bed = await startAdmissionBed()
  await bed.client.create(mutatingwebhookconfigurations, { metadata: { name: 'a' }, webhooks: [hook('a', "object.metadata.name != 'skip'"), hook('b', "object.data.x == ''", 'Ignore')] } as never)
  await bed.client.create(validatingwebhookconfigurations, { metadata: { name: 'a' }, webhooks: [hook('c', "object.metadata.name != 'bad' || object.data.x == ''")] } as never)
  await bed.seen(mutatingwebhookconfigurations, validatingwebhookconfigurations)
  await bed.client.create(configmaps, map('skip', { y: '' }))
  expect(server.asked).toHaveLength(1)
  const untold = await failure(bed.client.create(configmaps, map('bad', { y: '' })))
  expect(untold.status).toMatchObject({ code: 403, message: `configmaps "bad" is forbidden: expression 'object.metadata.name != 'bad' || object.data.x == ''' resulted in error: no such key: x` })
})
