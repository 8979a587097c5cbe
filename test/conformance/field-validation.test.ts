import { expect, test } from 'vitest'
import type { Call } from '#client/index'
import { refusal, serve } from './cluster'
import { type CustomOptions, define } from './custom-kinds'

const served = serve()

/** A deployment as somebody types it: with text of their own in its metadata and its spec. */
const deployment = (metadata: string, spec: string): string => `{
  "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web"${metadata} },
  "spec": { ${spec} "selector": { "matchLabels": { "app": "web" } }, "template": { "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "main", "image": "nginx" }] } } }
}`
const strictly = (path: string, body: string, call: Partial<Call> = {}) => served.answer(path, { method: 'POST', body, query: { fieldValidation: 'Strict', fieldManager: 'twin' }, ...call })

test('[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object', async () => {
  const { message, code } = await refusal(strictly(`/apis/apps/v1/namespaces/${await served.namespace()}/deployments`, deployment('', '"unknownField": "foo", "replicas": 2, "replicas": 3,')))
  expect(code).toBe(400)
  expect(message).toContain('strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"')
})

test('[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object', async () => {
  const { message } = await refusal(strictly(`/apis/apps/v1/namespaces/${await served.namespace()}/deployments`, deployment(', "unknownMeta": "foo"', '')))
  expect(message).toContain('strict decoding error: unknown field "metadata.unknownMeta"')
})

/** Objects of a custom kind, applied as YAML. */
async function custom(options: CustomOptions) {
  const { resource, path } = await define(served, { scope: 'Cluster', ...options })
  return {
    apply: (rest: string) => strictly(`${path()}/mytest`, `apiVersion: ${resource.group}/v1\nkind: ${resource.kind}\n${rest}`, { method: 'PATCH', contentType: 'application/apply-patch+yaml' }),
    create: (rest: string) => strictly(path(), `apiVersion: ${resource.group}/v1\nkind: ${resource.kind}\n${rest}`, { contentType: 'application/yaml' }),
  }
}

const spec = {
  type: 'object', properties: {
    cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
    foo: { type: 'string' },
    ports: {
      type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      items: { type: 'object', required: ['containerPort', 'protocol'], properties: { containerPort: { type: 'integer', format: 'int32' }, protocol: { type: 'string' }, name: { type: 'string' } } },
    },
  },
}
const port = '  ports:\n  - {name: x, containerPort: 80, protocol: TCP}\n'

test('[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema', async () => {
  const { apply } = await custom({ schema: { type: 'object', properties: { spec } } })
  const { body } = await apply(`metadata:\n  name: mytest\nspec:\n  foo: foo1\n  cronSpec: "* * * * */5"\n${port}`)
  expect(body).toMatchObject({ spec: { foo: 'foo1', cronSpec: '* * * * */5', ports: [{ name: 'x', containerPort: 80, protocol: 'TCP' }] } })
})

test('[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema', async () => {
  const { apply } = await custom({})
  expect((await apply(`metadata:\n  name: mytest\nspec:\n  unknown: uk1\n${port}`)).body).toMatchObject({ spec: { unknown: 'uk1' } })
})

test('[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema', async () => {
  const { apply, create } = await custom({ schema: { type: 'object', properties: { spec } } })
  const rest = `metadata:\n  name: mytest\nspec:\n  unknown: uk1\n  cronSpec: "* * * * */5"\n${port}`
  expect((await refusal(apply(rest))).message).toContain('.spec.unknown: field not declared in schema')
  expect((await refusal(create(rest))).message).toContain('strict decoding error: unknown field "spec.unknown"')
})

test('[sig-api-machinery] FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR', async () => {
  const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
  const { apply, create } = await custom({ schema: { type: 'object', properties: { spec: { type: 'object', properties: { template: embedded } } } } })
  const rest = 'metadata:\n  name: mytest\n  unknownMeta: a\nspec:\n  template:\n    apiVersion: foo/v1\n    kind: Sub\n    metadata:\n      name: sub\n      unknownSubMeta: b\n'
  expect((await refusal(apply(rest))).message).toMatch(/\.metadata\.unknownMeta: field not declared in schema|\.spec\.template\.metadata\.unknownSubMeta: field not declared in schema/)
  const { message } = await refusal(create(rest))
  for (const field of ['metadata.unknownMeta', 'spec.template.metadata.unknownSubMeta']) expect(message).toContain(`unknown field "${field}"`)
})

test('[sig-api-machinery] FieldValidation should detect duplicates in a CR when preserving unknown fields', async () => {
  const { apply, create } = await custom({ schema: { type: 'object', properties: { spec: { ...spec, 'x-kubernetes-preserve-unknown-fields': true } } } })
  const rest = `metadata:\n  name: mytest\nspec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n${port}`
  expect((await refusal(apply(rest))).message).toContain('line 8: key "foo" already set in map')
  expect((await refusal(create(rest))).message).toContain('key "foo" already set in map')
})
