import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { validatingadmissionpolicies } from '#api/admissionregistration/v1/validating-admission-policy'
import { openApiV3 } from '#api/openapi/files'
import { ApiError, notFound } from '#apimachinery/api-error'
import { createTestBed } from '#controller-runtime/test-bed'
import { validatingAdmissionPolicyStatus } from './validatingadmissionpolicy-status'

const text = { type: 'string' }
const widgetKind = [{ group: 'shop.example.com', version: 'v1', kind: 'Widget' }]
const shop = {
  paths: {
    '/apis/shop.example.com/v1/namespaces/{namespace}/widgets': { post: { 'x-kubernetes-group-version-kind': widgetKind[0] } },
    '/apis/shop.example.com/v1/limits': { get: { 'x-kubernetes-group-version-kind': { ...widgetKind[0], kind: 'Limit' } } },
  },
  components: {
    schemas: {
      Widget: { type: 'object', properties: { spec: { type: 'object', properties: { colour: text, size: { type: 'integer' } } } }, 'x-kubernetes-group-version-kind': widgetKind },
      Limit: { type: 'object', properties: { most: { allOf: [{ $ref: '#/components/schemas/Size' }] } }, 'x-kubernetes-group-version-kind': [{ ...widgetKind[0], kind: 'Limit' }] },
      Size: { type: 'integer' },
    },
  },
}
const builtIn = new Map(await Promise.all(['api/v1', 'apis/apps/v1', 'apis/batch/v1'].map(async (path) => [path, JSON.parse(gunzipSync((await openApiV3(path))!.gzip).toString()) as unknown] as const)))
const documents = new Map([...builtIn, ['apis/shop.example.com/v1', shop]])

const rule = (apiGroup: string, ...resources: string[]) => ({ apiGroups: [apiGroup], apiVersions: ['v1'], operations: ['*'], resources })

/** A cluster's documents, and the warnings about a policy. */
async function judged(spec: Record<string, unknown>, rules: object[] = [rule('apps', 'deployments')]) {
  await using bed = createTestBed()
  const asked: string[] = []
  bed.api.intercept(({ path }) => {
    if (!path.startsWith('/openapi/v3/')) return
    const name = path.slice('/openapi/v3/'.length)
    asked.push(name)
    if (name.includes('down')) throw new ApiError(503, 'ServiceUnavailable', 'nobody is there')
    if (!documents.has(name)) throw notFound({ group: '', resource: 'documents' }, name)
    return { code: 200, body: documents.get(name), warnings: [] }
  })
  bed.api.seed(validatingadmissionpolicies, { metadata: { name: 'p', generation: 3 }, spec: { matchConstraints: { resourceRules: rules }, ...spec } })
  await bed.start(validatingAdmissionPolicyStatus)
  const { observedGeneration, typeChecking } = bed.api.read(validatingadmissionpolicies, 'p')!.status
  expect(observedGeneration).toBe(3)
  const writes = bed.writes()
  await bed.idle()
  expect([...writes, ...bed.writes()]).toEqual(['PATCH /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/p/status'])
  return { asked, warnings: typeChecking!.expressionWarnings }
}
const validations = (...expressions: string[]) => ({ validations: expressions.map((expression) => ({ expression })) })
const at = (i: number, column: number, fault: string, expression: string, ...kinds: string[]) =>
  ({ fieldRef: `spec.validations[${i}].expression`, warning: kinds.map((kind) => `${kind}: ERROR: <input>:1:${column}: ${fault}\n | ${expression}\n | ${'.'.repeat(column - 1)}^\n`).join('\n') })

test('warnings name the expression, the kind and the place', async () => {
  const { warnings } = await judged(validations('object.spec.nope == 1', 'object.spec.replicas <= 3', "object.spec.replicas == 'x'"))
  expect(warnings).toEqual([
    at(0, 12, "undefined field 'nope'", 'object.spec.nope == 1', 'apps/v1, Kind=Deployment'),
    at(2, 22, "found no matching overload for '_==_' applied to '(int, string)'", "object.spec.replicas == 'x'", 'apps/v1, Kind=Deployment'),
  ])
})

test('a policy without faults is told so, and its generation seen', async () => {
  expect((await judged(validations(
    "object.spec.template.spec.containers.all(c, c.image.startsWith('a') && has(c.securityContext))", "object.metadata.labels['a'] == oldObject.metadata.name",
    "string(object.spec.strategy.rollingUpdate.maxSurge) == '1'", "namespaceObject.metadata.name == request.namespace && authorizer.group('').resource('pods').check('get').allowed()",
  ))).warnings).toBeUndefined()
})

test('a kind of each rule, in the order of their names, and messages too', async () => {
  const expression = 'object.spec.nope'
  const { warnings } = await judged({ validations: [{ expression: 'true', messageExpression: expression }] }, [rule('batch', 'jobs'), rule('', 'pods', 'pods/status', 'none'), rule('apps', 'deployments')])
  expect(warnings).toEqual([{ ...at(0, 12, "undefined field 'nope'", expression, '/v1, Kind=Pod', 'apps/v1, Kind=Deployment', 'batch/v1, Kind=Job'), fieldRef: 'spec.validations[0].messageExpression' }])
})

test('wildcards are not followed, and no more than ten kinds looked at', async () => {
  const wild = await judged(validations('object.nope'), [rule('*', 'pods'), { ...rule('apps', 'deployments'), apiVersions: ['*'] }, rule('', '*', '*/*', 'pods/*')])
  expect(wild.warnings).toBeUndefined()
  const many = ['bindings', 'configmaps', 'endpoints', 'events', 'limitranges', 'persistentvolumeclaims', 'podtemplates', 'pods', 'replicationcontrollers', 'resourcequotas', 'secrets', 'services']
  const { warnings, asked } = await judged(validations('object.nope'), [rule('', ...many), rule('apps', 'deployments')])
  const kinds = [...warnings![0]!.warning.matchAll(/^(.*): ERROR/gm)].map(([, kind]) => kind!.replace('/v1, Kind=', ''))
  expect(kinds).toEqual(['Binding', 'ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'PersistentVolumeClaim', 'Pod', 'PodTemplate', 'ReplicationController', 'ResourceQuota'])
  expect(asked).toEqual(['api/v1'])
})

test('variables have the types of their expressions', async () => {
  const { warnings } = await judged({ variables: [{ name: 'n', expression: 'object.spec.replicas' }, { name: 'bad', expression: 'object.nope' }], ...validations("variables.n == 'x'", 'variables.bad == 1', 'variables.none') })
  expect(warnings!.map(({ fieldRef, warning }) => [fieldRef, warning.match(/:1:\d+: (.*)/)![1]])).toEqual([
    ['spec.validations[0].expression', "found no matching overload for '_==_' applied to '(int, string)'"], ['spec.validations[2].expression', "undefined field 'none'"],
  ])
})

test('custom resources are judged as their server describes them, params too', async () => {
  const spec = { paramKind: { apiVersion: 'shop.example.com/v1', kind: 'Limit' }, ...validations('object.spec.size <= params.most', 'params.least == 1', "object.spec.colour == 1", 'object.metadata.labels.size() == 0') }
  const { warnings } = await judged(spec, [rule('shop.example.com', 'widgets')])
  expect(warnings!.map(({ warning }) => warning.match(/:1:\d+: (.*)/)![1])).toEqual(["undefined field 'least'", "found no matching overload for '_==_' applied to '(string, int)'", "undefined field 'labels'"])
  const unknown = { ...spec, paramKind: { apiVersion: 'v1', kind: 'Gone' } }
  expect((await judged(unknown, [rule('shop.example.com', 'widgets')])).warnings).toHaveLength(2)
  expect((await judged(validations('params.x == 1'), [rule('shop.example.com', 'widgets')])).warnings![0]!.warning).toContain("undeclared reference to 'params'")
})

test('what nobody describes is left alone, be its server away or not there', async () => {
  expect((await judged(validations('object.nope'), [rule('down.example.com', 'things'), rule('other.example.com', 'things')])).warnings).toBeUndefined()
})

test('a changed policy is looked at again', async () => {
  await using bed = createTestBed()
  bed.api.intercept(({ path }) => (path === '/openapi/v3/apis/apps/v1' ? { code: 200, body: documents.get('apis/apps/v1'), warnings: [] } : undefined))
  const spec = (expression: string) => ({ matchConstraints: { resourceRules: [rule('apps', 'deployments')] }, ...validations(expression) })
  await bed.start(validatingAdmissionPolicyStatus)
  await bed.client.create(validatingadmissionpolicies, { metadata: { name: 'p' }, spec: spec('object.nope') })
  await bed.idle()
  const status = () => bed.api.read(validatingadmissionpolicies, 'p')!.status
  expect(status()).toMatchObject({ observedGeneration: 1, typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression' }] } })
  await bed.client.patch(validatingadmissionpolicies, { name: 'p' }, { spec: spec('true') }, { type: 'merge' })
  await bed.idle()
  expect(status().observedGeneration).toBe(2)
})
