// Webhooks and policies that ask for another version than the one that was written, where only a conversion webhook knows it.
import { expect, test } from 'vitest'
import { mutatingadmissionpolicies } from '#api/admissionregistration/v1/mutating-admission-policy'
import { mutatingadmissionpolicybindings } from '#api/admissionregistration/v1/mutating-admission-policy-binding'
import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { validatingadmissionpolicies } from '#api/admissionregistration/v1/validating-admission-policy'
import { validatingadmissionpolicybindings } from '#api/admissionregistration/v1/validating-admission-policy-binding'
import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import { systemClock } from '#base/clock'
import { createClient } from '#client/create-client'
import { createInformers } from '#client/informers'
import { createMetrics } from '#component-base/metrics'
import { silent } from '#component-base/log'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { admissionPlugins } from './chain'
import { createApiServer } from '../api-server'
import { objectReader } from '../authentication/objects'
import { loopbackUser } from '../authentication/users'
import { loopback } from '../loopback'
import { startHttpsServer, type AskedOf } from '../testing/https-server'
import { admin } from '../testing/test-server'
import { conversionReview, defineWidgets, widgets } from '../testing/widgets'
import { createWebhooks } from '../webhook/webhooks'

type Review = { request: { uid: string; kind: object; requestKind: object; object: { apiVersion: string; spec: object }; oldObject: { spec: object } | null } }

/** A server with widgets, and somebody who converts them and is asked as `/mutate` and `/validate`. */
async function bed() {
  const seen: Record<string, Review[]> = { '/mutate': [], '/validate': [] }
  const state = { converts: true, patch: [] as object[], allowed: true }
  const server = await startHttpsServer(['hook'], ({ path, body }: AskedOf) => {
    const place = path.split('?')[0]!
    if (place === '/convert') return state.converts ? { body: conversionReview(body) as object } : { code: 500, body: {} }
    seen[place]!.push(body as Review)
    const patched = place === '/mutate' && state.patch.length > 0 ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(state.patch)).toString('base64') } : {}
    return { body: { kind: body.kind, apiVersion: body.apiVersion, response: { uid: body.request.uid, allowed: place === '/mutate' || state.allowed, ...patched } } }
  })
  const self = loopback()
  const own = createClient(self.transport)
  const informers = createInformers(own, { clock: systemClock, log: silent })
  const webhooks = createWebhooks({ informers, clock: systemClock })
  const metrics = createMetrics()
  const admission = admissionPlugins({ disable: ['ServiceAccount'] }, {
    objects: objectReader(informers, own, systemClock), authorizer: { authorize: () => ({ verdict: 'allow', reason: '' }) }, informers, webhooks, client: own, clock: systemClock, log: silent, metrics,
  })
  const store = openMemoryStore()
  const api = createApiServer({}, { store, clock: systemClock, admission, webhooks, metrics })
  const running = await api.start({ log: silent, clock: systemClock, signal: new AbortController().signal })
  self.attach(api.connect(loopbackUser))
  const transport = api.connect(admin)
  const client = createClient(transport)
  await defineWidgets(transport, `${server.url}/convert`, server.caBundle)
  return {
    client, informers, metrics, state, seen,
    hook: (path: string, more: object = {}): object => ({
      name: `${path.slice(1)}.example.com`, clientConfig: { url: server.url + path, caBundle: server.caBundle }, sideEffects: 'None', admissionReviewVersions: ['v1'],
      rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['example.com'], apiVersions: ['v2'], resources: ['widgets'] }], ...more,
    }),
    /** Resolves when the server's own informer knows that much. */
    async known(resource: Parameters<typeof informers.get>[0], count = 1): Promise<void> {
      await expect.poll(() => informers.get(resource).list().length).toBe(count)
    },
    async [Symbol.asyncDispose]() {
      await informers[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
const make = (spec: object): object => ({ metadata: { namespace: 'default', name: 'a' }, spec })

test('webhooks see and change the version that they ask for', { timeout: 30_000 }, async () => {
  await using b = await bed()
  await b.client.create(mutatingwebhookconfigurations, { metadata: { name: 'm' }, webhooks: [b.hook('/mutate', { matchConditions: [{ name: 'host', expression: 'object.spec.host == "x"' }] })] } as never)
  await b.client.create(validatingwebhookconfigurations, { metadata: { name: 'v' }, webhooks: [b.hook('/validate')] } as never)
  await b.known(mutatingwebhookconfigurations)
  await b.known(validatingwebhookconfigurations)
  b.state.patch = [{ op: 'replace', path: '/spec/port', value: '9' }]
  const made = await b.client.create(widgets('v1'), make({ hostPort: 'x:1' }) as never)
  expect(made).toMatchObject({ apiVersion: 'example.com/v1', spec: { hostPort: 'x:9' } })
  expect(b.seen['/mutate']![0]!.request).toMatchObject({ kind: { version: 'v2' }, requestKind: { version: 'v1' }, object: { apiVersion: 'example.com/v2', spec: { host: 'x', port: '1' } } })
  expect(b.seen['/validate']![0]!.request.object).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'x', port: '9' } })

  b.state.allowed = false
  await expect(b.client.update(widgets('v1'), { ...made, spec: { hostPort: 'y:2' } } as never)).rejects.toThrow('denied the request')
  expect(b.seen['/validate']![1]!.request).toMatchObject({ object: { spec: { host: 'y', port: '2' } }, oldObject: { spec: { host: 'x', port: '9' } } })
  // The condition did not hold for the second.
  expect(b.seen['/mutate']).toHaveLength(1)
  const { body } = await b.metrics.text()
  expect(body).toMatch(/apiserver_crd_conversion_webhook_duration_seconds_count\{crd_name="widgets.example.com",from_version="v1",succeeded="true",to_version="v2"\} [1-9]/)
  expect(body).toContain('apiserver_admission_webhook_request_total{code="200",name="mutate.example.com",operation="CREATE",rejected="false",type="admit"} 1')
  expect(body).toContain('apiserver_admission_webhook_rejection_count{error_type="no_error",name="validate.example.com",operation="UPDATE",rejection_code="400",type="validating"} 1')
})

test('what cannot be converted is refused, whatever the failure policy says', { timeout: 30_000 }, async () => {
  await using b = await bed()
  await b.client.create(validatingwebhookconfigurations, { metadata: { name: 'v' }, webhooks: [b.hook('/validate', { failurePolicy: 'Ignore' })] } as never)
  await b.known(validatingwebhookconfigurations)
  b.state.converts = false
  await expect(b.client.create(widgets('v1'), make({ hostPort: 'x:1' }) as never)).rejects.toThrow('Internal error occurred: conversion webhook for example.com/v1, Kind=Widget failed: ')
  expect((await b.metrics.text()).body).toContain('apiserver_conversion_webhook_request_total{failure_type="conversion_webhook_call_failure",result="failure"} 1')
})

test('policies judge and change the version that they ask for', { timeout: 30_000 }, async () => {
  await using b = await bed()
  const matchConstraints = { matchPolicy: 'Equivalent', resourceRules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['example.com'], apiVersions: ['v2'], resources: ['widgets'] }] }
  await b.client.create(mutatingadmissionpolicies, { metadata: { name: 'm' }, spec: { matchConstraints, reinvocationPolicy: 'Never', mutations: [
    { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/spec/note", value: object.spec.host}]' } },
    { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "replace", path: "/spec/port", value: object.spec.port + object.spec.note}]' } },
  ] } } as never)
  await b.client.create(mutatingadmissionpolicybindings, { metadata: { name: 'm' }, spec: { policyName: 'm' } } as never)
  await b.client.create(validatingadmissionpolicies, { metadata: { name: 'v' }, spec: { matchConstraints, validations: [{ expression: 'object.spec.port != "2y"', messageExpression: '"port " + object.spec.port' }] } } as never)
  await b.client.create(validatingadmissionpolicybindings, { metadata: { name: 'v' }, spec: { policyName: 'v', validationActions: ['Deny'] } } as never)
  await b.known(mutatingadmissionpolicybindings)
  await b.known(validatingadmissionpolicybindings)
  await b.known(mutatingadmissionpolicies)
  await b.known(validatingadmissionpolicies)
  expect(await b.client.create(widgets('v1'), make({ hostPort: 'x:1' }) as never)).toMatchObject({ apiVersion: 'example.com/v1', spec: { hostPort: 'x:1x', note: 'x' } })
  await expect(b.client.create(widgets('v1'), { ...make({ hostPort: 'y:2' }), metadata: { namespace: 'default', name: 'b' } } as never)).rejects.toThrow("ValidatingAdmissionPolicy 'v' with binding 'v' denied request: port 2y")
  b.state.converts = false
  await expect(b.client.create(widgets('v1'), { ...make({ hostPort: 'y:3' }), metadata: { namespace: 'default', name: 'c' } } as never)).rejects.toThrow('failed to configure policy: Internal error occurred: conversion webhook for example.com/v1, Kind=Widget failed: ')
})
