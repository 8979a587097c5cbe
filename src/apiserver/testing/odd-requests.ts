// What fuzz tests ask: requests that nobody in his right mind sends.
import fc from 'fast-check'
import { builtin } from '#api/builtin'

const kinds = builtin.flatMap((resource) => Object.keys(resource.versions).map((apiVersion) => ({ resource, apiVersion })))
const name = fc.constantFrom('a', 'default', 'kube-system', '__proto__', 'constructor', '..', '%2e%2e', '%00', '%ff', '%', 'a%2Fb', 'A'.repeat(300), 'ü', '-', '')
/** Those that hand a connection over or go beyond this server answer for others. */
const beyond = new Set(['proxy', 'exec', 'attach', 'portforward', 'log'])

/** Of kinds that there are, with names that nobody gives. */
export const oddPath = fc.record({ kind: fc.constantFrom(...kinds), namespace: name, name, sub: fc.nat(6), form: fc.nat(9) }).map(({ kind: { resource, apiVersion }, namespace, name: own, sub, form }) => {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const where = resource.namespaced && form !== 0 ? `${root}/namespaces/${namespace}` : form === 1 ? `${root}/watch` : root
  const subresources = Object.keys(resource.subresources).filter((one) => !beyond.has(one))
  return `${where}/${resource.resource}${form < 6 ? `/${own}` : ''}${form < 3 && subresources.length > 0 ? `/${subresources[sub % subresources.length]}` : ''}`
})

const odd = fc.constantFrom('0', '1', '-1', 'true', 'false', '', 'x', '1e400', '9223372036854775808', '18446744073709551616', '99999999', 'Exact', 'NotOlderThan', 'All', 'Strict', 'metadata.name=a', 'a in (b,c)', '!a,', '(((', '%00', '%ff', 'a'.repeat(5000), '__proto__', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9')
const parameter = fc.constantFrom('watch', 'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'timeoutSeconds', 'labelSelector', 'fieldSelector', 'dryRun', 'fieldManager', 'fieldValidation', 'force', 'pretty', 'includeObject', 'propagationPolicy', 'gracePeriodSeconds', 'orphanDependents', 'shardSelector', '__proto__')
/** Never one that watches for long. */
export const oddQuery = fc.array(fc.tuple(parameter, odd), { maxLength: 4 }).map((pairs) => ['timeoutSeconds=-1', ...pairs.filter(([key]) => key !== 'timeoutSeconds').map(([key, value]) => `${key}=${value}`)].join('&'))

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
export const oddBody = fc.oneof(sound.map(Buffer.from), value.any.map(Buffer.from), deep.map(Buffer.from), lists.map(Buffer.from), fc.uint8Array({ maxLength: 200 }).map(Buffer.from), value.object.map((text) => Buffer.concat([Buffer.from('k8s\0'), Buffer.from(text)])), value.object.map((text) => Buffer.from(text, 'utf16le')))

const accept = fc.constantFrom('', '*/*', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/json;as=Table;g=meta.k8s.io;v=v1', 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', ';;;', ',,,', 'application/json;q=x', 'a/b;as=', '__proto__')
const contentType = fc.constantFrom('application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/merge-patch+json', 'application/json-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'application/cbor', 'text/plain', '', ';', 'constructor')
export const oddHeaders = fc.record({ accept, 'content-type': contentType, 'accept-encoding': fc.constantFrom('gzip', 'gzip, deflate', 'x', ''), 'user-agent': fc.constantFrom('', 'kubectl/v1.36', '/', '\u00ff', 'a'.repeat(500)) })

/** What watches are asked with; none of them lasts longer than a second. */
export const oddWatch = fc.array(fc.tuple(fc.constantFrom('resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'labelSelector', 'fieldSelector', 'limit', 'continue', 'timeoutSeconds', 'timeout'), odd), { maxLength: 5 })
  .map((pairs) => ['watch=true', 'timeoutSeconds=1', ...pairs.filter(([key]) => key !== 'timeoutSeconds').map(([key, text]) => `${key}=${text}`)].join('&'))

/** Selectors of up to half a megabyte: many terms, long values, and what is none. */
export const hugeSelector = fc.tuple(fc.constantFrom('labelSelector', 'fieldSelector'), fc.constantFrom('a=b,', '!a,', 'a in (b,c),', 'a notin (', 'metadata.name!=a,', 'metadata.name=a,', '(', ',', '=', 'a', '\\', '%2C', '%'), fc.integer({ min: 1, max: 40_000 }), fc.constantFrom('', 'a', ')', '='))
  .map(([sort, term, times, end]) => `timeoutSeconds=1&${sort}=${term.repeat(Math.min(times, 400_000 / term.length)).replaceAll(' ', '%20')}${end}`)

export const oddMethod = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE')
export const oddContentEncoding = fc.constantFrom('gzip', 'deflate', 'identity', '', 'br, gzip', '__proto__')

/** What a caller of the same process may hand over: parts that are frozen or shared, and values that JSON has not. */
const part = fc.letrec<{ any: unknown; object: Record<string, unknown> }>((tie) => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constantFrom<unknown>(undefined, null, true, 0, -0, 1.5, NaN, Infinity, 2 ** 53, '', 'a', '-', '1Gi', '2026-01-01T00:00:00Z', '\ud800', '\0', Object.freeze([]), Object.freeze({}), Object.freeze([null]), Object.freeze({ a: undefined })), tie('object'), fc.array(tie('any'), { maxLength: 3 })),
  object: fc.array(fc.tuple(field, tie('any')), { maxLength: 6 }).map((fields) => Object.fromEntries(fields)),
}))
export const oddObject: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...kinds), part.object, part.object).map(([{ resource, apiVersion }, spec, metadata]) => ({ apiVersion, kind: resource.kind, metadata, spec, status: spec })) },
  { weight: 1, arbitrary: part.any },
)
