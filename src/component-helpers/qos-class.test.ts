import { expect, test } from 'vitest'
import { makeContainer, makePod } from './pods.fixture'
import { qosClassOf } from './qos-class'

const full = { cpu: '1', memory: '1Gi' }
test.each<[string, object, string]>([
  ['nothing', { containers: [makeContainer('a')] }, 'BestEffort'],
  ['zero is nothing', { containers: [makeContainer('a', { resources: { requests: { cpu: '0' } } })] }, 'BestEffort'],
  ['other resources do not count', { containers: [makeContainer('a', { resources: { limits: { 'x.io/gpu': '1' } } })] }, 'BestEffort'],
  ['requests are the limits', { containers: [makeContainer('a', { resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: full } })] }, 'Guaranteed'],
  ['requests below', { containers: [makeContainer('a', { resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: full } })] }, 'Burstable'],
  ['one container without', { containers: [makeContainer('a', { resources: { requests: full, limits: full } }), makeContainer('b')] }, 'Burstable'],
  ['an init container without', { containers: [makeContainer('a', { resources: { requests: full, limits: full } })], initContainers: [makeContainer('i')] }, 'Burstable'],
  ['pod level decides', { containers: [makeContainer('a')], resources: { requests: full, limits: full } }, 'Guaranteed'],
  ['pod level, requests only', { containers: [makeContainer('a')], resources: { requests: full } }, 'Burstable'],
])('%s', (_, spec, expected) => {
  expect(qosClassOf(makePod('p', { spec }))).toBe(expected)
})
