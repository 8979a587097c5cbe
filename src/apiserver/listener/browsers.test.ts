import { expect, test } from 'vitest'
import { startTlsServer } from '../testing/tls-server'
import { originProblem } from './browsers'

const page = { origin: 'https://console.example.com' }
const browsers = { origins: ['^https://console[.]example[.]com$'], transportSecurity: ['max-age=31536000', 'includeSubDomains'] }

test('pages that may ask are told so, before anybody is known; others hear nothing', async () => {
  await using server = await startTlsServer({}, { browsers })
  const preflight = await server.ask('/api/v1/pods', { method: 'OPTIONS', headers: { ...page, authorization: 'Bearer wrong' } })
  expect(preflight).toMatchObject({
    code: 204, headers: {
      'access-control-allow-origin': page.origin, 'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH', 'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'Date', 'access-control-allow-headers': expect.stringContaining('Authorization'), 'strict-transport-security': 'max-age=31536000; includeSubDomains',
    },
  })
  expect(await server.ask('/api/v1/pods', { headers: page })).toMatchObject({ code: 200, headers: { 'access-control-allow-origin': page.origin, 'content-type': 'application/json' } })
  // What is refused is to be read by the page, too.
  expect(await server.ask('/api/v1/pods', { headers: { ...page, authorization: 'Bearer wrong' } })).toMatchObject({ code: 401, headers: { 'access-control-allow-origin': page.origin } })
  const other = await server.ask('/api/v1/pods', { method: 'OPTIONS', headers: { origin: 'https://console.example.com.evil.org' } })
  expect(other.code).toBe(405)
  expect(other.headers['access-control-allow-origin']).toBeUndefined()
  expect(other.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
})

test('unless it was asked for, browsers are told nothing', async () => {
  await using server = await startTlsServer()
  const { headers } = await server.ask('/version', { headers: page })
  expect(Object.keys(headers).filter((name) => /^(access-control|strict)/.test(name))).toEqual([])
})

test.each<[string, string | undefined]>([
  ['^https://a[.]b$', undefined], ['//localhost(:|$)', undefined], ['example.com$', 'does not pin to start of host'], ['^https://a.b', 'does not pin to end of host'], ['^($', 'has an invalid regular expression'],
])('%s', (pattern, problem) => {
  expect(originProblem(pattern) ?? 'fine').toContain(problem ?? 'fine')
})
