import type { KeyObject } from 'node:crypto'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import { selfsubjectreviews } from '#api/authentication/v1/self-subject-review'
import { tokenreviews } from '#api/authentication/v1/token-review'
import type { Client } from '#client/client'
import { certificateToPem } from '#component-base/certs/certificate'
import { createAuthority, issue, keyPairToPem, type KeyPair } from '#component-base/certs/issue'
import { generateKey, keyToPem, publicKeyToPem } from '#component-base/certs/keys'
import { silent, type Log } from '#component-base/log'
import { verifyingKey } from '../authentication/jwt'
import { signServiceAccountToken } from '../authentication/service-account-tokens'
import { configFiles } from '../testing/config-files'
import { intermediateAuthority } from '../testing/intermediate-authority'
import { startSecuredServer, type SecuredServer } from '../testing/secured-server'
import { startWebhookServer } from '../testing/webhook-server'

const whoIs = async (client: Client) => (await client.create(selfsubjectreviews, {})).status.userInfo
const time = new Date(Date.now() - 60_000)
const later = new Date(Date.now() + 3600_000)
const leaf = (signer: KeyPair, commonName: string, organizations: string[] = []) =>
  keyPairToPem(issue({ subject: { commonName, organizations, uids: ['u1'] }, usages: ['client auth', 'digital signature'], notBefore: time, notAfter: later }, signer))

test('a certificate with those that lead to its authority; authorities are replaced while the server runs', async () => {
  using files = configFiles()
  const first = createAuthority({ commonName: 'first', organizations: [] }, time, later)
  const second = createAuthority({ commonName: 'second', organizations: [] }, time, later)
  const clientCaFile = files.write('ca.pem', certificateToPem(first.certificate))
  let told: (text: string) => void = () => {}
  const log: Log = { ...silent, info: (message) => told(message), error: (message) => told(message) }
  await using server = await startSecuredServer({ clientCaFile }, log)
  const middle = intermediateAuthority({ name: 'middle', notBefore: time, notAfter: later }, first)
  const { cert, key } = leaf(middle, 'alice', ['dev'])
  const alice = () => whoIs(server.as({ cert: cert + certificateToPem(middle.certificate), key }))
  expect(await alice()).toMatchObject({ username: 'alice', uid: 'u1', groups: ['dev', 'system:authenticated'], extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] } })
  // Without the one between, nobody knows the way.
  await expect(whoIs(server.as({ cert, key }))).rejects.toMatchObject({ code: 401 })
  const bob = leaf(second, 'bob')
  await expect(whoIs(server.as(bob))).rejects.toMatchObject({ code: 401 })
  // But a good token counts beside a certificate that is none.
  expect(await whoIs(server.as({ ...bob, token: server.tokens.add({ name: 'carol', groups: [] }) }))).toMatchObject({ username: 'carol' })

  const heard = () => new Promise<string>((resolve) => (told = (text) => text.includes('authorities') && resolve(text)))
  let hearing = heard()
  files.write('ca.pem', 'nonsense')
  expect(await hearing).toBe('could not read client authorities again')
  expect(await alice()).toMatchObject({ username: 'alice' })
  hearing = heard()
  files.write('ca.pem', certificateToPem(second.certificate))
  expect(await hearing).toBe('client authorities were replaced')
  expect(await whoIs(server.as(bob))).toMatchObject({ username: 'bob' })
  await expect(alice()).rejects.toMatchObject({ code: 401 })
})

/** As a front proxy asks, with headers of its own. */
function ask(server: SecuredServer, { cert, key }: { cert: string; key: string }, headers: Record<string, string | string[]>): Promise<any> {
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, { method: 'POST', ca: server.ca, cert, key, agent: false, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => resolve(JSON.parse(text)))
    })
    call.on('error', reject)
    call.end('{}')
  })
}

test('a front proxy says who its client is', async () => {
  await using server = await startSecuredServer()
  const proxy = keyPairToPem(server.pki.frontProxyClient)
  const headers = { 'X-Remote-User': 'jane', 'X-Remote-Uid': 'u2', 'X-Remote-Group': ['a', 'b,c'], 'X-Remote-Extra-Scopes': 'x' }
  expect((await ask(server, proxy, headers)).status.userInfo).toEqual({ username: 'jane', uid: 'u2', groups: ['a', 'b,c', 'system:authenticated'], extra: { scopes: ['x'] } })
  // Nobody else is listened to.
  expect((await ask(server, keyPairToPem(server.pki.issueClient('mallory')), headers)).status.userInfo.username).toBe('mallory')
  await expect(startSecuredServer({ requestheaderClientCaFile: '/nowhere' })).rejects.toThrow('ENOENT')
})

const token = (values: Record<string, string>) => ({
  metadata: { namespace: 'kube-system', name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(Object.entries({ 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...values }).map(([key, value]) => [key, btoa(value)])),
})

test('a machine that is not in the cluster yet has a bootstrap token', async () => {
  await using server = await startSecuredServer({ enableBootstrapTokenAuth: true })
  const joining = server.as({ token: 'abcdef.0123456789abcdef' })
  await expect(whoIs(joining)).rejects.toMatchObject({ code: 401 })
  await server.client.create(secrets, token({ 'auth-extra-groups': 'system:bootstrappers:worker' }))
  const known = { username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:bootstrappers:worker', 'system:authenticated'] }
  expect(await whoIs(joining)).toEqual(known)
  expect((await server.root.create(tokenreviews, { spec: { token: 'abcdef.0123456789abcdef' } })).status).toMatchObject({ authenticated: true, user: known })
  await expect(whoIs(server.as({ token: 'abcdef.0123456789abcdeX' }))).rejects.toMatchObject({ code: 401 })
  const wrongs: Record<string, string>[] = [{ expiration: '2020-01-01T00:00:00Z' }, { 'auth-extra-groups': 'system:masters' }, { 'usage-bootstrap-authentication': 'false' }, { 'token-secret': 'other' }]
  for (const wrong of wrongs) {
    await server.client.update(secrets, token(wrong))
    await expect(whoIs(joining)).rejects.toMatchObject({ code: 401 })
  }
  await using without = await startSecuredServer()
  await without.client.create(secrets, token({}))
  await expect(whoIs(without.as({ token: 'abcdef.0123456789abcdef' }))).rejects.toMatchObject({ code: 401 })
})

test('a webhook knows tokens', async () => {
  await using webhook = await startWebhookServer()
  using files = configFiles()
  await using server = await startSecuredServer({ authenticationTokenWebhookConfigFile: files.write('webhook', webhook.kubeconfig), authenticationTokenWebhookVersion: 'v1' })
  const own = 'https://kubernetes.default.svc.cluster.local'
  webhook.answer(({ spec }) => ({
    status: spec.token === 'good' ? { authenticated: true, user: { username: 'jane', uid: 'u', groups: ['g'], extra: { k: ['v'] } }, audiences: spec.audiences } : { authenticated: false, error: spec.token === 'bad' ? 'not that one' : '' },
  }))
  const jane = { username: 'jane', uid: 'u', groups: ['g', 'system:authenticated'], extra: { k: ['v'] } }
  expect(await whoIs(server.as({ token: 'good' }))).toEqual(jane)
  expect(await whoIs(server.as({ token: 'good' }))).toEqual(jane)
  expect(webhook.asked).toEqual([{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token: 'good', audiences: [own] }, status: { user: {} } }])
  const review = async (spec: { token: string; audiences?: string[] }) => (await server.root.create(tokenreviews, { spec })).status
  expect(await review({ token: 'good', audiences: ['vault'] })).toEqual({ authenticated: true, user: jane, audiences: ['vault'] })
  expect(await review({ token: 'bad' })).toEqual({ user: {}, error: '[invalid bearer token, not that one]' })
  await expect(whoIs(server.as({ token: 'other' }))).rejects.toMatchObject({ code: 401 })
  // Members of this cluster are not asked for elsewhere.
  webhook.asked.length = 0
  expect(await whoIs(server.root)).toMatchObject({ username: 'root' })
  expect(webhook.asked).toEqual([])
  await expect(startSecuredServer({ authenticationTokenWebhookConfigFile: files.write('webhook', webhook.kubeconfig), authenticationTokenWebhookVersion: 'v2' })).rejects.toThrow(
    'unsupported authentication webhook version "v2", supported versions are "v1", "v1beta1"',
  )
})

test('a token in a secret counts while the secret is there, and leaves a trace', async () => {
  await using server = await startSecuredServer()
  const { client } = server
  const account = await client.create(serviceaccounts, { metadata: { namespace: 'default', name: 'bot' } })
  const prefix = 'kubernetes.io/serviceaccount'
  const signed = server.signToken({
    iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:default:bot', [`${prefix}/namespace`]: 'default', [`${prefix}/secret.name`]: 'bot',
    [`${prefix}/service-account.name`]: 'bot', [`${prefix}/service-account.uid`]: account.metadata.uid,
  })
  const bot = server.as({ token: signed })
  await expect(whoIs(bot)).rejects.toMatchObject({ code: 401 })
  const name = { namespace: 'default', name: 'bot' }
  await client.create(secrets, { metadata: { ...name, annotations: { 'kubernetes.io/service-account.name': 'bot' } }, type: 'kubernetes.io/service-account-token', data: { token: btoa(signed) } })
  expect(await whoIs(bot)).toEqual({ username: 'system:serviceaccount:default:bot', uid: account.metadata.uid, groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] })
  const traced = async (): Promise<string | undefined> => (await client.get(secrets, name)).metadata.labels?.['kubernetes.io/legacy-token-last-used']
  while (!(await traced())) await new Promise((resolve) => setImmediate(resolve))
  expect(await traced()).toBe(new Date().toISOString().slice(0, 10))

  const why = async () => (await server.root.create(tokenreviews, { spec: { token: signed } })).status.error
  await client.patch(secrets, name, { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } }, { type: 'merge' })
  while (!(await why())) await new Promise((resolve) => setImmediate(resolve))
  expect(await why()).toContain('the token in secret default/bot for service account default/bot has been marked invalid. Use tokens from the TokenRequest API')
  await client.delete(secrets, name)
  while (!(await why())!.includes('Token has been invalidated')) await new Promise((resolve) => setImmediate(resolve))
  await expect(whoIs(bot)).rejects.toMatchObject({ code: 401 })
})

test('keys of tokens are replaced by naming the old ones beside the new one', async () => {
  using files = configFiles()
  const old = generateKey()
  const signing = generateKey()
  const serviceAccountSigningKeyFile = files.write('new.key', keyToPem(signing))
  const serviceAccountKeyFile = [files.write('old.pub', `${publicKeyToPem(old)}${publicKeyToPem(generateKey())}`), serviceAccountSigningKeyFile]
  await using server = await startSecuredServer({ serviceAccountSigningKeyFile, serviceAccountKeyFile })
  const { metadata: { uid = '' } } = await server.client.create(serviceaccounts, { metadata: { namespace: 'default', name: 'bot' } })
  const contents = { account: { namespace: 'default', name: 'bot', uid }, audiences: ['https://kubernetes.default.svc.cluster.local'], expiresInSeconds: 600 }
  const signedWith = (key: KeyObject) => signServiceAccountToken(contents, { issuer: 'https://kubernetes.default.svc.cluster.local', key, now: Date.now() })
  for (const key of [old, signing]) expect(await whoIs(server.as({ token: signedWith(key) }))).toMatchObject({ username: 'system:serviceaccount:default:bot' })
  await expect(whoIs(server.as({ token: signedWith(server.pki.serviceAccountKey) }))).rejects.toMatchObject({ code: 401 })
  const { status } = await server.root.subresource<object, { status: { token: string } }>(serviceaccounts, { namespace: 'default', name: 'bot' }, 'token', 'POST', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} })
  expect(JSON.parse(Buffer.from(status.token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: 'ES256', kid: verifyingKey(signing).id })
  const keys = (await server.root.transport.request({ method: 'GET', path: '/openid/v1/jwks', accept: 'application/jwk-set+json' })).body as { keys: { kid: string }[] }
  expect(keys.keys.map(({ kid }) => kid)).toContain(verifyingKey(old).id)
  await expect(startSecuredServer({ serviceAccountKeyFile: [files.write('none', 'x')] })).rejects.toThrow('data does not contain any valid RSA or ECDSA public keys')
})

test('who may be anonymous where', async () => {
  using files = configFiles()
  const authenticationConfig = files.write('authentication.yaml', 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: { enabled: true, conditions: [{ path: /livez }] }\n')
  await using server = await startSecuredServer({ authenticationConfig })
  const nobody = server.as({})
  const get = async (path: string) => (await nobody.transport.request({ method: 'GET', path })).code
  expect(await get('/livez')).toBe(200)
  await expect(get('/readyz')).rejects.toMatchObject({ code: 401 })
})
