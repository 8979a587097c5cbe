import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { certificateToPem } from '#component-base/certs/certificate'
import { openPki } from '#component-base/certs/pki'
import type { KeyPair } from '#component-base/certs/issue'
import type { Credentials } from './authenticator'
import { identityHeaders, requestHeaders } from './request-header'

const clock = createFakeClock()
const pki = openPki({ now: clock.now() })
const ca = certificateToPem(pki.frontProxyCa.certificate)
const proxy = requestHeaders({ ca, allowedNames: ['front-proxy-client'] }, clock)

const says = (pair: KeyPair, headers: Record<string, string>, rawHeaders?: readonly string[]): Credentials =>
  ({ headers, certificate: new X509Certificate(pair.certificate.raw), ...(rawHeaders ? { rawHeaders } : {}) })
const jane = { 'x-remote-user': 'jane', 'x-remote-group': 'dev', 'x-remote-uid': '42', 'x-remote-extra-scopes.example.com%2fview': 'a' }

test('a front proxy says who its client is', () => {
  expect(proxy.authenticate(says(pki.frontProxyClient, jane))).toEqual({ name: 'jane', uid: '42', groups: ['dev'], extra: { 'scopes.example.com/view': ['a'] } })
  expect(proxy.authenticate(says(pki.frontProxyClient, { 'x-remote-user': 'jane' }))).toEqual({ name: 'jane', groups: [] })
})

test('headers that came several times are several values; commas within one stay', () => {
  const raw = ['X-Remote-User', 'jane', 'X-Remote-Group', 'a,b', 'X-Remote-Group', 'c']
  expect(proxy.authenticate(says(pki.frontProxyClient, { 'x-remote-user': 'jane', 'x-remote-group': 'a,b, c' }, raw))).toMatchObject({ groups: ['a,b', 'c'] })
})

test('nobody else is believed', async () => {
  expect(proxy.authenticate({ headers: jane })).toBeUndefined()
  expect(proxy.authenticate(says(pki.issueClient('front-proxy-client'), jane))).toBeUndefined()
  expect(proxy.authenticate(says(pki.frontProxyClient, {}))).toBeUndefined()
  expect(requestHeaders({ ca, allowedNames: ['another'] }, clock).authenticate(says(pki.frontProxyClient, jane))).toBeUndefined()
  expect(requestHeaders({ ca, allowedNames: [] }, clock).authenticate(says(pki.frontProxyClient, jane))).toMatchObject({ name: 'jane' })
  await clock.advance(400 * 86400_000)
  expect(proxy.authenticate(says(pki.frontProxyClient, jane))).toBeUndefined()
})

test('other names for the headers, in order', () => {
  const custom = requestHeaders({ ca, allowedNames: [], headers: { username: ['X-User', 'X-Remote-User'], uid: [], group: [' X-Groups'], extraPrefix: [] } }, createFakeClock())
  const presented = says(openPki({ now: 0 }).frontProxyClient, {})
  expect(custom.authenticate(presented)).toBeUndefined()
  expect(custom.authenticate(says(pki.frontProxyClient, { 'x-user': '', 'x-remote-user': 'b', 'x-groups': 'g', 'x-remote-group': 'h' }))).toEqual({ name: 'b', groups: ['g'] })
})

test('what claims to be somebody is not passed on', () => {
  const claims = identityHeaders({ username: ['X-User'], uid: [], group: [], extraPrefix: ['X-More-'] })
  expect(['x-user', 'x-remote-user', 'x-remote-uid', 'x-more-a', 'x-remote-extra-a', 'x-forwarded-for', 'accept'].filter(claims)).toEqual(['x-user', 'x-remote-user', 'x-remote-uid', 'x-more-a', 'x-remote-extra-a'])
})
