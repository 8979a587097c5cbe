import { expect, test } from 'vitest'
import type { ComponentStatus, Service } from '#api/core/v1/types'
import { startTestServer } from '../../testing/test-server'

test('component statuses are asked for as they are read', async () => {
  await using server = await startTestServer({
    components: [
      { name: 'scheduler', check: () => {} },
      {
        name: 'controller-manager',
        check() {
          throw new Error('it does not answer')
        },
      },
    ],
  })
  const { body, warnings } = await server.transport.request({ method: 'GET', path: '/api/v1/componentstatuses' })
  expect(warnings).toEqual(['v1 ComponentStatus is deprecated in v1.19+'])
  expect((body as { items: ComponentStatus[] }).items.map(({ metadata, conditions }) => [metadata.name, conditions?.[0]])).toEqual([
    ['etcd-0', { type: 'Healthy', status: 'True', message: 'ok' }],
    ['scheduler', { type: 'Healthy', status: 'True', message: 'ok' }],
    ['controller-manager', { type: 'Healthy', status: 'False', error: 'it does not answer' }],
  ])
  const one = await server.transport.request({ method: 'GET', path: '/api/v1/componentstatuses/scheduler' })
  expect(one.body).toMatchObject({ kind: 'ComponentStatus', metadata: { name: 'scheduler' } })
})

test('a dry run promises no node port of the range', async () => {
  await using server = await startTestServer()
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ name: 'a', port: 80 }, { name: 'b', port: 81 }] } }
  const answer = await server.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/services', query: { dryRun: 'All' }, body })
  expect((answer.body as Service).spec.ports!.map(({ nodePort }) => nodePort)).toEqual([32769, 32770])
})

test('who may only read pods runs nothing in them', async () => {
  const verbs: string[] = []
  await using server = await startTestServer({
    authorizers: [{
      authorize({ verb, user }) {
        verbs.push(verb)
        return { verdict: user.name === 'admin' || verb === 'get' ? 'allow' : 'deny', reason: 'readers only read' }
      },
    }],
    dial: async () => ({ sort: 'object', code: 200, object: { ran: true } }),
  })
  await server.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body: { metadata: { name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } } })
  await server.transport.request({ method: 'POST', path: '/api/v1/nodes', body: { metadata: { name: 'n1' } } })
  const reader = server.server.connect({ name: 'reader', groups: [] })
  for (const subresource of ['exec', 'attach', 'portforward']) {
    const path = `/api/v1/namespaces/default/pods/p/${subresource}`
    await expect(reader.request({ method: 'GET', path, query: { command: 'sh' } })).rejects.toMatchObject({ code: 403, message: 'pods "p" is forbidden: readers only read' })
    expect((await server.transport.request({ method: 'GET', path, query: { command: 'sh' } })).body).toEqual({ ran: true })
  }
  expect(verbs.filter((verb) => verb === 'create').length).toBeGreaterThanOrEqual(8)
})
