import { expect, test } from 'vitest'
import { startTlsServer } from '../testing/tls-server'

test.for<[string, string, string]>([
  ['curl/8.0', '', '{\n  "kind": "PodList",\n'], ['Wget/1', '', '{\n  "kind"'], ['Mozilla/5.0 (X11)', '', '{\n  "kind"'], ['kubectl/v1.36', '', '{"kind":"PodList",'],
  ['curl/8.0', 'pretty=false', '{"kind"'], ['curl/8.0', 'pretty=', '{\n  "kind"'], ['x', 'pretty=1', '{\n  "kind"'], ['x', 'pretty', '{"kind"'],
])('%s asks with %j', async ([agent, query, begins]) => {
  await using server = await startTlsServer()
  const text = (await server.ask(`/api/v1/namespaces/default/pods?${query}`, { headers: { 'user-agent': agent } })).body.toString()
  expect(text.slice(0, begins.length)).toBe(begins)
  expect(JSON.parse(text)).toMatchObject({ kind: 'PodList', items: [] })
})

test('a watch has a line for each event, whoever asks', async () => {
  await using server = await startTlsServer()
  const { body } = await server.ask('/api/v1/namespaces?watch=1&timeoutSeconds=1&pretty=true', { headers: { 'user-agent': 'curl/8' } })
  const lines = body.toString().trim().split('\n').filter(Boolean)
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ type: 'ADDED' })
})
