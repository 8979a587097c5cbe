import { decode, encode, type Packet } from 'dns-packet'
import { expect, test } from 'vitest'
import type { Service } from '#api/core/v1/types'
import { silent } from '#component-base/log'
import { createResponder } from './responder'
import { listen } from './server'
import { forwardTo } from './upstream'
import { Zone } from './zone'

const many = Array.from({ length: 100 }, (_, i) => `10.96.1.${i}`)
const web = { metadata: { namespace: 'shop', name: 'web' }, spec: { clusterIP: many[0], clusterIPs: many, ports: [] } } as unknown as Service
const zone = new Zone('cluster.local', {
  service: (key) => (key === 'shop/web' ? web : undefined), slices: () => [], namespaceExists: () => true, servicesByAddress: () => [], slicesByAddress: () => [],
})
const query = (name: string): Buffer => encode({ type: 'query', id: 7, flags: 0x100, questions: [{ name, type: 'A', class: 'IN' }] })
type Answered = Packet & { rcode: string; flag_tc: boolean }
const read = (bytes: Buffer | undefined): Answered => decode(bytes!) as unknown as Answered

test('an answer too large for a datagram is cut, and whole over TCP; case does not matter', async () => {
  const respond = createResponder({ zone, forward: forwardTo({ servers: [] }), log: silent })
  expect(read(await respond(query('web.shop.svc.cluster.local'), 'udp')).flag_tc).toBe(true)
  expect(read(await respond(query('WEB.shop.svc.Cluster.local'), 'tcp')).answers).toHaveLength(100)
})

test('names of other zones go upstream, and fail when nobody is there', async () => {
  const upstream = async (message: Buffer) => encode({ type: 'response', id: read(message).id, questions: read(message).questions, answers: [{ name: 'example.org', type: 'A', ttl: 1, data: '192.0.2.1' }] })
  await using server = await listen('127.0.0.1', 0, upstream, silent)
  const respond = createResponder({ zone, forward: forwardTo({ servers: [`127.0.0.1#${server.port}`] }), log: silent })
  for (const over of ['udp', 'tcp'] as const) expect(read(await respond(query('example.org'), over)).answers).toMatchObject([{ data: '192.0.2.1' }])
  const alone = createResponder({ zone, forward: forwardTo({ servers: [] }), log: silent })
  expect(read(await alone(query('example.org'), 'udp')).rcode).toBe('SERVFAIL')
  expect(read(await alone(query('nobody.shop.svc.cluster.local'), 'udp')).rcode).toBe('NXDOMAIN')
  expect(read(await alone(Buffer.from([1, 2, 3]), 'udp')).rcode).toBe('FORMERR')
})
