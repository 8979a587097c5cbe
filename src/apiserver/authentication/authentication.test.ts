import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { certificateToPem } from '#component-base/certs/certificate'
import { createAuthority, issue, type KeyPair } from '#component-base/certs/issue'
import { generateKey } from '#component-base/certs/keys'
import { alternativeNames, type Subject } from '#component-base/certs/names'
import { openPki } from '#component-base/certs/pki'
import { silent } from '#component-base/log'
import { intermediateAuthority } from '../testing/intermediate-authority'
import type { UserInfo } from './authenticator'
import { clientCertificates } from './client-certificate'
import { issuedTokens } from './issued-tokens'
import { decodeJwt, verifyingKey } from './jwt'
import { objectReader } from './objects'
import { jwks, openidConfiguration } from './openid'
import { authenticationRests, tokenEndpoint } from './rests'
import { serviceAccountTokens, signServiceAccountToken } from './service-account-tokens'
import { readTokenFile, staticTokens } from './static-tokens'
import { bearerTokens, identifyToken } from './token'
import { authenticateWith } from './union'

const issuer = 'https://kubernetes.default.svc'

test('client certificates: the user is the name, groups the organizations; others are nobody', async () => {
  const clock = createFakeClock()
  const pki = openPki({ now: clock.now() })
  const authenticator = clientCertificates(certificateToPem(pki.ca.certificate), clock)
  const present = (pair: { certificate: { raw: Buffer } }) => ({ headers: {}, certificate: new X509Certificate(pair.certificate.raw) })
  const alice = present(pki.issueClient('alice', ['dev', 'ops']))
  const user = authenticator.authenticate(alice) as UserInfo
  expect(user).toMatchObject({ name: 'alice', groups: ['dev', 'ops'] })
  expect(authenticator.authenticate(alice)).toBe(user)
  expect(() => authenticator.authenticate(present(openPki({ now: clock.now() }).issueClient('alice')))).toThrow(/^verifying certificate SN=\d+, SKID=.* failed: x509: certificate signed by unknown authority$/)
  expect(() => authenticator.authenticate(present(pki.apiserver))).toThrow('x509: certificate specifies an incompatible key usage')
  await clock.advance(400 * 86400_000)
  expect(() => authenticator.authenticate(alice)).toThrow('x509: certificate has expired or is not yet valid')
  // Whoever shows a certificate that is nobody's is refused, unless something else is good.
  const authenticate = authenticateWith([authenticator, bearerTokens([staticTokens()], [issuer])], { anonymous: true })
  expect(() => authenticate(alice)).toThrow('Unauthorized')
})

test('certificates may come with those that lead to an authority, and name a uid', () => {
  const clock = createFakeClock()
  const time = new Date(clock.now())
  const later = new Date(clock.now() + 3600_000)
  const root = createAuthority({ commonName: 'root', organizations: [] }, time, later)
  const authority = (name: string, signer: KeyPair, more: object = {}) => intermediateAuthority({ name, notBefore: time, notAfter: later, ...more }, signer)
  const leaf = (signer: KeyPair, subject: Subject = { commonName: 'alice', organizations: ['dev'], uids: ['u1'] }) =>
    new X509Certificate(issue({ subject, usages: ['client auth'], notBefore: time, notAfter: later, names: alternativeNames(['other.example']) }, signer).certificate.raw)
  const authenticator = clientCertificates(certificateToPem(root.certificate), clock)
  const middle = authority('middle', root)
  const low = authority('low', middle)
  const x509 = (pair: KeyPair) => new X509Certificate(pair.certificate.raw)
  expect(authenticator.authenticate({ headers: {}, certificate: leaf(low), intermediates: [x509(low), x509(middle)] })).toMatchObject({ name: 'alice', groups: ['dev'], uid: 'u1' })
  expect(() => authenticator.authenticate({ headers: {}, certificate: leaf(low), intermediates: [x509(low)] })).toThrow('unknown authority')
  expect(() => authenticator.authenticate({ headers: {}, certificate: leaf(root, { commonName: 'a', organizations: [], uids: ['a', 'b'] }) })).toThrow('expected 1 UID, but found multiple: [a b]')
  expect(authenticator.authenticate({ headers: {}, certificate: leaf(root, { commonName: '', organizations: ['o'] }) })).toBeUndefined()
  // Who may not make authorities makes none.
  const last = authority('last', root, { pathLength: 0 })
  expect(authenticator.authenticate({ headers: {}, certificate: leaf(last), intermediates: [x509(last)] })).toMatchObject({ name: 'alice' })
  const beyond = authority('beyond', last)
  expect(() => authenticator.authenticate({ headers: {}, certificate: leaf(beyond), intermediates: [x509(beyond), x509(last)] })).toThrow('x509: too many intermediates for path length constraint')
  const plain = issue({ subject: { commonName: 'plain', organizations: [] }, usages: ['client auth'], notBefore: time, notAfter: later }, root)
  expect(() => authenticator.authenticate({ headers: {}, certificate: leaf(plain), intermediates: [x509(plain)] })).toThrow('unknown authority')
})

describe('tokens', () => {
  const tokens = staticTokens()
  readTokenFile('secret,alice,uid-1,"dev,ops"\n\nother,bob,\n', 'tokens.csv', tokens)
  const authenticate = authenticateWith([bearerTokens([tokens], [issuer])], { anonymous: true })

  test('a file of them', async () => {
    expect(await authenticate({ headers: { authorization: 'Bearer secret' } })).toEqual({ name: 'alice', uid: 'uid-1', groups: ['dev', 'ops', 'system:authenticated'] })
    expect(await authenticate({ headers: { authorization: 'bearer   other' } })).toEqual({ name: 'bob', groups: ['system:authenticated'] })
    expect(() => readTokenFile('a,b', 'tokens.csv', staticTokens())).toThrow('tokens.csv, line 1: must have at least 3 columns')
  })

  test('a WebSocket carries one as a subprotocol', async () => {
    const protocol = `v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('secret').toString('base64url')}`
    expect(await authenticate({ headers: { 'sec-websocket-protocol': protocol } })).toMatchObject({ name: 'alice' })
  })

  test('nothing is anonymous, a wrong token is refused, other schemes are not ours', async () => {
    const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
    expect(await authenticate({ headers: {} })).toEqual(anonymous)
    expect(await authenticate({ headers: { authorization: 'Basic YTpi' } })).toEqual(anonymous)
    await expect(async () => authenticate({ headers: { authorization: 'Bearer nope' } })).rejects.toMatchObject({ code: 401, message: 'Unauthorized' })
    expect(() => authenticateWith([], { anonymous: false })({ headers: {} })).toThrow('Unauthorized')
  })
})

async function setUp(key = generateKey()) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  api.seed(serviceaccounts, { metadata: { namespace: 'ns', name: 'bot', uid: 'sa-uid' } })
  api.seed(pods, { metadata: { namespace: 'ns', name: 'web', uid: 'pod-uid' }, spec: { serviceAccountName: 'bot', nodeName: 'n1' } })
  api.seed(secrets, { metadata: { namespace: 'ns', name: 'tls', uid: 'secret-uid' } })
  const objects = objectReader(informers, client, clock)
  const authenticator = serviceAccountTokens({ claimsOf: issuedTokens([issuer], [verifyingKey(key)]), audiences: [issuer], objects, clock })
  const sign = (more: object = {}) =>
    signServiceAccountToken({ account: { namespace: 'ns', name: 'bot', uid: 'sa-uid' }, audiences: [issuer], expiresInSeconds: 3600, ...more }, { issuer, key, now: clock.now() })
  const check = async (token: string, audiences: string[] = []) => identifyToken([authenticator], token, audiences)
  return { clock, api, authenticator, sign, check, objects, key }
}

describe('service account tokens', () => {
  test.each([['P-256', generateKey()], ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey]])('signed with %s', async (_, key) => {
    const { sign, check } = await setUp(key)
    const identity = await check(sign({ pod: { name: 'web', uid: 'pod-uid' }, node: { name: 'n1' } }))
    expect(identity).toMatchObject({
      audiences: [issuer],
      user: {
        name: 'system:serviceaccount:ns:bot', uid: 'sa-uid', groups: ['system:serviceaccounts', 'system:serviceaccounts:ns'],
        extra: { 'authentication.kubernetes.io/pod-name': ['web'], 'authentication.kubernetes.io/pod-uid': ['pod-uid'], 'authentication.kubernetes.io/node-name': ['n1'] },
      },
    })
    expect(identity.user.extra!['authentication.kubernetes.io/credential-id']![0]).toMatch(/^JTI=[0-9a-f-]{36}$/)
  })

  test('the claims are those of the original', async () => {
    const { sign, clock } = await setUp()
    const now = clock.now() / 1000
    expect(decodeJwt(sign({ pod: { name: 'web', uid: 'pod-uid' }, node: { name: 'n1', uid: 'u' }, warnAfterSeconds: 3607 }))!.claims).toEqual({
      aud: [issuer], exp: now + 3600, iat: now, iss: issuer, jti: expect.any(String), nbf: now, sub: 'system:serviceaccount:ns:bot',
      'kubernetes.io': { namespace: 'ns', node: { name: 'n1', uid: 'u' }, pod: { name: 'web', uid: 'pod-uid' }, serviceaccount: { name: 'bot', uid: 'sa-uid' }, warnafter: now + 3607 },
    })
  })

  test('what is wrong is said', async () => {
    const { sign, check, clock, api } = await setUp()
    const other = await setUp()
    await expect(check('garbage')).rejects.toThrow(/^invalid bearer token$/)
    await expect(check(other.sign())).rejects.toThrow('[invalid bearer token, invalid signature, no keys found]')
    await expect(check(sign(), ['other'])).rejects.toThrow(`[invalid bearer token, token audiences ["${issuer}"] is invalid for the target audiences ["other"]]`)
    await expect(check(sign({ pod: { name: 'web', uid: 'old' } }))).rejects.toThrow('pod UID (pod-uid) does not match service account pod ref claim (old)')
    await expect(check(sign({ secret: { name: 'gone', uid: 'x' } }))).rejects.toThrow('service account token has been invalidated')
    const token = sign()
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const forged = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('ns:bot', 'ns:big')).toString('base64url')
    await expect(check(`${head}.${forged}.${signature}`)).rejects.toThrow('invalid signature')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.AA`
    await expect(check(unsigned)).rejects.toThrow('invalid signature')
    await check(token)
    api.vanish(serviceaccounts, 'ns/bot')
    await expect(check(token)).rejects.toThrow('serviceaccounts "bot" not found')
    await clock.advance(3600_000 + 61_000)
    await expect(check(token)).rejects.toThrow('service account token has expired')
  })

  test('what others verify them with', async () => {
    const keys = [verifyingKey(generateKey())]
    expect(JSON.parse(jwks(keys))).toEqual({ keys: [{ use: 'sig', kty: 'EC', kid: keys[0]!.id, crv: 'P-256', alg: 'ES256', x: expect.any(String), y: expect.any(String) }] })
    expect(JSON.parse(openidConfiguration(issuer, `${issuer}/openid/v1/jwks`, keys))).toMatchObject({ issuer, id_token_signing_alg_values_supported: ['ES256'] })
  })
})

describe('TokenRequest', () => {
  const request = async (spec: object, metadata: object = {}, options: object = {}) => {
    const { objects, clock, key, check, api } = await setUp()
    const warnings: string[] = []
    const endpoint = tokenEndpoint({ issuer, key, audiences: [issuer], objects, clock, extendExpiration: true, ...options })
    const annotations: string[] = []
    const result = await endpoint({
      exchange: { audit: { annotate: (key: string, value: string) => annotations.push(`${key}=${value}`) } },
      parent: async () => ({ object: api.read(serviceaccounts, 'ns/bot')! }), decode: async () => ({ metadata, spec }), write: { warn: (text: string) => warnings.push(text), kind: {}, enabled: () => true }, registry: { admission: { admit() {}, validate() {} } },
    } as never)
    return { object: (result as { object: any }).object, check, warnings, annotations, now: clock.now() }
  }

  test('a token for a pod lives for a year and warns after its hour', async () => {
    const { object, check, annotations, now } = await request({ expirationSeconds: 3607, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: 'pod-uid' } })
    await check(object.status.token)
    const { claims } = decodeJwt(object.status.token)!
    expect(claims).toMatchObject({ exp: now / 1000 + 365 * 86400, 'kubernetes.io': { warnafter: now / 1000 + 3607, pod: { name: 'web' }, node: { name: 'n1' } } })
    expect(annotations).toEqual([`authentication.kubernetes.io/issued-credential-id=JTI=${String(claims['jti'])}`])
    expect(object.status.expirationTimestamp).toBe(new Date(now + 3607_000).toISOString().replace('.000', ''))
    expect(object.spec).toMatchObject({ audiences: [issuer] })
  })

  test('what cannot be had', async () => {
    await expect(request({ expirationSeconds: 10 })).rejects.toThrow('spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes')
    await expect(request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'gone' } })).rejects.toThrow('pods "gone" not found')
    await expect(request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: 'x' } })).rejects.toThrow('The object might have been deleted and then recreated')
    await expect(request({ boundObjectRef: { kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' } })).rejects.toThrow('cannot bind token to object of type apps/v1, Kind=Deployment')
    await expect(request({}, { name: 'other' })).rejects.toThrow('must match the service account name if specified')
    expect((await request({ expirationSeconds: 7200 }, {}, { maxExpirationSeconds: 3600 })).warnings).toEqual(['requested expiration of 7200 seconds shortened to 3600 seconds'])
  })
})

test('TokenReview tells who, or why not', async () => {
  const { authenticator, sign, clock } = await setUp()
  const review = authenticationRests([authenticator], [issuer], clock).find(({ resource }) => resource === 'tokenreviews')!
  const ask = async (spec: object) => ((await review.create!({ spec }, {} as never, {} as never, {} as never)) as { object: any }).object.status
  expect(await ask({ token: sign() })).toMatchObject({ authenticated: true, audiences: [issuer], user: { username: 'system:serviceaccount:ns:bot', groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'] } })
  expect(await ask({ token: 'garbage' })).toEqual({ user: {}, error: 'invalid bearer token' })
  await expect(ask({})).rejects.toThrow('token is required for TokenReview in authentication')
})
