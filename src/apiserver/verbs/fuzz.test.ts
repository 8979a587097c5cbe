// Requests that nobody in his right mind sends: each gets the server's own refusal, and the server goes on as if nothing had been.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtin } from '#api/builtin'
import { silent, type Log } from '#component-base/log'
import { startTlsServer, type TlsServer } from '../testing/tls-server'

/** Seconds for each property; CI has little time, a night has more. */
const seconds = Number(process.env['NAVARCH_FUZZ_SECONDS'] ?? 3)

let server: TlsServer
let before: number[]
const watchers = (): Promise<number[]> => Promise.all([...server.server.registry.kinds].map(async ({ resource }) => (await server.server.registry.cache.of(resource)).watchers))
const faults: string[] = []
const log: Log = { ...silent, error: (message, fields) => void faults.push(`${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))}`) }

beforeAll(async () => {
  server = await startTlsServer({ log })
  before = await watchers()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const kinds = builtin.flatMap((resource) => Object.keys(resource.versions).map((apiVersion) => ({ resource, apiVersion })))
const name = fc.constantFrom('a', 'default', 'kube-system', '__proto__', 'constructor', '..', '%2e%2e', '%00', '%ff', '%', 'a%2Fb', 'A'.repeat(300), 'ü', '-', '')
/** Those that hand a connection over or go beyond this server answer for others. */
const beyond = new Set(['proxy', 'exec', 'attach', 'portforward', 'log'])

const path = fc.record({ kind: fc.constantFrom(...kinds), namespace: name, name, sub: fc.nat(6), form: fc.nat(9) }).map(({ kind: { resource, apiVersion }, namespace, name: own, sub, form }) => {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const where = resource.namespaced && form !== 0 ? `${root}/namespaces/${namespace}` : form === 1 ? `${root}/watch` : root
  const subresources = Object.keys(resource.subresources).filter((one) => !beyond.has(one))
  return `${where}/${resource.resource}${form < 6 ? `/${own}` : ''}${form < 3 && subresources.length > 0 ? `/${subresources[sub % subresources.length]}` : ''}`
})

const odd = fc.constantFrom('0', '1', '-1', 'true', 'false', '', 'x', '1e400', '9223372036854775808', '18446744073709551616', '99999999', 'Exact', 'NotOlderThan', 'All', 'Strict', 'metadata.name=a', 'a in (b,c)', '!a,', '(((', '%00', '%ff', 'a'.repeat(5000), '__proto__', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9')
const parameter = fc.constantFrom('watch', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'timeoutSeconds', 'labelSelector', 'fieldSelector', 'dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty', 'includeObject', 'propagationPolicy', 'gracePeriodSeconds', 'orphanDependents', 'shardSelector', '__proto__')
const query = fc.array(fc.tuple(parameter, odd), { maxLength: 4 }).map((pairs) => ['timeoutSeconds=-1', ...pairs.filter(([key]) => key !== 'timeoutSeconds').map(([key, value]) => `${key}=${value}`)].join('&'))

/** JSON text of a kind: fields that are known and fields that are not, with values of any sort, some of them no JSON at all. */
const field = fc.constantFrom('metadata', 'spec', 'status', 'name', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields', 'creationTimestamp', 'resourceVersion', 'uid', 'generateName', 'template', 'containers', 'selector', 'matchLabels', 'matchExpressions', 'rules', 'subjects', 'roleRef', 'data', 'ports', 'type', 'items', 'devices', 'requests', 'kind', 'apiVersion', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', '')
const scalar = fc.constantFrom('null', 'true', 'false', '0', '-0', '1', '1.5', '1e400', '-1e400', '9223372036854775807', '9223372036854775808', '1e-400', '""', '"a"', '"-"', '"1Gi"', '"2026-01-01T00:00:00Z"', '"\\ud800"', '"\\u0000"', '[]', '{}', '[null]', '[{}]', '[[]]', '{"a":null}', '{"a":1,"a":2}')
const value = fc.letrec<{ any: string; object: string }>((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`)),
  object: fc.array(fc.tuple(field, tie('any')), { maxLength: 6 }).map((fields) => `{${fields.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`),
}))
const deep = fc.integer({ min: 50, max: 20_000 }).map((levels) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
const lists = fc.integer({ min: 50, max: 20_000 }).map((levels) => '['.repeat(levels) + ']'.repeat(levels))
const sound = fc.tuple(fc.constantFrom(...kinds), value.object, value.object).map(([{ resource, apiVersion }, spec, metadata]) => `{"apiVersion":"${apiVersion}","kind":"${resource.kind}","metadata":${metadata},"spec":${spec},"status":${spec}}`)
const body = fc.oneof(sound.map(Buffer.from), value.any.map(Buffer.from), deep.map(Buffer.from), lists.map(Buffer.from), fc.uint8Array({ maxLength: 200 }).map(Buffer.from), value.object.map((text) => Buffer.concat([Buffer.from('k8s\0'), Buffer.from(text)])), value.object.map((text) => Buffer.from(text, 'utf16le')))

const accept = fc.constantFrom('', '*/*', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;g=meta.k8s.io;v=v1', 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', ';;;', ',,,', 'application/json;q=x', 'a/b;as=', '__proto__')
const contentType = fc.constantFrom('application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/merge-patch+json', 'application/json-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/cbor', 'text/plain', '', ';', 'constructor')
const headers = fc.record({ accept, 'content-type': contentType, 'accept-encoding': fc.constantFrom('gzip', 'gzip, deflate', 'x', ''), 'user-agent': fc.constantFrom('', 'kubectl/v1.36', '/', '\u00ff', 'a'.repeat(500)) })

/** What the original answers with 5xx too: revisions that are no numbers, or not there yet, and what this server does not serve. */
const known = [/resourceVersion: Invalid value/, /Too large resource version/, /is not served: nothing in this server/]

async function holds(method: string, target: string, call: { headers: Record<string, string>; body?: Uint8Array }): Promise<void> {
  faults.length = 0
  const { code, body: answer } = await server.ask(target.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent), { method, ...call })
  if (code < 500 || known.some((text) => text.test(answer.toString() || faults.join()))) return
  throw new Error(`${method} ${target.slice(0, 300)} ${call.headers['content-type'] ?? ''} <- ${Buffer.from(call.body ?? '').toString().slice(0, 300)}: ${code} ${answer.toString().slice(0, 300)}\n${faults.join('\n').slice(0, 1500)}`)
}

const budget = { numRuns: 1_000_000, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false, endOnFailure: true }
const within = { timeout: seconds * 1000 + 30_000 }

test('reads', within, () => fc.assert(fc.asyncProperty(fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'DELETE'), path, query, headers, (method, at, asked, sent) => holds(method, `${at}?dryRun=All&${asked}`, { headers: sent })), budget))

test('writes', within, () => fc.assert(fc.asyncProperty(fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), path, query, headers, body, (method, at, asked, sent, text) =>
  holds(method, `${at}?dryRun=All&${asked}`, { headers: { ...sent, 'content-length': String(text.length) }, body: text })), budget))

test('bodies beyond what is taken', async () => {
  for (const text of [`{"a":"${'x'.repeat(4 << 20)}"}`, '['.repeat(3_000_000), `{${'"a":1,'.repeat(400_000)}"b":2}`, '{"metadata":{"labels":{'.padEnd(3 << 20, '"a":{')]) {
    await holds('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { headers: { 'content-type': 'application/json', 'content-length': String(text.length) }, body: Buffer.from(text) })
  }
}, 60_000)

test('afterwards nobody watches, and the server is as well as before', async () => {
  expect((await server.ask('/readyz')).code).toBe(200)
  expect(await watchers()).toEqual(before)
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})
