import { describe, expect, test } from 'vitest'
import { messageOf } from '#base/error-message'
import { createFakeClock } from '#base/fake-clock'
import { silent, type Log } from '#component-base/log'
import { createMetrics } from '#component-base/metrics'
import { wholeOptions } from '#component-base/options/whole'
import { identifyToken } from '../authentication/token'
import { configFiles } from '../testing/config-files'
import { startOidcIssuer, type OidcIssuer } from '../testing/oidc-issuer'
import { authenticationOptions, authenticationProblems, type AuthenticationOptions } from './authentication-options'
import { createJwtConfiguration } from './jwt-configuration'

const audiences = ['https://kubernetes.default.svc.cluster.local']
const indent = (pem: string) => pem.trim().split('\n').map((line) => `        ${line}`).join('\n')

/** A configuration of one issuer, whose mappings are given as YAML. */
const configuration = (issuer: OidcIssuer, more: string, issuerFields = '') => `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: ${issuer.url}
    audiences: [kubernetes]
    certificateAuthority: |
${indent(issuer.ca)}
${issuerFields}
${more}`
const bySub = `
  claimMappings:
    username: { claim: sub, prefix: "" }
    groups: { claim: groups, prefix: "oidc:" }`

async function start(given: Partial<AuthenticationOptions>, log: Log = silent) {
  const clock = createFakeClock()
  const metrics = createMetrics()
  const running = await createJwtConfiguration(wholeOptions('kube-apiserver', authenticationOptions, given), { audiences, clock, log, metrics, server: 'me' })
  const now = clock.now() / 1000
  const claims = (more: object = {}) => ({ aud: 'kubernetes', sub: 'jane', exp: now + 600, iat: now, ...more })
  const identify = async (token: string) => identifyToken([running.tokens!], token, [])
  return { ...running, clock, metrics, claims, identify, [Symbol.dispose]: () => running[Symbol.dispose]() }
}

function configFile(text: string) {
  const files = configFiles()
  const file = files.write('authentication.yaml', text)
  return { file, replace: (content: string) => void files.write('authentication.yaml', content), [Symbol.dispose]: () => files[Symbol.dispose]() }
}

/** Resolves when the issuer was asked what it is, and its answer has come. */
async function reached(issuer: OidcIssuer): Promise<void> {
  while (!issuer.asked.some((path) => path.includes('openid-configuration'))) await new Promise((resolve) => setImmediate(resolve))
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('tokens of an issuer', () => {
  test('say who it is, by algorithms of all sorts, with keys that change', async () => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, bySub))
    using server = await start({ authenticationConfig: config.file })
    await reached(issuer)
    for (const algorithm of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']) {
      const identity = await server.identify(issuer.token(server.claims({ sub: algorithm, groups: ['dev'], jti: 'id-1' }), { algorithm }))
      expect(identity).toEqual({ user: { name: algorithm, groups: ['oidc:dev'], extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] } }, audiences })
    }
    const before = issuer.token(server.claims())
    issuer.rotate()
    expect((await server.identify(issuer.token(server.claims({ groups: 'one' })))).user).toEqual({ name: 'jane', groups: ['oidc:one'] })
    await expect(server.identify(before)).rejects.toThrow('oidc: verify token: failed to verify signature: failed to verify id token signature')
    const { body } = await server.metrics.text()
    expect(body).toMatch(/apiserver_authentication_jwt_authenticator_latency_seconds_count\{result="success",jwt_issuer_hash="sha256:[0-9a-f]{64}"\} 10/)
    expect(body).toMatch(/jwks_fetch_last_key_set_info\{jwt_issuer_hash="sha256:[0-9a-f]+",apiserver_id_hash="sha256:[0-9a-f]+",hash="sha256:[0-9a-f]+"\} 1/)
  })

  test('are refused in the words of the original', async () => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, bySub))
    using server = await start({ authenticationConfig: config.file })
    await expect(server.identify(issuer.token(server.claims()))).rejects.toThrow('oidc: authenticator not initialized')
    await reached(issuer)
    const { claims, identify, clock } = server
    await expect(identify(issuer.token(claims({ aud: ['other', 'more'] })))).rejects.toThrow('oidc: verify token: oidc: expected audience "kubernetes" got ["other" "more"]')
    await expect(identify(issuer.token(claims({ exp: clock.now() / 1000 - 1 })))).rejects.toThrow(/oidc: verify token: oidc: token is expired \(Token Expiry: 20\d\d-/)
    await expect(identify(issuer.token(claims({ nbf: clock.now() / 1000 + 61 })))).rejects.toThrow('before the nbf (not before) time')
    await expect(identify(issuer.token(claims({ sub: 5 })))).rejects.toThrow('oidc: parse username claims "sub": json: cannot unmarshal number into Go value of type string')
    await expect(identify(issuer.token(claims({ groups: [5] })))).rejects.toThrow('oidc: parse groups claim "groups"')
    const [head, body] = issuer.token(claims()).split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.x`
    await expect(identify(none)).rejects.toThrow('id token signed with unsupported algorithm')
    await expect(identify(`${head}.${body}.AAAA`)).rejects.toThrow('failed to verify signature')
    // Of somebody else: not our business.
    await expect(identify(issuer.token(claims({ iss: 'https://other' })))).rejects.toThrow(/^invalid bearer token$/)
  })

  test('an issuer is tried again until it answers, and may publish what it is elsewhere', async () => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, bySub, `    discoveryURL: ${issuer.url}/elsewhere`))
    issuer.serve('/elsewhere', 'not yet')
    using server = await start({ authenticationConfig: config.file })
    const asked = async (times: number) => {
      while (issuer.asked.filter((path) => path === '/elsewhere').length < times) await new Promise((resolve) => setImmediate(resolve))
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    }
    await asked(1)
    await expect(server.identify(issuer.token(server.claims()))).rejects.toThrow('not initialized')
    issuer.serve('/elsewhere', JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }))
    await server.clock.advance(10_000)
    await asked(2)
    expect((await server.identify(issuer.token(server.claims()))).user.name).toBe('jane')
  })

  test('groups may be kept by somebody else', async () => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, bySub))
    using server = await start({ authenticationConfig: config.file })
    await reached(issuer)
    const elsewhere = { _claim_names: { groups: 'a' }, _claim_sources: { a: { endpoint: `${issuer.url}/groups`, access_token: 'x' } } }
    issuer.serve('/groups', issuer.token(server.claims({ groups: ['far'] })))
    const token = issuer.token(server.claims(elsewhere))
    // The first look opens the way to whoever made the claim.
    await server.identify(token).catch(() => {})
    await reached(issuer)
    expect((await server.identify(token)).user.groups).toEqual(['oidc:far'])
    await expect(server.identify(issuer.token(server.claims({ _claim_names: { groups: 'a' } })))).rejects.toThrow('oidc: could not expand distributed claims: oidc: no claim sources')
  })
})

test('the file is read again when it changes; what is wrong with it changes nothing', async () => {
  await using issuer = await startOidcIssuer()
  await using second = await startOidcIssuer()
  using config = configFile(configuration(issuer, bySub))
  let told: (text: string) => void = () => {}
  const said = () => new Promise<string>((resolve) => (told = resolve))
  using server = await start({ authenticationConfig: config.file }, { ...silent, info: (message) => told(message), error: (message, fields) => told(`${message}: ${messageOf(fields?.['error'])}`) })
  await reached(issuer)
  let saying = said()
  config.replace(configuration(issuer, bySub.replace('username', 'user')))
  expect(await saying).toBe('reloading authentication config: strict decoding error: unknown field "jwt[0].claimMappings.user"')
  saying = said()
  config.replace(`${configuration(issuer, bySub)}\nanonymous: { enabled: false }`)
  expect(await saying).toContain('anonymous: Forbidden: changed from initial configuration file')
  saying = said()
  config.replace(configuration(second, bySub))
  expect(await saying).toBe('reloaded authentication config')
  expect((await server.identify(second.token(server.claims()))).user.name).toBe('jane')
  await expect(server.identify(issuer.token(server.claims()))).rejects.toThrow(/^invalid bearer token$/)
  const { body } = await server.metrics.text()
  expect(body).toMatch(/apiserver_authentication_config_controller_automatic_reloads_total\{status="failure",apiserver_id_hash="sha256:[0-9a-f]+"\} 2/)
  expect(body).toMatch(/apiserver_authentication_config_controller_automatic_reloads_total\{status="success",apiserver_id_hash="sha256:[0-9a-f]+"\} 1/)
})

describe('expressions', () => {
  const mappings = `
  claimMappings:
    username: { expression: "claims.email_verified ? claims.email : 'nobody'" }
    groups: { expression: "claims.roles.filter(r, r.startsWith('k8s-')) + [claims.org.my__dash__team]" }
    uid: { expression: "string(claims.number)" }
    extra:
    - { key: example.org/level, valueExpression: "claims.?level.orValue('')" }
  claimValidationRules:
  - { expression: "claims.exp - claims.iat <= 600", message: lives too long }
  userValidationRules:
  - { expression: "!user.username.startsWith('system:')", message: reserved }
  - { expression: "user.groups.all(g, g != 'k8s-root')", message: too much }`

  test('make a user of claims, and say who is not let in', async () => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, mappings))
    using server = await start({ authenticationConfig: config.file })
    await reached(issuer)
    const about = (more: object = {}) => issuer.token(server.claims({ email: 'a@b', email_verified: true, roles: ['k8s-a', 'x'], org: { 'my-team': 'blue' }, number: 5, ...more }))
    expect((await server.identify(about({ level: ['1', '', '2'] }))).user).toEqual({ name: 'a@b', groups: ['k8s-a', 'blue'], uid: '5', extra: { 'example.org/level': ['1', '2'] } })
    expect((await server.identify(about())).user.extra).toBeUndefined()
    const { identify, clock } = server
    await expect(identify(about({ email: 'system:admin' }))).rejects.toThrow("oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved")
    await expect(identify(about({ roles: ['k8s-root'] }))).rejects.toThrow('failed: too much')
    await expect(identify(about({ exp: clock.now() / 1000 + 601 }))).rejects.toThrow("oidc: error evaluating claim validation expression: validation expression 'claims.exp - claims.iat <= 600' failed: lives too long")
    await expect(identify(about({ email: '' }))).rejects.toThrow('oidc: empty username via CEL expression is not allowed')
    await expect(identify(about({ email: 5 }))).rejects.toThrow('username claim expression must return a string')
    await expect(identify(about({ roles: undefined }))).rejects.toThrow("oidc: error evaluating group claim expression: expression 'claims.roles.filter(r, r.startsWith('k8s-')) + [claims.org.my__dash__team]' resulted in error: no such key: roles")
    await expect(identify(about({ level: 5 }))).rejects.toThrow('expression must return a string or a list of strings')
  })

  test.each([
    ['username: { expression: "claims.email" }', 'claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or'],
    ['username: { expression: "claims.?email.orValue(\'\')" }', 'claims.email_verified must be used'],
    ['username: { expression: "claim.sub", prefix: x }', 'claimMappings.username.prefix: Invalid value: "x": may not be specified when expression is set'],
    ['username: { expression: "claim.sub" }', `claimMappings.username.expression: Invalid value: "claim.sub": compilation failed: ERROR: <input>:1:1: undeclared reference to 'claim' (in container '')`],
    ['username: { claim: a, expression: a }', `claimMappings.username: Invalid value: "": claim and expression can't both be set`],
    ['username: { claim: a, prefix: "" }\n    extra: [{ key: x.kubernetes.io/A, valueExpression: "claims.a" }, { key: b, valueExpression: "" }]', 'extra[0].key: Invalid value: "x.kubernetes.io/A": must be lowercase'],
    ['username: { claim: a, prefix: "" }\n  claimValidationRules: [{ expression: "claims.a + 1" }, { claim: a, message: b }, {}]', 'claimValidationRules[0].expression: Invalid value: "claims.a + 1": must evaluate to bool'],
    ['username: { claim: a, prefix: "" }\n  userValidationRules: [{ expression: "user.name == \'a\'" }]', "undefined field 'name'"],
  ])('%s', async (mapping, message) => {
    await using issuer = await startOidcIssuer()
    using config = configFile(configuration(issuer, `\n  claimMappings:\n    ${mapping}`))
    await expect(start({ authenticationConfig: config.file })).rejects.toThrow(message)
  })
})

test('flags make the same', async () => {
  await using issuer = await startOidcIssuer()
  using ca = configFile(issuer.ca)
  using server = await start({ oidcIssuerUrl: issuer.url, oidcClientId: 'kubernetes', oidcCaFile: ca.file, oidcGroupsClaim: 'roles', oidcRequiredClaim: { hd: 'example.com' } })
  await reached(issuer)
  expect((await server.identify(issuer.token(server.claims({ roles: ['a'], hd: 'example.com' })))).user).toEqual({ name: `${issuer.url}#jane`, groups: ['a'] })
  await expect(server.identify(issuer.token(server.claims({ hd: 'x' })))).rejects.toThrow('oidc: required claim hd value does not match. Got = x, want = example.com')
  await expect(server.identify(issuer.token(server.claims(), { algorithm: 'ES256' }))).rejects.toThrow('unsupported algorithm, expected ["RS256"] got "ES256"')
  using byMail = await start({ oidcIssuerUrl: issuer.url, oidcClientId: 'kubernetes', oidcCaFile: ca.file, oidcUsernameClaim: 'email' })
  await reached(issuer)
  expect((await byMail.identify(issuer.token(byMail.claims({ email: 'a@b' })))).user.name).toBe('a@b')
  await expect(byMail.identify(issuer.token(byMail.claims({ email: 'a@b', email_verified: false })))).rejects.toThrow('oidc: email not verified')
})

describe('nonsense is refused', () => {
  test.each<[string, string]>([
    ['jwt: [{}]', 'jwt[0].issuer.url: Required value, jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required, jwt[0].claimMappings.username: Required value: claim or expression is required'],
    ['jwt: 5', 'json: cannot unmarshal number into Go struct field AuthenticationConfiguration.jwt of type []v1.JWTAuthenticator'],
    ['anonymous: { enabled: false, conditions: [{ path: /x }] }', 'enabled should be set to true when conditions are defined'],
    [
      'jwt: [{ issuer: { url: "http://u:p@x?y#z", audiences: [a, a], egressSelectorType: cluster }, claimMappings: { username: { claim: sub } } }]',
      'jwt[0].issuer.url: Invalid value: "http://u:p@x?y#z": URL scheme must be https, jwt[0].issuer.url: Invalid value: "http://u:p@x?y#z": URL must not contain a username or password, ' +
        'jwt[0].issuer.url: Invalid value: "http://u:p@x?y#z": URL must not contain a query, jwt[0].issuer.url: Invalid value: "http://u:p@x?y#z": URL must not contain a fragment, ' +
        'jwt[0].issuer.audiences[1]: Duplicate value: "a", jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences, ' +
        'jwt[0].issuer.egressSelectorType: Invalid value: "cluster": egress selectors are not supported by this server: leave it out, ' +
        'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing',
    ],
    [`jwt: [{ issuer: { url: "${audiences[0]}", audiences: [a] }, claimMappings: { username: { claim: sub, prefix: "" } } }]`, `URL must not overlap with disallowed issuers: [${audiences[0]}]`],
  ])('%s', async (text, message) => {
    using config = configFile(`apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\n${text}\n`)
    await expect(start({ authenticationConfig: config.file })).rejects.toThrow(message)
  })

  test('of flags', async () => {
    const problems = (given: Partial<AuthenticationOptions>) => authenticationProblems(wholeOptions('kube-apiserver', authenticationOptions, given))
    expect(problems({ oidcClientId: 'a' })).toEqual(['oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'])
    expect(problems({ authenticationConfig: 'f', oidcGroupsClaim: 'a' })).toEqual(['authentication-config file and oidc-* flags are mutually exclusive'])
    expect(problems({ serviceAccountIssuer: ['a', '', 'a', '1:b'] })).toEqual([
      'service-account-issuer should not be an empty string', 'service-account-issuer "a" is already specified', `service-account-issuer "1:b" contained a ':' but was not a valid URL`,
    ])
    expect(problems({ serviceAccountJwksUri: 'http://a' })).toEqual(['service-account-jwks-uri requires https scheme, parsed as: http://a'])
    using config = configFile('apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nanonymous: { enabled: true, conditions: [{ path: /livez }] }\n')
    using server = await start({ authenticationConfig: config.file })
    expect(server.anonymous).toEqual(['/livez'])
    await expect(start({ authenticationConfig: config.file, anonymousAuth: true })).rejects.toThrow('--anonymous-auth flag cannot be set when anonymous field is configured')
  })
})
