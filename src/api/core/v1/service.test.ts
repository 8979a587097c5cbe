import { describe, expect, test } from 'vitest'
import { cells, created, refusals, updateRefusals } from '../../testing/written'
import { services } from './service'

const service = (spec: object = {}): { spec: object } => ({ spec: { ports: [{ port: 80 }], ...spec } })

test('target ports, traffic policies and balancers get their defaults by type', async () => {
  expect((await created(services, service())).spec).toMatchObject({ type: 'ClusterIP', internalTrafficPolicy: 'Cluster', ports: [{ targetPort: 80, protocol: 'TCP' }] })
  expect((await created(services, service({ type: 'LoadBalancer' }))).spec).toMatchObject({ externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true })
  expect((await created(services, { spec: { type: 'ExternalName', externalName: 'a.b' } })).spec.internalTrafficPolicy).toBeUndefined()
  expect((await created(services, service({ clusterIP: 'None' }))).spec.clusterIPs).toEqual(['None'])
})

test.each<[string, object, string[]]>([
  ['sound', {}, []],
  ['without ports', { ports: [] }, ['spec.ports: Required value']],
  ['of an unknown type', { type: 'X' }, ['spec.type: Unsupported value: "X": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
  ['with a node port inside', { ports: [{ port: 80, nodePort: 30080 }] }, ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
  ['of several ports without names', { ports: [{ name: 'a', port: 80 }, { port: 81 }] }, ['spec.ports[1].name: Required value']],
  ['with a loopback address', { externalIPs: ['127.0.0.1'], externalTrafficPolicy: 'Cluster' },
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
])('a service %s', async (_name, spec, expected) => {
  expect(await refusals(services, service(spec))).toEqual(expected)
})

describe('updates', () => {
  test('the address stays', async () => {
    expect(await updateRefusals(services, service({ clusterIP: '10.0.0.1' }), service({ clusterIP: '10.0.0.2' }))).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ])
  })
  test('what a new type has no use for goes by itself', async () => {
    const before = service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    expect(await updateRefusals(services, before, service({ type: 'ClusterIP', ports: [{ port: 80, nodePort: 30080 }], externalTrafficPolicy: 'Cluster' }))).toEqual([])
  })
})

test('columns', async () => {
  const object = await created(services, service({ type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080 }] }))
  expect(cells(services, object)).toMatchObject({ Type: 'NodePort', 'Cluster-IP': '10.0.0.1', 'External-IP': '<none>', 'Port(s)': '80:30080/TCP', Selector: '<none>' })
})

test('an address that stands there may stay as it was written', async () => {
  const old = service({ externalIPs: ['01.2.3.4'] })
  expect(await refusals(services, old)).toEqual(['spec.externalIPs[0]: Invalid value: "01.2.3.4": must not have leading 0s'])
  expect(await updateRefusals(services, old, service({ externalIPs: ['01.2.3.4', '02.2.3.4'] }))).toEqual(['spec.externalIPs[1]: Invalid value: "02.2.3.4": must not have leading 0s'])
})
