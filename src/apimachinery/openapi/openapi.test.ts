import { describe, expect, test } from 'vitest'
import { defineResource } from '../resource'
import { scaleThrough, statusOnly } from '../subresources'
import { decodeTable } from '../schema/table'
import type { Descriptions } from './definitions'
import { openApiDocument } from './document'
import { rootDocuments } from './root-documents'
import { shareParameters } from './shared-parameters'
import { openApiV2 } from './v2'
import { encodeOpenApiV2 } from './v2-protobuf'

const meta = decodeTable('meta/v1', [], [
  'ObjectMeta\tname s 1\tlabels %s 11\tcreationTimestamp t 8', 'ListMeta\tcontinue s 3', 'DeleteOptions\tkind s\tapiVersion s\tdryRun *!s 5', 'Status\tapiVersion s\tkind s\tcode i 6',
  'WatchEvent\ttype s 1 ra\tobject U 2 r', 'APIResourceList\tapiVersion s\tkind s\tgroupVersion s 1 ra',
].join('\n'))
const structs = decodeTable('shops/v1', [() => meta], [
  'Shop\tapiVersion s\tkind s\tmetadata 0.ObjectMeta 1\tspec .ShopSpec 2 a', 'ShopSpec\titems {name}.Item 1 rNm:name\tsize q 2\tport n 3 p\ttags +s 4 m\towner !.Item 5 k\tany u 6\tselect %!s 7',
  'Item\tname s 1 ra\tcount i 2 - 3\tpart .Item 3',
].join('\n'))
const shops = defineResource({
  group: 'example.com', version: 'v1', kind: 'Shop', resource: 'shops', namespaced: true, versions: {}, columns: [],
  subresources: { status: statusOnly(), scale: scaleThrough('spec.size', 'status.size') },
})
const gvk = { group: 'example.com', version: 'v1', kind: 'Shop' }
const descriptions: Descriptions = { of: (name) => `About ${name.split('.').at(-1)}.`, ofField: (name, field) => (field === 'part' ? undefined : `${name.split('.').at(-1)}'s ${field}.`) }
const document = openApiDocument({
  group: 'example.com', version: 'v1', meta, descriptions, groupOf: () => 'example.com',
  served: [{
    resource: shops, gvk, struct: structs['Shop']!, returnsDeleted: false,
    subresources: [
      { name: 'status', sort: 'object', verbs: ['get', 'patch', 'update'], gvk, struct: structs['Shop'] },
      { name: 'proxy', sort: 'rest', verbs: ['get'], gvk: { ...gvk, kind: 'ShopProxyOptions' }, struct: undefined },
    ],
  }],
})
const { schemas } = document.components

describe('v3', () => {
  test('schemas', () => {
    expect(schemas['io.k8s.api.shops.v1.ShopSpec']).toEqual({
      description: 'About ShopSpec.', type: 'object', required: ['items'],
      properties: {
        any: { allOf: [{ $ref: '#/components/schemas/io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON' }], description: `ShopSpec's any.` },
        items: {
          description: `ShopSpec's items.`, items: { $ref: '#/components/schemas/io.k8s.api.shops.v1.Item' }, type: 'array', 'x-kubernetes-list-map-keys': ['name'], 'x-kubernetes-list-type': 'map',
          'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge',
        },
        owner: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.shops.v1.Item' }], description: `ShopSpec's owner.`, 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-patch-strategy': 'retainKeys' },
        port: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' }], description: `ShopSpec's port.` },
        select: { additionalProperties: { type: 'string' }, description: `ShopSpec's select.`, type: 'object', 'x-kubernetes-map-type': 'atomic' },
        size: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' }], description: `ShopSpec's size.` },
        tags: { description: `ShopSpec's tags.`, items: { type: 'string' }, type: 'array', 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' },
      },
    })
    expect(schemas['io.k8s.api.shops.v1.Item']!.properties).toMatchObject({ name: { default: '' }, count: { format: 'int32' }, part: { description: 'About Item.' } })
    expect(schemas['io.k8s.api.shops.v1.Item']!['x-kubernetes-map-type']).toBeUndefined()
    expect(schemas['io.k8s.api.shops.v1.Shop']!['x-kubernetes-group-version-kind']).toEqual([gvk])
    expect(schemas['io.k8s.api.shops.v1.ShopList']).toMatchObject({ required: ['items'], 'x-kubernetes-group-version-kind': [{ ...gvk, kind: 'ShopList' }] })
    expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions']!['x-kubernetes-group-version-kind']).toEqual([
      { group: '', kind: 'DeleteOptions', version: 'v1' }, { group: 'example.com', kind: 'DeleteOptions', version: 'v1' },
    ])
  })

  test('every reference leads somewhere', () => {
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(schemas[name!], name).toBeDefined()
  })

  test('paths', () => {
    const ids = Object.entries(document.paths).map(([path, item]) => `${path} ${Object.entries(item).filter(([key]) => key !== 'parameters').map(([method, o]) => `${method}=${(o as { operationId: string }).operationId}`).join(' ')}`)
    expect(ids).toContain('/apis/example.com/v1/namespaces/{namespace}/shops get=listExampleComV1NamespacedShop post=createExampleComV1NamespacedShop delete=deleteExampleComV1CollectionNamespacedShop')
    expect(ids).toContain('/apis/example.com/v1/shops get=listExampleComV1ShopForAllNamespaces')
    expect(ids).toContain('/apis/example.com/v1/watch/namespaces/{namespace}/shops/{name} get=watchExampleComV1NamespacedShop')
    expect(ids).toContain(
      '/apis/example.com/v1/namespaces/{namespace}/shops/{name}/status get=readExampleComV1NamespacedShopStatus put=replaceExampleComV1NamespacedShopStatus patch=patchExampleComV1NamespacedShopStatus',
    )
    const item = document.paths['/apis/example.com/v1/namespaces/{namespace}/shops/{name}']!
    expect(item.parameters!.map(({ name }) => name)).toEqual(['name', 'namespace', 'pretty'])
    expect(item.patch).toMatchObject({ 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': gvk })
    expect(item.patch!.parameters!.map(({ name }) => name)).toContain('fieldValidation')
    expect(document.paths['/apis/example.com/v1/namespaces/{namespace}/shops/{name}/proxy/{path}']!.head!.operationId).toBe('connectExampleComV1HeadNamespacedShopProxyWithPath')
  })
})

test('the lists of groups have documents of their own', () => {
  const lists = decodeTable('meta/v1', [], ['APIVersions', 'APIGroupList', 'APIGroup'].map((name) => `${name}\tapiVersion s\tkind s`).join('\n'))
  const documents = rootDocuments(['', 'rbac.authorization.k8s.io'], lists, descriptions)
  expect(Object.keys(documents)).toEqual(['api', 'apis', 'version', 'openid/v1/jwks', '.well-known/openid-configuration', 'apis/rbac.authorization.k8s.io'])
  expect(documents['apis/rbac.authorization.k8s.io']!.paths['/apis/rbac.authorization.k8s.io/']!.get).toMatchObject({ operationId: 'getRbacAuthorizationAPIGroup', tags: ['rbacAuthorization'] })
  expect(documents['version']!.components.schemas['io.k8s.apimachinery.pkg.version.Info']!.required).toContain('gitVersion')
})

test('a custom resource is shown as its definition says', () => {
  const schema = { type: 'object', properties: { spec: { type: 'object' } }, 'x-kubernetes-group-version-kind': [gvk] }
  const custom = openApiDocument({
    group: 'example.com', version: 'v1', meta, descriptions, groupOf: () => 'example.com',
    served: [{
      resource: shops, gvk, struct: structs['Shop']!, definition: { name: 'com.example.v1.Shop', schema }, returnsDeleted: false,
      subresources: [{ name: 'status', sort: 'object', verbs: ['patch'], gvk, struct: structs['Shop'] }],
    }],
  })
  expect(custom.components.schemas['com.example.v1.Shop']).toBe(schema)
  expect(custom.components.schemas['com.example.v1.ShopList']!.properties!['items']).toMatchObject({ items: { $ref: '#/components/schemas/com.example.v1.Shop' } })
  expect(Object.keys(custom.components.schemas).some((name) => name.startsWith('io.k8s.api.shops'))).toBe(false)
  const item = custom.paths['/apis/example.com/v1/namespaces/{namespace}/shops/{name}/status']!
  expect(Object.keys(item.patch!.requestBody!.content)).toEqual(['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'])
})

describe('v2', () => {
  const v2 = openApiV2([document]) as any
  test('is the same in the older words', () => {
    expect(v2.definitions['io.k8s.api.shops.v1.ShopSpec'].properties.size).toEqual({ $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity', description: `ShopSpec's size.` })
    expect(v2.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ type: 'string', format: 'int-or-string' })
    const { post } = v2.paths['/apis/example.com/v1/namespaces/{namespace}/shops']
    const { patch } = v2.paths['/apis/example.com/v1/namespaces/{namespace}/shops/{name}']
    expect(post.parameters[0]).toEqual({ in: 'body', name: 'body', required: true, schema: { $ref: '#/definitions/io.k8s.api.shops.v1.Shop' } })
    expect(patch.consumes).toContain('application/strategic-merge-patch+json')
    expect(JSON.stringify(v2)).not.toContain('#/components')
  })
  test('parameters that operations have in common are said once, by the names that the original gives them', () => {
    const shared = shareParameters(v2) as { parameters: object; paths: Record<string, Record<'post' | 'patch', { parameters: { $ref?: string; name?: string }[] }>> }
    const { post } = shared.paths['/apis/example.com/v1/namespaces/{namespace}/shops']!
    const { patch } = shared.paths['/apis/example.com/v1/namespaces/{namespace}/shops/{name}']!
    const references = (operation: { parameters: { $ref?: string; name?: string }[] }) => operation.parameters.map(({ $ref, name }) => $ref ?? name)
    expect(references(post)).toEqual(['body', 'dryRun', '#/parameters/fieldManager-Qy4HdaTW', 'fieldValidation'])
    expect(references(patch)).toEqual(['#/parameters/body-78PwaGsr', 'dryRun', '#/parameters/fieldManager-7c6nTn1T', 'fieldValidation', '#/parameters/force-tOGGb0Yi'])
    for (const reference of JSON.stringify(shared).matchAll(/#\/parameters\/([\w-]+)/g)) expect(shared.parameters).toHaveProperty(reference[1]!)
    expect(v2).not.toHaveProperty('parameters')
  })
  test('protobuf holds names and texts where gnostic reads them', () => {
    const bytes = encodeOpenApiV2({ swagger: '2.0', info: { title: 'T', version: 'v' }, paths: {}, definitions: { A: { type: 'object', 'x-kubernetes-group-version-kind': [] } } })
    const field = (tag: string, ...parts: (string | Buffer)[]): Buffer => {
      const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
      return Buffer.concat([Buffer.from(tag, 'hex'), Buffer.of(body.length), body])
    }
    const extension = field('fa01', field('0a', 'x-kubernetes-group-version-kind'), field('12', field('12', '[]\n')))
    const schema = Buffer.concat([field('b201', field('0a', 'object')), extension])
    expect(Buffer.from(bytes).toString('hex')).toBe(
      Buffer.concat([
        field('0a', '2.0'), field('12', field('0a', 'T'), field('12', 'v')), field('42'), field('4a', field('0a', field('0a', 'A'), field('12', schema))), field('6a'),
      ]).toString('hex'),
    )
  })
})
