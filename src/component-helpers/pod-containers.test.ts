import { expect, test } from 'vitest'
import { allContainers, findPort, hostPorts, longRunningContainers } from './pod-containers'
import { makeContainer, makePod } from './pods.fixture'

const pod = makePod('p', {
  spec: {
    initContainers: [makeContainer('init'), makeContainer('sidecar', { restartPolicy: 'Always', ports: [{ name: 'metrics', containerPort: 9090 }, { name: 'http', containerPort: 1, hostPort: 80 }] })],
    containers: [makeContainer('main', { ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }, { name: 'dns', containerPort: 53, protocol: 'UDP' }] })],
  },
})

test('containers that stay, and all of them', () => {
  expect(longRunningContainers(pod).map((c) => c.name)).toEqual(['sidecar', 'main'])
  expect(allContainers(pod).map((c) => c.name)).toEqual(['init', 'sidecar', 'main'])
})

test.each<[string | number, string | undefined, number | undefined]>([
  [8081, 'TCP', 8081], ['http', undefined, 8080], ['metrics', 'TCP', 9090], ['dns', 'TCP', undefined], ['dns', 'UDP', 53], ['none', 'TCP', undefined],
])('target port %s over %s is %s', (targetPort, protocol, port) => {
  expect(findPort(pod, { targetPort, ...(protocol ? { protocol } : {}) })).toBe(port)
})

test('host ports', () => {
  expect(hostPorts(pod).map((p) => p.hostPort)).toEqual([80])
})
