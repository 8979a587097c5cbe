import { expect, test } from 'vitest'
import { mutatingadmissionpolicies } from '#api/admissionregistration/v1/mutating-admission-policy'
import { mutatingadmissionpolicybindings } from '#api/admissionregistration/v1/mutating-admission-policy-binding'
import { deployments } from '#api/apps/v1/deployment'
import { horizontalpodautoscalers } from '#api/autoscaling/v2/horizontal-pod-autoscaler'
import { configmaps } from '#api/core/v1/config-map'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import type { ApiError } from '#apimachinery/api-error'
import type { Attributes, Decision } from '../../../authorization/authorizer'
import { startAdmissionBed } from '../../../testing/admission-bed'

const on = (resource: string, group = '', version = 'v1', operations = ['CREATE', 'UPDATE']): object => ({ resourceRules: [{ operations, apiGroups: [group], apiVersions: [version], resources: [resource] }] })
const map = (name: string, data: object = {}, labels: object = {}, annotations: object = {}): never => ({ metadata: { namespace: 'ns', name, labels, annotations }, data }) as never
const apply = (expression: string): object => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const patch = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const pod = (more: object = {}): never => ({ metadata: { namespace: 'ns', name: 'p' }, spec: { containers: [{ name: 'main', image: 'main:1' }], ...more } }) as never
const deployment = (name: string): never => ({
  metadata: { namespace: 'ns', name }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
}) as never
/** One more than the annotation says; `by` was here. */
const count = (by: string): object => apply(`Object{metadata: Object.metadata{annotations: {?"count": optional.of(string(int(object.metadata.annotations["count"]) + 1)), "${by}": "was here"}}}`)

async function failure(call: Promise<unknown>): Promise<ApiError> {
  return (await call.then(() => expect.fail('it was let through'), (error: unknown) => error)) as ApiError
}

type Policies = Record<string, { mutations: object[]; spec?: object; bindings?: Record<string, object> }>
async function bedWith(policies: Policies, more: Parameters<typeof startAdmissionBed>[1] = {}) {
  const bed = await startAdmissionBed({}, more)
  for (const [name, { mutations, spec, bindings = { [name]: {} } }] of Object.entries(policies)) {
    await bed.client.create(mutatingadmissionpolicies, { metadata: { name }, spec: { matchConstraints: on('configmaps'), reinvocationPolicy: 'Never', mutations, ...spec } } as never)
    for (const [binding, own] of Object.entries(bindings)) await bed.client.create(mutatingadmissionpolicybindings, { metadata: { name: binding }, spec: { policyName: name, ...own } } as never)
  }
  await bed.seen(mutatingadmissionpolicies, mutatingadmissionpolicybindings)
  return bed
}

test('configurations are merged as apply does: entries of maps and keyed items stay, and what comes is completed', async () => {
  await using bed = await bedWith({
    sidecar: {
      spec: { matchConstraints: on('pods') },
      mutations: [apply('Object{metadata: Object.metadata{labels: {"added": "yes"}}, spec: Object.spec{containers: [Object.spec.containers{name: "side", image: "side:1"}, Object.spec.containers{name: "main", tty: true}]}}')],
    },
  })
  const made = await bed.client.create(pods, { ...(pod() as object), metadata: { namespace: 'ns', name: 'p', labels: { own: '1', added: 'no' } } } as never)
  expect(made.metadata.labels).toEqual({ own: '1', added: 'yes' })
  expect(made.spec.containers).toEqual([
    expect.objectContaining({ name: 'side', image: 'side:1', imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' }), expect.objectContaining({ name: 'main', image: 'main:1', tty: true }),
  ])
})

test('operations are run in order; one that tests in vain leaves the object alone, others that do not apply refuse it', async () => {
  await using bed = await bedWith({
    operations: {
      spec: { matchConditions: [{ name: 'only', expression: "object.metadata.name.startsWith('ok')" }], variables: [{ name: 'size', expression: 'string(size(object.data))' }] },
      mutations: [
        patch('[JSONPatch{op: "add", path: "/metadata/labels", value: {}}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a"), value: "x"}]'),
        patch('[JSONPatch{op: "test", path: "/data/k", value: "other"}, JSONPatch{op: "remove", path: "/data/k"}]'),
        patch('has(object.data.from) ? [JSONPatch{op: "move", from: "/data/from", path: "/data/to"}] : []'),
        patch('[JSONPatch{op: "add", path: "/data/size", value: variables.size}]'),
        patch('[JSONPatch{op: "add", path: "/data/again", value: variables.size}]'),
      ],
    },
    broken: { spec: { matchConditions: [{ name: 'only', expression: "object.metadata.name == 'broken'" }] }, mutations: [patch('[JSONPatch{op: "remove", path: "/data/none"}]')] },
    unknown: { spec: { failurePolicy: 'Ignore', matchConditions: [{ name: 'only', expression: "object.metadata.name == 'unknown'" }] }, mutations: [patch('[JSONPatch{op: "add", path: "/strange", value: 1}]')] },
    unfit: { spec: { matchConditions: [{ name: 'only', expression: "object.metadata.name == 'unfit'" }] }, mutations: [patch('[JSONPatch{op: "add", path: "/data/n", value: 1}]')] },
  })
  const { client } = bed
  const made = await client.create(configmaps, map('ok', { k: 'v', from: 'f' }))
  expect(made.metadata.labels).toEqual({ 'example.com/a': 'x' })
  expect(made.data).toEqual({ k: 'v', to: 'f', size: '2', again: '3' })
  expect((await failure(client.create(configmaps, map('broken', { k: 'v' })))).message)
    .toBe("policy 'broken' with binding 'broken' denied request: JSON Patch: error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value")
  expect((await failure(client.create(configmaps, map('unknown')))).status).toMatchObject({ code: 500, message: 'Internal error occurred: strict decoding error: unknown field "strange"' })
  expect((await failure(client.create(configmaps, map('unfit', { k: 'v' })))).status).toMatchObject({ code: 500, message: expect.stringContaining('Internal error occurred: json: cannot unmarshal number into Go struct field ConfigMap.data of type string') })
})

test('what would be replaced as a whole is refused, and so is what the schema has not or what stands in the wrong place', async () => {
  await using bed = await bedWith({
    atomic: { spec: { matchConstraints: on('pods') }, mutations: [apply('Object{spec: Object.spec{containers: [Object.spec.containers{name: "main", args: ["x"]}], nodeSelector: {"a": "b"}}}')] },
    strange: { mutations: [apply('Object{metadata: Object.metadata{labels: Object.metadata.labels{a: "b"}}, spec: Object.spec{a: 1}}')] },
    misplaced: { spec: { matchConstraints: on('namespaces') }, mutations: [apply('Object{metadata: Object.spec{labels: {"a": "b"}}}')] },
    soft: { spec: { matchConstraints: on('deployments', 'apps'), failurePolicy: 'Ignore' }, mutations: [apply('Object{spec: Object.spec{nope: 1}}'), apply('Object{spec: Object.spec{replicas: 3}}')] },
  })
  const { client } = bed
  const refused = await failure(client.create(pods, pod()))
  const message = "policy 'atomic' with binding 'atomic' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args, .spec.nodeSelector"
  expect(refused.status).toMatchObject({ code: 403, reason: 'Invalid', message, details: { name: 'p', kind: 'pods', causes: [{ message }] } })
  expect((await failure(client.create(configmaps, map('a')))).message)
    .toBe("policy 'strange' with binding 'strange' denied request: error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema")
  expect((await failure(client.create(namespaces, { metadata: { name: 'other' } }))).message)
    .toBe(`policy 'misplaced' with binding 'misplaced' denied request: type mismatch: unexpected type name "Object.spec", expected "Object.metadata", which matches field name path from root Object type`)
  expect((await client.create(deployments, deployment('d'))).spec.replicas).toBe(3)
})

test('policies come in the order of their names; who wants to is asked once more', async () => {
  await using bed = await bedWith({
    c: { spec: { reinvocationPolicy: 'Never' }, mutations: [count('c')] },
    a: { spec: { reinvocationPolicy: 'IfNeeded' }, mutations: [count('a')] },
    b: { spec: { reinvocationPolicy: 'IfNeeded' }, mutations: [count('b')] },
  })
  const made = await bed.client.create(configmaps, map('m', {}, {}, { count: '0' }))
  expect(made.metadata.annotations).toEqual({ count: '5', a: 'was here', b: 'was here', c: 'was here' })
})

test('a policy that never wants to be asked again is asked once', async () => {
  await using bed = await bedWith({ a: { mutations: [count('a')] }, b: { mutations: [count('b')] } })
  expect((await bed.client.create(configmaps, map('m', {}, {}, { count: '0' }))).metadata.annotations!.count).toBe('2')
})

test('each set of parameters is a turn of its own, and bindings say whom they are for', async () => {
  const mutations = [apply('Object{metadata: Object.metadata{annotations: dyn({params.metadata.name: params.data.value})}}')]
  const spec = { matchConstraints: on('deployments', 'apps'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, reinvocationPolicy: 'IfNeeded' }
  await using bed = await bedWith({
    some: { spec, mutations, bindings: { some: { paramRef: { selector: { matchLabels: { give: 'yes' } }, parameterNotFoundAction: 'Allow' } } } },
    one: { spec, mutations, bindings: {
      one: { paramRef: { name: 'single', namespace: 'ns', parameterNotFoundAction: 'Deny' } },
      not: { paramRef: { name: 'never', parameterNotFoundAction: 'Deny' }, matchResources: { objectSelector: { matchLabels: { never: 'yes' } } } },
    } },
    bare: { spec, mutations: [apply('Object{metadata: Object.metadata{annotations: {"bare": string(params == null)}}}')] },
    odd: { spec: { ...spec, matchConstraints: on('pods'), paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } }, mutations, bindings: { odd: { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } } } },
  })
  const { client } = bed
  const missing = await failure(client.create(deployments, deployment('d')))
  expect(missing.status).toMatchObject({ code: 403, reason: 'Forbidden', message: "policy 'one' with binding 'one' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction" })
  expect((await failure(client.create(pods, pod()))).message).toBe(`policy "odd" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'`)
  for (const name of ['first', 'second', 'single']) await client.create(configmaps, map(name, { value: `of ${name}` }, name === 'single' ? {} : { give: 'yes' }))
  await bed.seen(configmaps)
  expect((await client.create(deployments, deployment('d'))).metadata.annotations).toEqual({ bare: 'true', first: 'of first', second: 'of second', single: 'of single' })
})

test('expressions see what the policy knows: its version, the namespace, the user and what that one may do', async () => {
  const asked: Attributes[] = []
  const authorizer = {
    // Slowly, as a webhook does.
    authorize: (attributes: Attributes): Decision | Promise<Decision> => {
      asked.push(attributes)
      return Promise.resolve({ verdict: attributes.verb === 'frobnicate' ? 'allow' : 'no-opinion', reason: '' })
    },
  }
  await using bed = await bedWith({
    old: { spec: { matchConstraints: on('horizontalpodautoscalers', 'autoscaling', 'v1') }, mutations: [apply('Object{spec: Object.spec{targetCPUUtilizationPercentage: object.spec.targetCPUUtilizationPercentage - 17}}')] },
    asks: { spec: { matchConditions: [{ name: 'may', expression: "authorizer.group('').resource('configmaps').check('frobnicate').allowed()" }] }, mutations: [
      patch("[JSONPatch{op: 'add', path: '/data', value: {'user': request.userInfo.username, 'namespace': namespaceObject.metadata.name, 'delete': string(authorizer.requestResource.check('delete').allowed())}}]"),
    ] },
  }, { authorizer })
  const scaler = await bed.client.create(horizontalpodautoscalers, {
    metadata: { namespace: 'ns', name: 'h' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
  } as never)
  expect(scaler.spec.metrics![0]!.resource!.target.averageUtilization).toBe(33)
  expect((await bed.client.create(configmaps, map('a', { k: 'v' }))).data).toEqual({ user: 'admin', namespace: 'ns', delete: 'false' })
  // What was changed is looked at in a second round, in which conditions come first again.
  expect(asked.map(({ verb }) => verb)).toEqual(['frobnicate', 'delete', 'frobnicate'])
})

test('what cannot be told is refused, or let be', async () => {
  const dear = '[1,2,3,4,5,6,7,8,9,10]'
  const costly = `${dear}.all(a, ${dear}.all(b, ${dear}.all(c, ${dear}.all(d, ${dear}.all(e, ${dear}.all(f, true))))))`
  const when = (name: string): object => ({ objectSelector: { matchLabels: { for: name } } })
  const mutations = [apply('Object{metadata: Object.metadata{annotations: {"a": object.data.missing}}}')]
  await using bed = await bedWith({
    fails: { mutations, bindings: { fails: { matchResources: when('fails') } } },
    ignores: { spec: { failurePolicy: 'Ignore' }, mutations, bindings: { ignores: { matchResources: when('ignores') } } },
    untold: { spec: { matchConditions: [{ name: 'c', expression: "object.data.missing == ''" }] }, mutations, bindings: { untold: { matchResources: when('untold') } } },
    dear: { mutations: [apply(`Object{metadata: Object.metadata{annotations: {"a": string(${costly})}}}`)], bindings: { dear: { matchResources: when('dear') } } },
  })
  const made = (name: string): Promise<unknown> => bed.client.create(configmaps, map(name, { k: 'v' }, { for: name }))
  expect((await failure(made('fails'))).message).toMatch(/^policy 'fails' with binding 'fails' denied request: expression 'Object.*' resulted in error: no such key: missing$/)
  await made('ignores')
  expect((await failure(made('untold'))).status).toMatchObject({ code: 403, reason: 'Invalid', message: "policy 'untold' with binding 'untold' denied request: expression 'object.data.missing == ''' resulted in error: no such key: missing" })
  expect((await failure(made('dear'))).message).toContain('cost limit exceeded')
})

test('scales and status are changed as what they are; a connection has nothing to change', async () => {
  await using bed = await bedWith({
    scale: { spec: { matchConstraints: on('deployments/scale', 'apps') }, mutations: [apply('Object{spec: Object.spec{replicas: object.spec.replicas + 1}}')] },
    status: { spec: { matchConstraints: on('pods/status') }, mutations: [apply('Object{status: Object.status{message: "seen"}}')] },
    connect: { spec: { matchConstraints: on('pods/exec', '', 'v1', ['CONNECT']), failurePolicy: 'Ignore' }, mutations: [apply('Object{command: ["ls"]}')] },
  })
  const { client, transport } = bed
  await client.create(deployments, deployment('d'))
  const scaled = await client.subresource<object, { spec: { replicas: number } }>(deployments, { namespace: 'ns', name: 'd' }, 'scale', 'PUT', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd', namespace: 'ns' }, spec: { replicas: 4 } })
  expect(scaled.spec.replicas).toBe(5)
  await client.create(pods, pod())
  expect((await client.patch(pods, { namespace: 'ns', name: 'p' }, { status: { reason: 'why' } }, { type: 'merge', subresource: 'status' } as never)).status).toMatchObject({ reason: 'why', message: 'seen' })
  const connected = await failure(transport.request({ method: 'GET', path: '/api/v1/namespaces/ns/pods/p/exec', query: { command: 'ps', container: 'main', stdout: true } }))
  expect(connected.status).toMatchObject({ code: 503, message: expect.stringContaining('Resource kind /v1, Kind=PodExecOptions not found.') })
})

test('policies have no say about policies and deletions', async () => {
  await using bed = await bedWith({ all: { spec: { matchConstraints: { resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] } }, mutations: [apply('Object{metadata: Object.metadata{labels: {"touched": "yes"}}}')] } })
  const { client } = bed
  expect((await client.create(configmaps, map('m'))).metadata.labels).toEqual({ touched: 'yes' })
  const policy = await client.patch(mutatingadmissionpolicies, { name: 'all' }, { metadata: { annotations: { a: 'b' } } }, { type: 'merge' })
  expect(policy.metadata.labels).toBeUndefined()
  await client.delete(configmaps, { namespace: 'ns', name: 'm' })
})
