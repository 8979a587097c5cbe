import { expect, test } from 'vitest'
import type { Service } from '#api/core/v1/types'
import { hasClusterIP, hasLocalExternalTraffic, isExternallyAccessible, isHeadless, needsHealthCheckPort, needsNodePorts } from './services'

const service = (spec: Partial<Service['spec']>): { spec: Service['spec'] } => ({ spec: { type: 'ClusterIP', sessionAffinity: 'None', clusterIP: '10.0.0.1', ...spec } })

test.each<[Partial<Service['spec']>, [accessible: boolean, local: boolean, health: boolean, nodePorts: boolean]]>([
  [{}, [false, false, false, false]],
  [{ externalTrafficPolicy: 'Local' }, [false, false, false, false]],
  [{ externalIPs: ['1.2.3.4'], externalTrafficPolicy: 'Local' }, [true, true, false, false]],
  [{ type: 'NodePort', externalTrafficPolicy: 'Local' }, [true, true, false, true]],
  [{ type: 'LoadBalancer', externalTrafficPolicy: 'Local' }, [true, true, true, true]],
  [{ type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: false }, [true, false, false, false]],
])('%j', (spec, expected) => {
  const s = service(spec)
  expect([isExternallyAccessible(s), hasLocalExternalTraffic(s), needsHealthCheckPort(s), needsNodePorts(s)]).toEqual(expected)
})

test('headless services and external names have no address of their own', () => {
  expect([hasClusterIP(service({})), hasClusterIP(service({ clusterIP: 'None' })), hasClusterIP(service({ type: 'ExternalName', clusterIP: '' }))]).toEqual([true, false, false])
  expect(isHeadless(service({ clusterIP: 'None' }))).toBe(true)
})
