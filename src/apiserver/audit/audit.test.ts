import { get } from 'node:https'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { FieldErrors } from '#apimachinery/field-errors'
import { systemClock } from '#base/clock'
import { createFakeClock } from '#base/fake-clock'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { silent } from '#component-base/log'
import { createMetrics } from '#component-base/metrics'
import { wholeOptions } from '#component-base/options/whole'
import { staticTokens } from '../authentication/static-tokens'
import { bearerTokens } from '../authentication/token'
import type { Attributes } from '../authorization/authorizer'
import { superusers } from '../authorization/chain'
import { requestInfoOf } from '../request-path'
import { startTestServer } from '../testing/test-server'
import { startWebhookServer } from '../testing/webhook-server'
import { createWebhooks } from '../webhook/webhooks'
import { createAudit } from './audit'
import { type Backend, truncating } from './backend'
import { batching } from './batching'
import { AuditEvent, legacyLine, type EventFacts, type Stage } from './event'
import { openAudit } from './open-audit'
import { auditOptions } from './options'
import { evaluator, type Policy, readPolicy, validatePolicy } from './policy'
import { openRotatingFile } from './rotating-file'
import { sourceIps } from './source-ips'

type Json = Record<string, any>

function recording(fails?: () => boolean): Backend & { events: AuditEvent[]; json(stage?: Stage): Json[] } {
  const events: AuditEvent[] = []
  return {
    events,
    json: (stage) => events.map((event) => JSON.parse(event.json) as Json).filter((event) => stage === undefined || event.stage === stage),
    process(given) {
      events.push(...given)
      return !fails?.()
    },
    async [Symbol.asyncDispose]() {},
  }
}

const rules = (...given: Policy['rules']): Policy => ({ rules: given })
const map = (name: string, data: Record<string, string> = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }) as never

async function auditedServer(policy: Policy, backend: Backend, more: Parameters<typeof startTestServer>[0] = {}) {
  const clock = createFakeClock()
  return startTestServer({ audit: createAudit(policy, backend, { clock }), ...more })
}

test('a write is recorded at its stages, with both objects where the level wants them', async () => {
  const backend = recording()
  await using server = await auditedServer(rules({ level: 'RequestResponse', resources: [{ group: '', resources: ['configmaps'] }] }), backend)
  await server.client.create(configmaps, map('a', { x: '1' }))
  expect(backend.json().map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
  const [received, complete] = backend.json()
  expect(received).toMatchObject({
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'RequestResponse', requestURI: '/api/v1/namespaces/default/configmaps', verb: 'create',
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] }, sourceIPs: ['::1'], userAgent: 'navarch',
    objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' }, requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  })
  expect(received).not.toHaveProperty('responseStatus')
  expect(complete!.auditID).toBe(received!.auditID)
  expect(complete).toMatchObject({ objectRef: { name: 'a' }, responseStatus: { metadata: {}, code: 201 }, requestObject: { data: { x: '1' } }, responseObject: { kind: 'ConfigMap', data: { x: '1' } } })
  expect(complete!.responseObject.metadata.managedFields).toHaveLength(1)
  expect(complete!.responseObject.metadata.uid).toBeTruthy()
})

test('lower levels say less, and None nothing', async () => {
  const backend = recording()
  await using server = await auditedServer(
    rules({ level: 'None', verbs: ['get'] }, { level: 'Request', verbs: ['create'], omitStages: ['RequestReceived'] }, { level: 'Metadata', omitStages: ['RequestReceived'] }), backend)
  const start = backend.events.length
  await server.client.create(configmaps, map('a', { x: '1' }))
  await server.client.get(configmaps, { namespace: 'default', name: 'a' })
  await server.client.patch(configmaps, { namespace: 'default', name: 'a' }, { data: { y: '2' } }, { type: 'merge' })
  await server.client.delete(configmaps, { namespace: 'default', name: 'a' })
  const [created, patched, deleted] = backend.json().slice(start)
  expect(backend.events).toHaveLength(start + 3)
  expect(created).toMatchObject({ verb: 'create', requestObject: { data: { x: '1' } } })
  expect(created).not.toHaveProperty('responseObject')
  expect(patched).toMatchObject({ verb: 'patch', objectRef: { name: 'a' }, responseStatus: { code: 200 } })
  expect(patched).not.toHaveProperty('requestObject')
  expect(deleted).toMatchObject({ verb: 'delete', responseStatus: { status: 'Success', details: { name: 'a', kind: 'configmaps' }, code: 200 } })
})

test('a patch is recorded as it was sent; managed fields are left out where the policy says so', async () => {
  const backend = recording()
  await using server = await auditedServer({ omitManagedFields: true, rules: [{ level: 'RequestResponse' }] }, backend)
  await server.client.create(configmaps, map('a'))
  await server.client.patch(configmaps, { namespace: 'default', name: 'a' }, { data: { y: '2' } }, { type: 'merge' })
  const patched = backend.json('ResponseComplete').find(({ verb }) => verb === 'patch')!
  expect(patched.requestObject).toEqual({ data: { y: '2' } })
  expect(patched.responseObject.data).toEqual({ y: '2' })
  expect(patched.responseObject.metadata).not.toHaveProperty('managedFields')
})

test('refusals say why, by whom they were decided, and end in a Status', async () => {
  const backend = recording()
  const authorizer = { authorize: ({ verb }: Attributes) => (verb === 'delete' ? ({ verdict: 'deny', reason: 'not you' } as const) : ({ verdict: 'allow', reason: 'RBAC: because' } as const)) }
  await using server = await auditedServer(rules({ level: 'RequestResponse' }), backend, { authorizers: [authorizer] })
  await server.client.create(configmaps, map('a'))
  await expect(server.client.delete(configmaps, { namespace: 'default', name: 'a' })).rejects.toThrow('forbidden')
  await expect(server.client.get(configmaps, { namespace: 'default', name: 'none' })).rejects.toThrow('not found')
  const complete = backend.json('ResponseComplete')
  expect(complete.find(({ verb }) => verb === 'create')!.annotations).toEqual({ 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: because' })
  expect(complete.find(({ verb }) => verb === 'delete')).toMatchObject({
    annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': 'not you' },
    responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 }, responseObject: { kind: 'Status', code: 403 },
  })
  expect(complete.find(({ verb }) => verb === 'get')).toMatchObject({ responseStatus: { reason: 'NotFound', code: 404, details: { name: 'none', kind: 'configmaps' } } })
})

test('a watch has begun when its answer starts, and is complete when it ends', async () => {
  const backend = recording()
  await using server = await auditedServer(rules({ level: 'Metadata', verbs: ['watch'] }), backend)
  const stop = new AbortController()
  const watching = server.transport.watch({ method: 'GET', path: '/api/v1/configmaps', query: { watch: true }, signal: stop.signal } as never, () => {})
  await server.flushed()
  expect(backend.json().map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted'])
  expect(backend.json().at(-1)).toMatchObject({ verb: 'watch', responseStatus: { code: 200 } })
  stop.abort()
  await watching
  expect(backend.json().map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete'])
})

test('what nobody foresaw ends in a panic', async () => {
  const backend = recording()
  const plugin = { name: 'Breaks', handles: () => true, admit: () => { throw new TypeError('oh no') } }
  await using server = await auditedServer(rules({ level: 'Metadata', verbs: ['create'], users: ['admin'] }), backend, { admission: [plugin as never] })
  await expect(server.client.create(configmaps, map('a'))).rejects.toThrow()
  expect(backend.json().at(-1)).toMatchObject({ stage: 'Panic', responseStatus: { status: 'Failure', reason: 'InternalError', code: 500, message: "APIServer panic'd: oh no" } })
})

test('blocking-strict: what cannot be recorded does not happen', async () => {
  let broken = false
  const backend = recording(() => broken)
  await using server = await auditedServer(rules({ level: 'Metadata' }), backend)
  broken = true
  await expect(server.client.create(configmaps, map('a'))).rejects.toThrow('failed to store audit event')
  broken = false
  await expect(server.client.get(configmaps, { namespace: 'default', name: 'a' })).rejects.toThrow('not found')
})

const info = (method: string, target: string) => requestInfoOf(method, target, new URLSearchParams())
const user = { name: 'ann', groups: ['dev'] }

test.each<[string, Policy['rules'][number], string, string, boolean]>([
  ['users', { level: 'Metadata', users: ['bob'] }, 'GET', '/api/v1/pods', false],
  ['groups', { level: 'Metadata', userGroups: ['ops', 'dev'] }, 'GET', '/api/v1/pods', true],
  ['verbs', { level: 'Metadata', verbs: ['create'] }, 'GET', '/api/v1/pods', false],
  ['namespaces', { level: 'Metadata', namespaces: ['a'] }, 'GET', '/api/v1/namespaces/a/pods', true],
  ['no namespace', { level: 'Metadata', namespaces: [''] }, 'GET', '/api/v1/nodes', true],
  ['group', { level: 'Metadata', resources: [{ group: 'apps' }] }, 'GET', '/apis/apps/v1/deployments', true],
  ['any group', { level: 'Metadata', resources: [{ group: '*', resources: ['deployments'] }] }, 'GET', '/apis/apps/v1/deployments', true],
  ['the core group by default', { level: 'Metadata', resources: [{ resources: ['deployments'] }] }, 'GET', '/apis/apps/v1/deployments', false],
  ['a resource is not its subresource', { level: 'Metadata', resources: [{ resources: ['pods'] }] }, 'GET', '/api/v1/namespaces/a/pods/p/log', false],
  ['subresource', { level: 'Metadata', resources: [{ resources: ['pods/log'] }] }, 'GET', '/api/v1/namespaces/a/pods/p/log', true],
  ['any subresource', { level: 'Metadata', resources: [{ resources: ['pods/*'] }] }, 'GET', '/api/v1/namespaces/a/pods/p/log', true],
  ['a subresource of anything', { level: 'Metadata', resources: [{ resources: ['*/log'] }] }, 'GET', '/api/v1/namespaces/a/pods/p/log', true],
  ['names', { level: 'Metadata', resources: [{ resources: ['pods'], resourceNames: ['q'] }] }, 'GET', '/api/v1/namespaces/a/pods/p', false],
  ['paths', { level: 'Metadata', nonResourceURLs: ['/healthz*'] }, 'GET', '/healthz/ping', true],
  ['paths are no resources', { level: 'Metadata', nonResourceURLs: ['*'] }, 'GET', '/api/v1/pods', false],
])('rules match by %s', (_name, rule, method, path, expected) => {
  expect(evaluator(rules(rule))(user, info(method, path)).level).toBe(expected ? 'Metadata' : 'None')
})

test('what is wrong with a policy is told by field', () => {
  const errors = new FieldErrors()
  validatePolicy({
    omitStages: ['Never' as Stage],
    rules: [
      { level: 'Loud' as never, nonResourceURLs: ['healthz', '/a*b'], namespaces: ['x'] },
      { level: '' as never, resources: [{ group: 'rbac.authorization.k8s.io/v1' }, { resourceNames: ['a'] }] },
    ],
  }, errors)
  expect(errors.all.map(({ field }) => field)).toEqual([
    'omitStages[0]', 'rules[0].level', 'rules[0].nonResourceURLs[0]', 'rules[0].nonResourceURLs[1]', 'rules[0].nonResourceURLs', 'rules[1].level',
    'rules[1].resources.group', 'rules[1].resources.resourceNames',
  ])
})

const directory = (): string => mkdtempSync(join(tmpdir(), 'navarch-audit-'))

test('a policy file: unknown fields are told, other kinds and empty policies refused', async () => {
  const dir = directory()
  const file = (text: string): string => {
    const path = join(dir, 'policy.yaml')
    writeFileSync(path, text)
    return path
  }
  const told: string[] = []
  const policy = await readPolicy(file('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  colour: red\n'), (text) => told.push(text))
  expect(policy.rules).toHaveLength(1)
  expect(told).toEqual([expect.stringContaining('unknown field "rules[0].colour"')])
  await expect(readPolicy(file('apiVersion: audit.k8s.io/v1beta1\nkind: Policy\n'), () => {})).rejects.toThrow('audit.k8s.io/v1beta1 Policy')
  await expect(readPolicy(file('apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n'), () => {})).rejects.toThrow('0 rules')
  await expect(readPolicy(join(dir, 'none'), () => {})).rejects.toThrow('failed to read file')
})

const facts = (more: Partial<EventFacts> = {}): EventFacts => ({
  level: 'Request', auditID: 'id', stage: 'ResponseComplete', requestURI: '/api', verb: 'get', user, impersonatedUser: undefined, sourceIPs: ['10.0.0.1'], userAgent: 'kubectl',
  objectRef: { namespace: 'a' }, responseStatus: { code: 200 }, requestObject: undefined, responseObject: undefined, requestReceived: Date.UTC(2026, 0, 1), stageReached: 0, annotations: new Map(), ...more,
})

test('the legacy format', () => {
  expect(legacyLine(facts())).toBe('2026-01-01T00:00:00Z AUDIT: id="id" stage="ResponseComplete" ip="10.0.0.1" method="get" user="ann" groups="\\"dev\\"" as="<self>" asgroups="<lookup>" user-agent="kubectl" namespace="a" uri="/api" response="200"')
})

test('batches go when they are full, when the oldest has waited long enough, and at the end', async () => {
  const clock = createFakeClock()
  const sent: number[] = []
  const lost: string[] = []
  const backend = batching({ process: (events) => sent.push(events.length) > 0, async [Symbol.asyncDispose]() {} }, { bufferSize: 4, maxSize: 3, maxWait: 1000, async: false }, clock, (plugin, error) => lost.push(`${plugin}: ${(error as Error).message}`))
  const event = new AuditEvent(facts())
  expect(clock.pending).toBe(0)
  void backend.process([event, event])
  await clock.advance(999)
  expect(sent).toEqual([])
  await clock.advance(1)
  expect(sent).toEqual([2])
  expect(clock.pending).toBe(0)
  void backend.process([event, event, event])
  await clock.settle()
  expect(sent).toEqual([2, 3])
  void backend.process([event, event, event, event, event])
  expect(lost).toEqual(['buffered: audit buffer queue blocked'])
  await backend[Symbol.asyncDispose]()
  expect(sent).toEqual([2, 3, 3, 1])
  void backend.process([event])
  expect(lost.at(-1)).toBe('buffered: audit backend shut down')
})

test('batches are held back to a rate', async () => {
  const clock = createFakeClock()
  let sent = 0
  const backend = batching({ process: () => ++sent > 0, async [Symbol.asyncDispose]() {} }, { bufferSize: 100, maxSize: 1, maxWait: 0, async: true, throttle: { qps: 10, burst: 2 } }, clock, () => {})
  for (let i = 0; i < 5; i++) void backend.process([new AuditEvent(facts())])
  await clock.settle()
  expect(sent).toBe(2)
  await clock.advance(100)
  expect(sent).toBe(3)
  await clock.advance(200)
  expect(sent).toBe(5)
})

test('events that are too large lose their objects, then themselves', () => {
  const backend = recording()
  const lost: string[] = []
  const cutting = truncating(backend, 700, 1400, (_plugin, error) => lost.push((error as Error).message))
  void cutting.process([new AuditEvent(facts({ requestObject: JSON.stringify('x'.repeat(1000)) })), new AuditEvent(facts({ requestURI: '/'.repeat(1000) }))])
  expect(backend.json()).toEqual([expect.objectContaining({ annotations: { 'audit.k8s.io/truncated': 'true' } })])
  expect(backend.json()[0]).not.toHaveProperty('requestObject')
  expect(lost).toEqual(['event is too large even after truncating'])
})

test('a log file makes room: old ones are kept by number, compressed', async () => {
  const dir = directory()
  const clock = createFakeClock()
  const path = join(dir, 'logs', 'audit.log')
  const file = openRotatingFile({ path, maxSize: 1, maxBackups: 2, maxAge: 0, compress: true }, clock, silent)
  const chunk = `${'x'.repeat(700 * 1024)}\n`
  for (let i = 0; i < 5; i++) {
    file.write(chunk)
    await clock.advance(1000)
  }
  await file[Symbol.asyncDispose]()
  const names = readdirSync(join(dir, 'logs')).sort()
  expect(names).toHaveLength(3)
  expect(names.filter((name) => name.endsWith('.log.gz'))).toHaveLength(2)
  expect(readFileSync(path, 'utf8')).toBe(chunk)
})

test('addresses: what proxies say first, who is connected last', () => {
  const from = (headers: Record<string, string>, remoteAddress: string) => sourceIps({ headers, remoteAddress, inProcess: false })
  expect(from({}, '::ffff:10.0.0.1')).toEqual(['10.0.0.1'])
  expect(from({ 'x-forwarded-for': '1.2.3.4, nonsense,10.0.0.1' }, '10.0.0.1')).toEqual(['1.2.3.4', '10.0.0.1'])
  expect(from({ 'x-real-ip': '1.2.3.4' }, '10.0.0.1')).toEqual(['1.2.3.4', '10.0.0.1'])
})

test('the options: nothing without a policy, a log and a webhook with one', async () => {
  const dir = directory()
  const path = join(dir, 'audit.log')
  const clock = createFakeClock()
  const bodies: string[] = []
  let failures = 2
  const webhooks = {
    ofKubeconfig: () => ({
      async call(body: unknown) {
        if (failures-- > 0) throw new Error('down')
        bodies.push(body as string)
        return undefined
      },
      async [Symbol.asyncDispose]() {},
    }),
  }
  const deps = { clock, log: silent, metrics: createMetrics(), webhooks }
  expect(await openAudit(wholeOptions('test', auditOptions, { auditLogPath: path }), deps)).toBeUndefined()
  const policy = join(dir, 'policy.yaml')
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, verbs: [create]}]\nomitStages: [RequestReceived]\n')
  const audit = (await openAudit(wholeOptions('test', auditOptions, { auditPolicyFile: policy, auditLogPath: path, auditLogFormat: 'legacy', auditWebhookConfigFile: 'x' }), deps))!
  {
    await using server = await startTestServer({ audit })
    await server.client.create(configmaps, map('a'))
  }
  expect(readFileSync(path, 'utf8')).toContain('stage="ResponseComplete" ip="::1" method="create" user="admin"')
  const closed = audit[Symbol.asyncDispose]()
  await clock.advance(60_000)
  await closed
  expect((JSON.parse(bodies[0]!) as Json).items.length).toBeGreaterThan(0)
  expect((await deps.metrics.text()).body).toMatch(/apiserver_audit_level_total\{level="Metadata"\} [1-9]/)
  const wrong = wholeOptions('test', auditOptions, { auditPolicyFile: policy, auditWebhookConfigFile: 'x', auditWebhookBatchThrottleQps: 0 })
  await expect(openAudit(wrong, deps)).rejects.toThrow('throttle QPS 0, must be a positive number')
})

test('a webhook gets lists of events, again where it failed, and need not answer anything', async () => {
  await using receiver = await startWebhookServer()
  const dir = directory()
  const [config, policy] = [join(dir, 'webhook.yaml'), join(dir, 'policy.yaml')]
  writeFileSync(config, receiver.kubeconfig)
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse, verbs: [create], resources: [{resources: [configmaps]}]}]\n')
  let failures = 1
  receiver.answer(() => (failures-- > 0 ? 503 : 200))
  const webhooks = createWebhooks({ informers: undefined as never, clock: systemClock })
  const options = wholeOptions('test', auditOptions, { auditPolicyFile: policy, auditWebhookConfigFile: config, auditWebhookInitialBackoff: 1, auditWebhookBatchMaxSize: 2 })
  const audit = (await openAudit(options, { clock: systemClock, log: silent, webhooks }))!
  {
    await using server = await startTestServer({ audit })
    await server.client.create(configmaps, map('a', { x: '1' }))
  }
  await audit[Symbol.asyncDispose]()
  expect(receiver.asked.at(-1)).toMatchObject({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [{ stage: 'RequestReceived' }, { stage: 'ResponseComplete', responseObject: { data: { x: '1' } } }] })
  expect(receiver.asked).toHaveLength(2)
})

test('over a connection: the name that the client gives the request, its address, as whom it goes on', async () => {
  const backend = recording()
  const pki = openPki()
  const tokens = staticTokens()
  tokens.add({ name: 'ann', groups: ['system:masters'] }, 'secret')
  const audit = createAudit(rules({ level: 'Metadata', verbs: ['list'] }), backend, { clock: createFakeClock() })
  await using server = await startTestServer({ audit, authenticators: [bearerTokens([tokens], [])], authorizers: [superusers] }, { listen: { tls: keyPairToPem(pki.apiserver) } })
  const ask = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      get(`${server.server.url}/api/v1/namespaces?limit=5`, { ca: keyPairToPem(pki.ca).cert, agent: false, headers }, (answer) => {
        answer.resume().on('close', () => resolve(answer.statusCode!))
      }).on('error', reject)
    })
  backend.events.length = 0
  expect(await ask({ authorization: 'Bearer secret', 'audit-id': 'mine', 'user-agent': 'test', 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' })).toBe(200)
  expect(backend.json().at(-1)).toMatchObject({
    auditID: 'mine', userAgent: 'test', requestURI: '/api/v1/namespaces?limit=5', sourceIPs: ['127.0.0.1'], user: { username: 'ann' },
    impersonatedUser: { username: 'bob', groups: ['system:masters', 'system:authenticated'] }, responseStatus: { code: 200 },
  })
  backend.events.length = 0
  expect(await ask({ authorization: 'Bearer wrong' })).toBe(401)
  expect(backend.json()).toEqual([expect.objectContaining({ stage: 'ResponseStarted', user: {}, responseStatus: { metadata: {}, status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 } })])
})
