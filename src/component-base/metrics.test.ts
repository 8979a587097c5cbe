import { expect, test } from 'vitest'
import { createMetrics } from './metrics'

test('what is recorded before the library is there is not lost', async () => {
  const metrics = createMetrics()
  const requests = metrics.counter('apiserver_request_total', 'Requests.', ['verb'])
  requests.use((counter) => counter.inc({ verb: 'GET' }, 2))
  metrics.gauge('depth', 'Depth.').use((gauge) => gauge.set(7))
  const { body, contentType } = await metrics.text()
  requests.use((counter) => counter.inc({ verb: 'GET' }))
  expect(contentType).toContain('text/plain')
  expect(body).toContain('apiserver_request_total{verb="GET"} 2')
  expect(body).toContain('depth 7')
  expect((await metrics.text()).body).toContain('apiserver_request_total{verb="GET"} 3')
})
