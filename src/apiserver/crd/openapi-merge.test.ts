import { expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server'

test('the document of everything holds every definition and parameter that it names', async () => {
  await using server = await startTestServer()
  await server.transport.request({
    method: 'POST', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, subresources: { status: {}, scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } } }],
      },
    },
  })
  type Swagger = Record<'definitions' | 'parameters' | 'paths', Record<string, unknown> | undefined>
  let whole: Swagger
  do whole = (await server.transport.request({ method: 'GET', path: '/openapi/v2' })).body as Swagger
  while (!whole.paths!['/apis/example.com/v1/namespaces/{namespace}/widgets/{name}'])
  expect(whole.definitions!['com.example.v1.Widget']).toBeDefined()
  expect(whole.definitions!['io.k8s.api.apps.v1.Deployment']).toBeDefined()
  const named = new Set(JSON.stringify(whole).match(/#\/(?:definitions|parameters)\/[^"]+/g))
  expect([...named].filter((ref) => {
    const [, section, name] = ref.split('/') as [string, 'definitions' | 'parameters', string]
    return whole[section]?.[name] === undefined
  })).toEqual([])
})
