import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Unstructured } from '#apimachinery/object'
import { startTlsServer, type TlsServer } from '../testing/tls-server'
import type { Webhooks } from '../webhook/webhook'
import { conversionReview, defineWidgets } from '../testing/widgets'

let refuses = false
const webhooks: Webhooks = {
  of: () => ({
    call: async (body) => {
      if (refuses) throw new Error('out of order')
      return conversionReview(body)
    },
    async [Symbol.asyncDispose]() {},
  }),
  ofKubeconfig() {
    throw new Error('not here')
  },
}
let server: TlsServer
beforeEach(async () => {
  refuses = false
  server = await startTlsServer({ webhooks })
  await defineWidgets(server.transport, 'https://converter.example.com')
})
afterEach(() => server[Symbol.asyncDispose]())

interface Answer { code: number; body: Unstructured & { message?: string } }
const path = (version: string, name = ''): string => `/apis/example.com/${version}/namespaces/default/widgets${name && `/${name}`}`
async function ask(method: string, target: string, body?: object, type = 'application/json'): Promise<Answer> {
  const answer = await server.ask(target, { method, ...(body ? { body: JSON.stringify(body), headers: { 'content-type': type } } : {}) })
  return { code: answer.code, body: JSON.parse(answer.body.toString()) as Answer['body'] }
}
const managers = ({ body }: Answer): unknown[] => (body.metadata.managedFields ?? []).toSorted((a, b) => (a.manager! < b.manager! ? 1 : -1))
  .map(({ manager, operation, apiVersion, fieldsV1 }) => [manager, operation, apiVersion, (fieldsV1 as { 'f:spec'?: object })['f:spec']])
const widget = (version: string, spec: object): object => ({ apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name: 'a' }, spec })
const create = (version: string, manager: string, spec: object): Promise<Answer> => ask('POST', `${path(version)}?fieldManager=${manager}`, widget(version, spec))
const apply = (version: string, manager: string, spec: object, more = ''): Promise<Answer> => ask('PATCH', `${path(version, 'a')}?fieldManager=${manager}${more}`, widget(version, spec), 'application/apply-patch+yaml')
const merge = (version: string, manager: string, spec: object): Promise<Answer> => ask('PATCH', `${path(version, 'a')}?fieldManager=${manager}`, { spec }, 'application/merge-patch+json')

test('who wrote in another version keeps what nobody else has written since', async () => {
  await create('v2', 'two', { host: 'x', port: '1', note: 'n' })
  const own = ['two', 'Update', 'example.com/v2', { '.': {}, 'f:host': {}, 'f:note': {}, 'f:port': {} }]
  expect(managers(await ask('GET', path('v1', 'a')))).toEqual([own])
  // In terms of the second version, only the port is another one.
  expect(managers(await merge('v1', 'one', { hostPort: 'x:2' }))).toEqual([
    ['two', 'Update', 'example.com/v2', { '.': {}, 'f:host': {}, 'f:note': {} }], ['one', 'Update', 'example.com/v1', { 'f:hostPort': {} }],
  ])
  const { body: live } = await ask('GET', path('v1', 'a'))
  expect(managers(await ask('PUT', `${path('v1', 'a')}?fieldManager=third`, { ...live, spec: { hostPort: 'y:2', note: 'n' } }))).toEqual([
    ['two', 'Update', 'example.com/v2', { '.': {}, 'f:note': {} }], ['third', 'Update', 'example.com/v1', { 'f:hostPort': {} }],
  ])
})

test('appliers of several versions meet in each other’s terms', async () => {
  await apply('v2', 'two', { host: 'x', port: '1' })
  expect(await apply('v1', 'one', { hostPort: 'x:2' })).toMatchObject({ code: 409, body: { message: 'Apply failed with 1 conflict: conflict with "two": .spec.port' } })
  expect(managers(await apply('v1', 'one', { hostPort: 'x:2' }, '&force=true'))).toEqual([['two', 'Apply', 'example.com/v2', { 'f:host': {} }], ['one', 'Apply', 'example.com/v1', { 'f:hostPort': {} }]])
  // Whoever goes on in another version takes away what he no longer says.
  await apply('v2', 'noter', { note: 'n' })
  expect((await apply('v1', 'noter', {})).body['spec']).toEqual({ hostPort: 'x:2' })
})

test('nobody is refused because a webhook is out of order: the object has no managers then', async () => {
  await create('v2', 'two', { host: 'x', port: '1' })
  await ask('GET', path('v1', 'a'))
  refuses = true
  const { code, body } = await merge('v1', 'one', { hostPort: 'x:2' })
  expect([code, body.metadata.managedFields ?? []]).toEqual([200, []])
})
