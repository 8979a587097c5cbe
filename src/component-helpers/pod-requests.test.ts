import { expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { podLimits, podRequests } from './pod-requests'
import { makeContainer, makePod } from './pods.fixture'

const asks = (name: string, cpu: string, rest: object = {}): ReturnType<typeof makeContainer> => makeContainer(name, { resources: { requests: { cpu } }, ...rest })
const sidecar = { restartPolicy: 'Always' }

test.each<[string, Partial<Pod['spec']>, number]>([
  ['containers together', { containers: [asks('a', '100m'), asks('b', '200m')] }, 300],
  ['an init container that asks for more', { containers: [asks('a', '100m')], initContainers: [asks('i', '500m'), asks('j', '400m')] }, 500],
  ['sidecars beside the containers', { containers: [asks('a', '100m')], initContainers: [asks('s', '50m', sidecar)] }, 150],
  ['an init container beside the sidecars started before it', { containers: [asks('a', '100m')], initContainers: [asks('s', '50m', sidecar), asks('i', '200m'), asks('t', '10m', sidecar)] }, 250],
  ['pod level wins', { containers: [asks('a', '100m')], resources: { requests: { cpu: '1' } } }, 1000],
  ['overhead on top', { containers: [asks('a', '100m')], overhead: { cpu: '10m' } }, 110],
])('%s', (_, spec, milliCpu) => {
  expect(podRequests(makePod('p', { spec })).milliCpu).toBe(milliCpu)
})

test('limits: overhead adds to limits, not to the absence of limits', () => {
  const limited = makeContainer('a', { resources: { limits: { cpu: '1' } } })
  expect(podLimits(makePod('p', { spec: { containers: [limited], overhead: { cpu: '10m', memory: '1Mi' } } }))).toMatchObject({ milliCpu: 1010, memory: 0 })
  expect(podLimits(makePod('p', { spec: { containers: [asks('a', '1')], overhead: { cpu: '10m' } } })).milliCpu).toBe(0)
})
