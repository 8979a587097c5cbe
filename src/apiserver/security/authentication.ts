import type { KeyObject } from 'node:crypto'
import { hostname } from 'node:os'
import { secrets } from '#api/core/v1/secret'
import type { Clock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import { bootstrapTokenNamespace, bootstrapTokenType } from '#component-helpers/bootstrap-token'
import { certificatesFromPem } from '#component-base/certs/certificate'
import { keyFromPem } from '#component-base/certs/keys'
import type { FeatureGates } from '#component-base/feature-gates'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { OptionsError } from '#component-base/options/whole'
import type { Authenticator } from '../authentication/authenticator'
import type { Authorities } from '../authentication/authorities'
import { bootstrapTokens } from '../authentication/bootstrap-tokens'
import { clientCertificates } from '../authentication/client-certificate'
import { issuedTokens, legacyIssuer } from '../authentication/issued-tokens'
import { publicKeysFromPem, verifyingKey, type VerifyingKey } from '../authentication/jwt'
import { legacyServiceAccountTokens } from '../authentication/legacy-service-account-tokens'
import type { ObjectReader } from '../authentication/objects'
import { requestHeaders } from '../authentication/request-header'
import { serviceAccountTokens } from '../authentication/service-account-tokens'
import { readTokenFile, staticTokens, type StaticTokens } from '../authentication/static-tokens'
import { bearerTokens, type TokenAuthenticator } from '../authentication/token'
import { forAudiences } from '../authentication/token-audiences'
import { cachedTokens } from '../authentication/token-cache'
import { createTokenCounters } from '../authentication/token-counters'
import type { Anonymous } from '../authentication/union'
import { webhookTokens } from '../authentication/webhook-tokens'
import type { Webhooks } from '../webhook/webhook'
import { authenticationProblems, type AuthenticationOptions } from './authentication-options'
import { clientAuthorities } from './client-authorities'
import { readFlagFile } from './flag-file'
import { createJwtConfiguration } from './jwt-configuration'

export interface AuthenticationDeps {
  readonly client: Client
  readonly informers: Informers
  readonly objects: ObjectReader
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly webhooks: Webhooks
  /** PEM; absent, and no file named: client certificates are nobody's. */
  readonly clientCa?: string | undefined
  /** PEM of those who sign front proxies' certificates; absent, and no file named: nobody speaks for others. */
  readonly frontProxyCa?: string | undefined
  readonly serviceAccountKey: KeyObject
  readonly tokens?: StaticTokens | undefined
  readonly gates: FeatureGates
}

export interface Authentication extends AsyncDisposable {
  readonly authenticators: readonly Authenticator[]
  readonly anonymous: Anonymous
  /** In the order in which a token is tried: for reviews of tokens. */
  readonly tokenAuthenticators: readonly TokenAuthenticator[]
  readonly audiences: readonly string[]
  readonly signingKey: KeyObject
  readonly keys: readonly VerifyingKey[]
  readonly authorities: Authorities
  /** Settles when what it looks at is in memory. */
  ready(): Promise<unknown>
}

/** Everything that can prove who somebody is, as the flags say. Throws for what makes no sense. */
export async function createAuthentication(options: AuthenticationOptions, deps: AuthenticationDeps): Promise<Authentication> {
  const problems = authenticationProblems(options)
  if (problems.length > 0) throw new OptionsError('kube-apiserver', problems)
  const { client, informers, objects, clock, log, metrics, webhooks, gates } = deps
  const disposables = createDisposables()
  const issuers = options.serviceAccountIssuer
  const audiences = options.apiAudiences.length > 0 ? options.apiAudiences : issuers
  const counters = metrics && createTokenCounters(metrics)

  const signingKey = options.serviceAccountSigningKeyFile === '' ? deps.serviceAccountKey : keyFromPem(readFlagFile('service-account-signing-key-file', options.serviceAccountSigningKeyFile))
  const keyFiles = options.serviceAccountKeyFile.flatMap((file) => publicKeysFromPem(readFlagFile('service-account-key-file', file), file))
  const known = keyFiles.length > 0 && options.serviceAccountSigningKeyFile !== '' ? keyFiles : [signingKey, ...keyFiles]
  const keys = known.map(verifyingKey)

  const observeExpiry = metrics && expiryObserver(metrics)
  const watchers = new Set<() => void>()
  const told = (): void => watchers.forEach((changed) => changed())
  const clientCa = options.clientCaFile !== '' || deps.clientCa !== undefined
    ? disposables.use(clientAuthorities({ flag: 'client-ca-file', file: options.clientCaFile, otherwise: deps.clientCa ?? '' }, (pem) => clientCertificates(pem, clock, { observe: observeExpiry, readsUid: gates.enabled('AllowParsingUserUIDFromCertAuth') }), log, told))
    : undefined
  const proxyFile = options.requestheaderClientCaFile
  const headers = {
    username: options.requestheaderUsernameHeaders, uid: options.requestheaderUidHeaders, group: options.requestheaderGroupHeaders, extraPrefix: options.requestheaderExtraHeadersPrefix,
  }
  const frontProxyCa = proxyFile !== '' || deps.frontProxyCa !== undefined
    ? disposables.use(clientAuthorities(
        { flag: 'requestheader-client-ca-file', file: proxyFile, otherwise: deps.frontProxyCa ?? '' }, (ca) => requestHeaders({ ca, allowedNames: options.requestheaderAllowedNames, headers }, clock), log, told,
      ))
    : undefined
  if (clientCa && frontProxyCa && proxyFile !== '' && options.requestheaderAllowedNames.length === 0 && overlap(clientCa.current, frontProxyCa.current)) {
    throw new OptionsError('kube-apiserver', [
      '--requestheader-client-ca-file and --client-ca-file contain overlapping certificates; --requestheader-allowed-names must be specified to ensure regular client certificates cannot ' +
        'set authenticating proxy headers for arbitrary users',
    ])
  }

  const jwt = disposables.use(await createJwtConfiguration(options, { audiences, clock, log, metrics, server: hostname() }))
  const tokens = deps.tokens ?? staticTokens()
  if (options.tokenAuthFile !== '') readTokenFile(readFlagFile('token-auth-file', options.tokenAuthFile), options.tokenAuthFile, tokens)
  const shared = { claimsOf: issuedTokens([legacyIssuer, ...issuers], keys), audiences, objects, clock, ...(counters ? { counters } : {}) }
  const tokenAuthenticators: TokenAuthenticator[] = [
    forAudiences(audiences, tokens), legacyServiceAccountTokens({ ...shared, lookup: options.serviceAccountLookup, client, log }), serviceAccountTokens(shared),
  ]
  const ready: Promise<unknown>[] = []
  if (options.enableBootstrapTokenAuth) {
    const informer = informers.get(secrets, { namespace: bootstrapTokenNamespace, fieldSelector: `type=${bootstrapTokenType}` })
    ready.push(informer.synced)
    tokenAuthenticators.push(forAudiences(audiences, bootstrapTokens(informer, clock, log)))
  }
  // Behind those of service accounts: an issuer elsewhere would be asked for keys that it does not have.
  if (jwt.tokens) tokenAuthenticators.push(jwt.tokens)
  if (options.authenticationTokenWebhookConfigFile !== '') {
    const webhook = disposables.use(webhooks.ofKubeconfig(options.authenticationTokenWebhookConfigFile))
    const ttl = options.authenticationTokenWebhookCacheTtl
    tokenAuthenticators.push(cachedTokens(webhookTokens(webhook, { version: options.authenticationTokenWebhookVersion, audiences }, clock), { successTtl: ttl, failureTtl: ttl }, clock, metrics))
  }

  return {
    // Front proxies before clients: who comes through one is not who the proxy is.
    authenticators: [...(frontProxyCa ? [frontProxyCa.authenticator] : []), ...(clientCa ? [clientCa.authenticator] : []), bearerTokens(tokenAuthenticators, audiences)],
    anonymous: jwt.anonymous,
    tokenAuthenticators, audiences, signingKey, keys,
    authorities: {
      clients: () => clientCa?.current,
      frontProxies: () => frontProxyCa?.current,
      current: () => [clientCa?.current, frontProxyCa?.current].filter((pem) => pem !== undefined).join('\n'),
      changed(callback) {
        watchers.add(callback)
        return { [Symbol.dispose]: () => void watchers.delete(callback) }
      },
    },
    ready: () => Promise.all(ready),
    [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
  }
}

const hour = 3600
const expiryBuckets = [0, hour / 2, hour, 2 * hour, 6 * hour, 12 * hour, ...[1, 2, 4, 7, 30, 90, 180, 360].map((days) => days * 24 * hour)]

function expiryObserver(metrics: Metrics): (secondsLeft: number) => void {
  const help = 'Distribution of the remaining lifetime on the certificate used to authenticate a request.'
  const expiry = metrics.histogram('apiserver_client_certificate_expiration_seconds', help, expiryBuckets)
  return (secondsLeft) => expiry.use((histogram) => histogram.observe(secondsLeft))
}

function overlap(a: string, b: string): boolean {
  const others = certificatesFromPem(b)
  return certificatesFromPem(a).some(({ raw }) => others.some((other) => other.raw.equals(raw)))
}
