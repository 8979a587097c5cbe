import { expect, test } from 'vitest'
import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import { deployments } from '#api/apps/v1/deployment'
import { horizontalpodautoscalers } from '#api/autoscaling/v2/horizontal-pod-autoscaler'
import { configmaps } from '#api/core/v1/config-map'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import type { ApiError } from '#apimachinery/api-error'
import { startAdmissionBed } from '../../testing/admission-bed'
import { type AskedOf, startHttpsServer } from '../../testing/https-server'

type Answer = Record<string, unknown>
type Answers = Record<string, (request: any) => Answer>

/** A webhook server: what it says to a path, by the request it is asked about. */
const hookServer = (answers: Answers) =>
  startHttpsServer(['hook'], ({ path, body }: AskedOf) => {
    const { uid } = body.request
    return { body: { kind: body.kind, apiVersion: body.apiVersion, response: { uid, ...answers[path.split('?')[0]!]!(body.request) } } }
  })

const patch = (...operations: object[]): Answer => ({ allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') })
const hook = (server: { url: string; caBundle: string }, path: string, resources: string[], more: object = {}): object => ({
  name: `${path.slice(1)}.example.com`, clientConfig: { url: server.url + path, caBundle: server.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'],
  rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources }], ...more,
})
const map = (name: string, data: object = {}, labels: object = {}): object => ({ metadata: { namespace: 'ns', name, labels }, data })

async function failure(call: Promise<unknown>): Promise<ApiError> {
  return (await call.then(() => expect.fail('it was let through'), (error: unknown) => error)) as ApiError
}

async function bedWith(mutating: Record<string, object[]>, validating: Record<string, object[]> = {}) {
  const bed = await startAdmissionBed()
  for (const [name, webhooks] of Object.entries(mutating)) await bed.client.create(mutatingwebhookconfigurations, { metadata: { name }, webhooks } as never)
  for (const [name, webhooks] of Object.entries(validating)) await bed.client.create(validatingwebhookconfigurations, { metadata: { name }, webhooks } as never)
  await bed.seen(mutatingwebhookconfigurations, validatingwebhookconfigurations)
  return bed
}

test('a webhook is asked with an AdmissionReview and refuses in its own words', async () => {
  await using server = await hookServer({ '/deny': () => ({ allowed: false, status: { code: 418, reason: 'Teapot', message: 'not today' }, warnings: ['careful'] }), '/mute': () => ({ allowed: false }) })
  await using bed = await bedWith({}, { a: [hook(server, '/deny', ['configmaps'])], b: [hook(server, '/mute', ['namespaces'])] })
  const refused = await failure(bed.client.create(configmaps, map('a', { x: 'y' }) as never))
  expect(refused.status).toMatchObject({ code: 418, reason: 'Teapot', status: 'Failure', message: 'admission webhook "deny.example.com" denied the request: not today' })
  expect((await failure(bed.client.create(namespaces, { metadata: { name: 'other' } }))).status).toMatchObject({ code: 400, message: 'admission webhook "mute.example.com" denied the request without explanation' })
  const { kind, apiVersion, request } = server.asked[0]!.body
  expect({ kind, apiVersion }).toEqual({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' })
  expect(request).toMatchObject({
    kind: { group: '', version: 'v1', kind: 'ConfigMap' }, resource: { group: '', version: 'v1', resource: 'configmaps' }, requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    name: 'a', namespace: 'ns', operation: 'CREATE', userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] }, oldObject: null, dryRun: false,
    object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'ns' }, data: { x: 'y' } }, options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
  })
  expect(server.asked[0]!.path).toBe('/deny?timeout=10s')
  expect(server.asked[1]!.body.request).toMatchObject({ name: 'other', namespace: 'other' })
})

test('webhooks change objects one after another; defaults come back, and who wants to is asked again', async () => {
  await using server = await hookServer({
    '/first': ({ object }) => patch({ op: 'add', path: '/metadata/annotations', value: { ...object.metadata.annotations, first: String(object.spec.containers.length) } }),
    '/second': () => patch({ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 'side:1' } }),
    '/once': () => ({ allowed: true }),
  })
  await using bed = await bedWith({
    b: [hook(server, '/second', ['pods'], { rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] })],
    a: [hook(server, '/first', ['pods'], { reinvocationPolicy: 'IfNeeded' }), hook(server, '/once', ['pods'])],
  })
  const pod = await bed.client.create(pods, { metadata: { namespace: 'ns', name: 'p' }, spec: { containers: [{ name: 'main', image: 'main:1' }] } } as never)
  expect(server.asked.map(({ path }) => path.split('?')[0])).toEqual(['/first', '/once', '/second', '/first'])
  expect(pod.metadata.annotations).toEqual({ first: '2' })
  expect(pod.spec.containers[1]).toMatchObject({ name: 'side', imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' })
})

test('selectors, operations, subresources and scopes say what a webhook is for', async () => {
  await using server = await hookServer({ '/see': () => ({ allowed: true }), '/cluster': () => ({ allowed: true }) })
  await using bed = await bedWith({}, {
    a: [hook(server, '/see', ['configmaps', 'pods/status'], { objectSelector: { matchLabels: { see: 'yes' } }, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ns' } } })],
    b: [hook(server, '/cluster', ['*'], { rules: [{ operations: ['DELETE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: 'Cluster' }] })],
  })
  const { client } = bed
  await client.create(namespaces, { metadata: { name: 'other' } })
  await client.create(configmaps, map('unseen') as never)
  await client.create(configmaps, { metadata: { namespace: 'other', name: 'seen', labels: { see: 'yes' } } })
  await client.create(configmaps, map('seen', {}, { see: 'yes' }) as never)
  await client.patch(configmaps, { namespace: 'ns', name: 'seen' }, { metadata: { labels: { see: null } } }, { type: 'merge' })
  await client.delete(configmaps, { namespace: 'ns', name: 'unseen' })
  await client.delete(namespaces, { name: 'other' })
  expect(server.asked.map(({ path, body: { request } }) => [path.split('?')[0], request.operation, request.name])).toEqual([
    ['/see', 'CREATE', 'seen'], ['/see', 'UPDATE', 'seen'], ['/cluster', 'DELETE', 'other'],
  ])
  expect(server.asked[1]!.body.request).toMatchObject({ oldObject: { metadata: { labels: { see: 'yes' } } }, options: { kind: 'UpdateOptions' } })
  expect(server.asked[2]!.body.request).toMatchObject({ object: null, oldObject: { metadata: { name: 'other' } }, options: { kind: 'DeleteOptions' } })
})

test('a webhook sees the version that it knows, and what it changes there is kept', async () => {
  await using server = await hookServer({ '/old': () => patch({ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 33 }) })
  const rules = [{ operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] }]
  await using bed = await bedWith({ a: [hook(server, '/old', [], { rules }), hook(server, '/exact', [], { rules, matchPolicy: 'Exact' })] })
  const made = await bed.client.create(horizontalpodautoscalers, {
    metadata: { namespace: 'ns', name: 'h' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }] },
  } as never)
  expect(server.asked).toHaveLength(1)
  expect(server.asked[0]!.body.request).toMatchObject({
    kind: { group: 'autoscaling', version: 'v1' }, requestKind: { version: 'v2' }, requestResource: { version: 'v2' }, object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 50 } },
  })
  expect(made.spec.metrics![0]!.resource!.target.averageUtilization).toBe(33)
})

test('a webhook that fails closes the door, or leaves it open', async () => {
  await using server = await startHttpsServer(['hook'], ({ path, body }) =>
    path.startsWith('/wrong') ? { body: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: 'other', allowed: true } } }
    : path.startsWith('/patch') ? { body: { ...body, response: { uid: body.request.uid, allowed: true, patch: 'e30=', patchType: 'JSONPatch' } } } : { code: 500, headers: { 'content-type': 'text/plain' }, body: 'oops' })
  await using bed = await bedWith({}, {
    a: [hook(server, '/open', ['configmaps'], { failurePolicy: 'Ignore' })],
    b: [hook(server, '/wrong', ['namespaces']), hook(server, '/broken', ['pods']), hook(server, '/patch', ['deployments'])],
    c: [hook(server, '/dry', ['secrets'], { sideEffects: 'NoneOnDryRun' })],
  })
  const { client } = bed
  await client.create(configmaps, map('fine') as never)
  const wrong = await failure(client.create(namespaces, { metadata: { name: 'other' } }))
  expect(wrong.code).toBe(500)
  expect(wrong.message).toMatch(/^Internal error occurred: failed calling webhook "wrong.example.com": received invalid webhook response: expected response.uid="[-0-9a-f]+", got "other"$/)
  const broken = await failure(client.create(pods, { metadata: { namespace: 'ns', name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } } as never))
  expect(broken.message).toBe('Internal error occurred: failed calling webhook "broken.example.com": failed to call webhook: an error on the server ("oops") has prevented the request from succeeding')
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  expect((await failure(client.create(deployments, { metadata: { namespace: 'ns', name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } } as never))).message)
    .toContain('received invalid webhook response: validating webhook may not return response.patch')
})

test('webhooks have no say about webhooks', async () => {
  await using server = await hookServer({ '/all': () => ({ allowed: false }) })
  await using bed = await bedWith({ a: [hook(server, '/all', ['*'])] }, { a: [hook(server, '/all', ['*'])] })
  await bed.client.delete(mutatingwebhookconfigurations, { name: 'a' })
  await bed.client.delete(validatingwebhookconfigurations, { name: 'a' })
  expect(server.asked).toEqual([])
})

test('scales, evictions, reviews and connections are asked about as what they are', async () => {
  await using server = await hookServer({
    '/scale': ({ object }) => patch({ op: 'replace', path: '/spec/replicas', value: object.spec.replicas + 1 }),
    '/deny': ({ kind }) => ({ allowed: false, status: { message: `no ${kind.kind}` } }),
  })
  await using bed = await bedWith({ a: [hook(server, '/scale', ['deployments/scale'])] }, { a: [hook(server, '/deny', ['pods/eviction', 'pods/exec', 'pods/proxy', 'bindings'])] })
  const { client, transport } = bed
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await client.create(deployments, { metadata: { namespace: 'ns', name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } } as never)
  await client.create(pods, { metadata: { namespace: 'ns', name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } } as never)
  const scaled = await client.subresource<object, { spec: { replicas: number } }>(deployments, { namespace: 'ns', name: 'd' }, 'scale', 'PUT', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd', namespace: 'ns' }, spec: { replicas: 4 } })
  expect(scaled.spec.replicas).toBe(5)
  expect(server.asked[0]!.body.request).toMatchObject({
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, resource: { group: 'apps', version: 'v1', resource: 'deployments' }, subResource: 'scale', operation: 'UPDATE',
    object: { kind: 'Scale', spec: { replicas: 4 } }, oldObject: { kind: 'Scale', spec: { replicas: 1 } },
  })
  const evicted = await failure(client.subresource(pods, { namespace: 'ns', name: 'p' }, 'eviction', 'POST', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }))
  expect(evicted.message).toBe('admission webhook "deny.example.com" denied the request: no Eviction')
  const connected = await failure(transport.request({ method: 'GET', path: '/api/v1/namespaces/ns/pods/p/exec', query: { command: 'ls', container: 'c', stdout: true } }))
  expect(connected.message).toBe('admission webhook "deny.example.com" denied the request: no PodExecOptions')
  expect(server.asked.at(-1)!.body.request).toMatchObject({ operation: 'CONNECT', object: { kind: 'PodExecOptions', apiVersion: 'v1', command: ['ls'], container: 'c', stdout: true }, oldObject: null, options: null })
  expect((await failure(transport.request({ method: 'GET', path: '/api/v1/namespaces/ns/pods/p/proxy/a/b' }))).message).toContain('no PodProxyOptions')
  expect(server.asked.at(-1)!.body.request.object).toEqual({ kind: 'PodProxyOptions', apiVersion: 'v1', path: '/a/b' })
  const bound = await failure(transport.request({ method: 'POST', path: '/api/v1/namespaces/ns/bindings', body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } } }))
  expect(bound.message).toContain('no Binding')
})
