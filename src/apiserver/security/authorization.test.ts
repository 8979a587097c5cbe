import { describe, expect, test } from 'vitest'
import { messageOf } from '#base/error-message'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent, type Log } from '#component-base/log'
import { createMetrics } from '#component-base/metrics'
import { wholeOptions } from '#component-base/options/whole'
import type { Attributes } from '../authorization/authorizer'
import { configFiles } from '../testing/config-files'
import { startWebhookServer, type WebhookServer } from '../testing/webhook-server'
import { createWebhooks } from '../webhook/webhooks'
import { createAuthorization } from './authorization'
import { authorizationOptions, authorizationProblems, type AuthorizationOptions } from './authorization-options'

const whole = (given: Partial<AuthorizationOptions>) => wholeOptions('kube-apiserver', authorizationOptions, given)

async function start(given: Partial<AuthorizationOptions>, log: Log = silent) {
  const clock = createFakeClock()
  const informers = createInformers(createClient(createFakeApi({ clock })), { clock, log: silent })
  const metrics = createMetrics()
  const authorization = await createAuthorization(whole(given), { informers, webhooks: createWebhooks({ informers, clock }), clock, log, metrics, server: 'me' })
  return {
    ...authorization, clock, metrics,
    decide: async (more: Partial<Attributes> = {}) => authorization.authorizer.authorize(about(more)),
    async [Symbol.asyncDispose]() {
      await authorization[Symbol.asyncDispose]()
      await informers[Symbol.asyncDispose]()
    },
  }
}

const about = (more: Partial<Attributes>): Attributes => ({
  isResource: true, verb: 'list', path: '', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'd', name: '', user: { name: 'jane', groups: ['dev'], uid: 'u1', extra: { k: ['v'] } }, ...more,
})

const allowing = (who: string) => (body: { apiVersion: string; spec: { user: string } }) => ({ apiVersion: body.apiVersion, kind: 'SubjectAccessReview', status: body.spec.user === who ? { allowed: true, reason: 'I like you' } : { allowed: false, reason: 'who?' } })

describe('a webhook', () => {
  test('is asked in its version, and its answers are remembered', async () => {
    await using webhook = await startWebhookServer()
    using files = configFiles()
    const authorizationWebhookConfigFile = files.write('webhook', webhook.kubeconfig)
    await using server = await start({ authorizationMode: ['Webhook'], authorizationWebhookConfigFile })
    webhook.answer(allowing('jane'))
    expect(await server.decide({ fieldSelector: 'spec.nodeName=a,x!=y', labelSelector: 'a in (b,c),!d' })).toEqual({ verdict: 'allow', reason: 'I like you' })
    expect(webhook.asked).toEqual([{
      apiVersion: 'authorization.k8s.io/v1beta1', kind: 'SubjectAccessReview', metadata: {}, status: { allowed: false },
      spec: {
        user: 'jane', group: ['dev'], uid: 'u1', extra: { k: ['v'] },
        resourceAttributes: {
          namespace: 'd', verb: 'list', version: 'v1', resource: 'pods',
          fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['a'] }, { key: 'x', operator: 'NotIn', values: ['y'] }] },
          labelSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b', 'c'] }, { key: 'd', operator: 'DoesNotExist' }] },
        },
      },
    }])
    const nobody = { user: { name: 'bob', groups: [] } }
    for (let i = 0; i < 2; i++) {
      await server.decide()
      expect(await server.decide(nobody)).toEqual({ verdict: 'no-opinion', reason: 'who?' })
    }
    expect(webhook.asked).toHaveLength(3)
    await server.clock.advance(30_000)
    await server.decide(nobody)
    await server.decide()
    expect(webhook.asked).toHaveLength(4)
    await server.clock.advance(300_000)
    await server.decide()
    expect(webhook.asked).toHaveLength(5)
    // Members of system:masters are nobody's question.
    expect(await server.decide({ user: { name: 'root', groups: ['system:masters'] } })).toMatchObject({ verdict: 'allow' })
    expect(await server.decide({ isResource: false, path: '/healthz', verb: 'get' })).toMatchObject({ verdict: 'allow' })
    expect(webhook.asked.at(-1).spec.nonResourceAttributes).toEqual({ path: '/healthz', verb: 'get' })
    expect(server.rules.rulesFor({ name: 'jane', groups: [] }, 'd')).toMatchObject({ incomplete: true, evaluationError: 'webhook authorizer does not support user rule resolution' })
  })

  test('that fails has no opinion, and whoever is not allowed by others hears of it', async () => {
    await using webhook = await startWebhookServer()
    using files = configFiles()
    await using server = await start({ authorizationMode: ['Webhook', 'RBAC'], authorizationWebhookConfigFile: files.write('webhook', webhook.kubeconfig), authorizationWebhookVersion: 'v1' })
    webhook.answer(() => 403)
    expect(await server.decide()).toEqual({ verdict: 'no-opinion', reason: '', error: 'unknown' })
    webhook.answer(() => ({ status: { allowed: true, denied: true, reason: 'both' } }))
    expect(await server.decide()).toEqual({ verdict: 'deny', reason: 'both', error: 'webhook subject access review returned both allow and deny response' })
    // What may pass is asked for again.
    webhook.asked.length = 0
    webhook.answer(() => (webhook.asked.length < 3 ? 500 : { status: { allowed: true } }))
    const decided = server.decide({ name: 'other' })
    while (webhook.asked.length < 3) {
      await new Promise((resolve) => setImmediate(resolve))
      await server.clock.advance(1000)
    }
    expect(await decided).toEqual({ verdict: 'allow', reason: '' })
    const { body } = await server.metrics.text()
    expect(body).toContain('apiserver_authorization_webhook_evaluations_fail_open_total{name="default",result="error"} 1')
    expect(body).toContain('apiserver_authorization_decisions_total{type="Webhook",name="default",decision="allowed"} 1')
  })
})

const authorizers = (...texts: string[]) => `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers:\n${texts.join('\n')}\n`
const configured = (file: string, more = '', name = 'one') => `- type: Webhook
  name: ${name}
  webhook:
    timeout: 3s
    subjectAccessReviewVersion: v1
    failurePolicy: Deny
    connectionInfo: { type: KubeConfigFile, kubeConfigFile: ${file} }
${more}`

test('a configuration file names webhooks with conditions, and is read again when it changes', async () => {
  await using webhook = await startWebhookServer()
  using files = configFiles()
  const kubeconfig = files.write('webhook', webhook.kubeconfig)
  const conditions = `    matchConditionSubjectAccessReviewVersion: v1
    matchConditions:
    - expression: "has(request.resourceAttributes)"
    - expression: "request.resourceAttributes.namespace == 'd' && !('system:masters' in request.groups)"
    - expression: "request.resourceAttributes.verb != 'broken' || request.extra['none'][0] == ''"`
  const rbac = '- type: RBAC\n  name: rbac'
  const file = files.write('authorization.yaml', authorizers(configured(kubeconfig, conditions), rbac))
  let told: (text: string) => void = () => {}
  const said = () => new Promise<string>((resolve) => (told = resolve))
  await using server = await start({ authorizationConfig: file }, { ...silent, info: (message) => told(message), error: (message, fields) => told(`${message}: ${messageOf(fields?.['error'])}`) })
  webhook.answer(allowing('jane'))
  expect(await server.decide()).toMatchObject({ verdict: 'allow' })
  expect(await server.decide({ namespace: 'other' })).toEqual({ verdict: 'no-opinion', reason: '' })
  expect(await server.decide({ isResource: false, path: '/x' })).toEqual({ verdict: 'no-opinion', reason: '' })
  expect(webhook.asked).toHaveLength(1)
  expect(await server.decide({ verb: 'broken' })).toEqual({ verdict: 'deny', reason: '', error: expect.stringContaining('resulted in error: no such key: none') })
  webhook.answer(() => 404)
  expect(await server.decide({ name: 'x' })).toMatchObject({ verdict: 'deny' })

  let saying = said()
  files.write('authorization.yaml', authorizers(configured(kubeconfig)))
  expect(await saying).toBe('reloading authorization config: missing required types: [RBAC]')
  saying = said()
  files.write('authorization.yaml', authorizers(configured(kubeconfig).replace('Deny', 'NoOpinion'), rbac, '- type: AlwaysAllow\n  name: alwaysallow'))
  expect(await saying).toBe('reloaded authz config')
  expect(await server.decide({ isResource: false, path: '/x' })).toMatchObject({ verdict: 'allow' })
  const { body } = await server.metrics.text()
  expect(body).toMatch(/apiserver_authorization_config_controller_automatic_reloads_total\{status="failure",apiserver_id_hash="sha256:[0-9a-f]+"\} 1/)
  expect(body).toContain('apiserver_authorization_match_condition_exclusions_total{type="Webhook",name="one"} 2')
})

describe('nonsense is refused', () => {
  const kubeconfigOf = (webhook: WebhookServer, files: ReturnType<typeof configFiles>) => files.write('webhook', webhook.kubeconfig)
  test.each<[string, (kubeconfig: string) => string, string]>([
    ['none', () => 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n', 'authorizers: Required value: at least one authorization mode must be defined'],
    ['a field that is not', () => authorizers('- type: RBAC\n  name: rbac\n  foo: 1'), 'failed to load AuthorizationConfiguration from file: strict decoding error: unknown field "authorizers[0].foo"'],
    ['a type that is not', () => authorizers('- type: Foo\n  name: foo'), 'authorizers[0].type: Unsupported value: "Foo": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"'],
    ['a type twice', () => authorizers('- { type: RBAC, name: rbac }', '- { type: RBAC, name: x }'), 'authorizers[1].type: Duplicate value: "RBAC"'],
    ['another name', () => authorizers('- { type: RBAC, name: x }'), 'expected name rbac for authorizer RBAC instead of x'],
    ['a webhook without a webhook', () => authorizers('- { type: Webhook, name: x }'), 'authorizers[0].webhook: Required value: required when type=Webhook'],
    ['a webhook twice', (file) => authorizers(configured(file), configured(file)), 'authorizers[1].name: Duplicate value: "one"'],
    ['a file that is not there', () => authorizers(configured('/nowhere/at/all')), 'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/nowhere/at/all": error loading file'],
    ['a relative file', () => authorizers(configured('here')), 'must be an absolute path'],
    ['a long wait', (file) => authorizers(configured(file).replace('3s', '31s')), 'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s'],
    ['a condition without a version', (file) => authorizers(configured(file, '    matchConditions: [{ expression: "true" }]')), 'matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified'],
    [
      'a condition that says nothing', (file) => authorizers(configured(file, '    matchConditionSubjectAccessReviewVersion: v1\n    matchConditions: [{ expression: request.user }, { expression: reques }]')),
      'authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string, authorizers[0].matchConditions[1].expression: Invalid value: "reques": compilation failed: ERROR: <input>:1:1: undeclared reference',
    ],
  ])('%s', async (_, text, message) => {
    await using webhook = await startWebhookServer()
    using files = configFiles()
    await expect(start({ authorizationConfig: files.write('authorization.yaml', text(kubeconfigOf(webhook, files))) })).rejects.toThrow(message)
  })

  test('of flags', () => {
    const problems = (given: Partial<AuthorizationOptions>) => authorizationProblems(whole(given))
    expect(problems({})).toEqual([])
    expect(problems({ authorizationMode: [] })).toEqual(['at least one authorization-mode must be passed'])
    expect(problems({ authorizationMode: ['RBAC', 'Foo', 'RBAC', 'ABAC', 'Webhook'] })).toEqual([
      'authorization-mode "Foo" is not a valid mode', "authorization-mode ABAC's authorization policy file not passed", "authorization-mode Webhook's authorization config file not passed",
      'authorization-mode ["RBAC" "Foo" "RBAC" "ABAC" "Webhook"] has mode specified more than once',
    ])
    expect(problems({ authorizationPolicyFile: 'f', authorizationWebhookConfigFile: 'f' })).toEqual([
      'cannot specify --authorization-policy-file without mode ABAC', 'cannot specify --authorization-webhook-config-file without mode Webhook',
    ])
    expect(problems({ authorizationConfig: 'f', authorizationMode: ['RBAC'] })).toEqual(['--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined'])
  })
})

test('a file of policies', async () => {
  using files = configFiles()
  const line = (spec: object) => JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec })
  const authorizationPolicyFile = files.write('policies', [
    '# who may', line({ user: 'jane', namespace: 'd', resource: 'pods', readonly: true }), line({ group: 'ops', apiGroup: '*', resource: '*', namespace: '*' }), line({ group: '*', nonResourcePath: '/api*', readonly: true }),
    JSON.stringify({ user: 'old', resource: 'services' }), '',
  ].join('\n'))
  await using server = await start({ authorizationMode: ['ABAC'], authorizationPolicyFile })
  expect(await server.decide()).toMatchObject({ verdict: 'allow' })
  expect(await server.decide({ verb: 'delete' })).toEqual({ verdict: 'no-opinion', reason: 'No policy matched.' })
  expect(await server.decide({ namespace: 'e' })).toMatchObject({ verdict: 'no-opinion' })
  expect(await server.decide({ verb: 'delete', namespace: 'e', group: 'apps', user: { name: 'x', groups: ['ops'] } })).toMatchObject({ verdict: 'allow' })
  const path = { isResource: false, path: '/apis', verb: 'get' }
  expect(await server.decide({ ...path, user: { name: 'x', groups: ['system:authenticated'] } })).toMatchObject({ verdict: 'allow' })
  expect(await server.decide(path)).toMatchObject({ verdict: 'no-opinion' })
  expect(await server.decide({ resource: 'services', verb: 'delete', namespace: 'any', group: 'g', user: { name: 'old', groups: [] } })).toMatchObject({ verdict: 'allow' })
  expect(server.rules.rulesFor({ name: 'jane', groups: ['dev'] }, 'd').resourceRules).toEqual([{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] }])
  await expect(start({ authorizationMode: ['ABAC'], authorizationPolicyFile: files.write('bad', '\n{"user": 5}\n') })).rejects.toThrow(/error reading policy file .*bad, line 2: .*user must be a string/)
})

test('a webhook in the cluster is none of this server’s', async () => {
  using files = configFiles()
  const authorizationConfig = files.write('authorization.yaml', authorizers(configured('').replace(/connectionInfo: .*/, 'connectionInfo: { type: InClusterConfig }')))
  await expect(start({ authorizationConfig })).rejects.toThrow(/connectionInfo of type InClusterConfig is for other API servers, which ask this one: kube-apiserver takes KubeConfigFile/)
})
