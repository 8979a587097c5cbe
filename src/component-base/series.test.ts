import { expect, test } from 'vitest'
import { createMetrics } from './metrics'
import { counterFamily, gaugeFamily, histogramFamily } from './series'

test('series are kept by who counts, and written when somebody looks', async () => {
  const metrics = createMetrics()
  const requests = counterFamily('requests_total', 'How many.', ['verb', 'path'])
  const seconds = histogramFamily('seconds', 'How long.', [0.1, 1])
  metrics.source(() => requests.text() + seconds.text() + gaugeFamily('none', 'Nothing.').text())
  const gets = requests.of('GET', 'a"b\\c')
  gets.value++
  requests.of('GET', 'a"b\\c').value++
  for (const value of [0.05, 0.1, 0.5, 2]) seconds.of().observe(value)
  const { body } = await metrics.text()
  expect(body).toContain('# HELP requests_total How many.\n# TYPE requests_total counter\nrequests_total{verb="GET",path="a\\"b\\\\c"} 2\n')
  expect(body).toContain('seconds_bucket{le="0.1"} 2\nseconds_bucket{le="1"} 3\nseconds_bucket{le="+Inf"} 4\nseconds_sum 2.65\nseconds_count 4\n')
  expect(body).not.toContain('none')
})
