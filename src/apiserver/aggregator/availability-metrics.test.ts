import { expect, test } from 'vitest'
import type { APIService, APIServiceCondition } from '#api/apiregistration/v1/types'
import { createMetrics } from '#component-base/metrics'
import { availabilityMetrics } from './availability-metrics'

const condition = (status: 'True' | 'False', reason: string): APIServiceCondition => ({ type: 'Available', status, reason }) as APIServiceCondition
const service = (name: string, ...conditions: APIServiceCondition[]): APIService => ({ metadata: { name }, spec: {}, status: { conditions } }) as unknown as APIService

test('services that fall out of order are counted, and told while they are', async () => {
  const metrics = createMetrics()
  const all = [service('v1.', condition('True', 'Local')), service('v1.a.io', condition('False', 'MissingEndpoints')), service('v1.b.io')]
  const count = availabilityMetrics(metrics, () => all)
  count(service('v1.a.io', condition('True', 'Passed')), [condition('False', 'MissingEndpoints')])
  // It is out of order already, or comes back.
  count(service('v1.a.io', condition('False', 'MissingEndpoints')), [condition('False', 'ServiceNotFound')])
  count(service('v1.a.io', condition('False', 'ServiceNotFound')), [condition('True', 'Passed')])
  const lines = (await metrics.text()).body.split('\n').filter((line) => line.startsWith('aggregator_'))
  expect(lines).toEqual([
    'aggregator_unavailable_apiservice{name="v1."} 0', 'aggregator_unavailable_apiservice{name="v1.a.io"} 1', 'aggregator_unavailable_apiservice{name="v1.b.io"} 1',
    'aggregator_unavailable_apiservice_total{name="v1.a.io",reason="MissingEndpoints"} 1',
  ])
})
