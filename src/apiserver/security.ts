import type { KeyObject } from 'node:crypto'
import { hostname } from 'node:os'
import { keyOf, type KubeObject } from '#apimachinery/object'
import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import { limitranges } from '#api/core/v1/limit-range'
import { namespaces } from '#api/core/v1/namespace'
import { nodes } from '#api/core/v1/node'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { serviceaccounts } from '#api/core/v1/service-account'
import { ingressclasses } from '#api/networking/v1/ingress-class'
import { priorityclasses } from '#api/scheduling/v1/priority-class'
import { storageclasses } from '#api/storage/v1/storage-class'
import type { Clock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'
import { featureGates, type FeatureGates } from '#component-base/feature-gates'
import { whenDone } from '#component-base/health'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { option, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import { admissionPlugins } from './admission/chain'
import { readAdmissionConfiguration } from './admission/configuration'
import type { AdmissionPlugin } from './admission/plugin'
import type { ApiServerDeps } from './api-server'
import type { Authorities } from './authentication/authorities'
import { signJwt } from './authentication/jwt'
import { objectReader } from './authentication/objects'
import { jwks, jwksPath, openidCacheControl, openidConfiguration, openidConfigurationPath } from './authentication/openid'
import { authenticationRests, tokenEndpoint } from './authentication/rests'
import type { StaticTokens } from './authentication/static-tokens'
import { reconcileBootstrapPolicy } from './authorization/bootstrap/reconcile'
import { rbacRests } from './authorization/escalation'
import { accessReviewRests } from './authorization/reviews'
import type { Rest } from './rest/rest'
import { requireAcceptable, requireGet, type RootEndpoint } from './root/root'
import { createAuthentication } from './security/authentication'
import { authenticationOptions } from './security/authentication-options'
import { createAuthorization, type Authorization } from './security/authorization'
import { authorizationOptions } from './security/authorization-options'
import { trackLegacyTokens } from './security/legacy-token-tracking'
import type { Webhooks } from './webhook/webhook'
import { createWebhooks } from './webhook/webhooks'

/** Who is let in, what they may do and what is done to what they write, by kube-apiserver's flags. */
export const securityOptions = {
  ...authenticationOptions,
  ...authorizationOptions,
  enableAdmissionPlugins: option(types.strings, 'enable-admission-plugins', [], 'Admission plugins to turn on beside those that are on by default: AlwaysPullImages,DenyServiceExternalIPs.'),
  disableAdmissionPlugins: option(types.strings, 'disable-admission-plugins', [], 'Admission plugins to turn off that are on by default: PodSecurity,LimitRanger.'),
  admissionControlConfigFile: option(types.string, 'admission-control-config-file', '', 'A file with an AdmissionConfiguration: settings of single admission plugins, such as the defaults of PodSecurity.'),
  defaultNotReadyTolerationSeconds: option(types.int, 'default-not-ready-toleration-seconds', 300, 'Seconds that pods stay on a node that is not ready, unless they say otherwise themselves.'),
  defaultUnreachableTolerationSeconds: option(types.int, 'default-unreachable-toleration-seconds', 300, 'Seconds that pods stay on a node that is not reached, unless they say otherwise themselves.'),
}

export interface SecurityDeps {
  /** Acts as a superuser, in-process: see `loopback.ts`. */
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics
  /** PEM; absent: client certificates are nobody's, unless `--client-ca-file` says otherwise. */
  readonly clientCa?: string
  /** PEM of those who sign front proxies' certificates; absent: nobody speaks for others, unless `--requestheader-client-ca-file` says otherwise. */
  readonly frontProxyCa?: string
  readonly serviceAccountKey: KeyObject
  /** Tokens made for this run. */
  readonly tokens?: StaticTokens
  /** Where the server is reached: `https://host:port`. Asked when a document is served. */
  readonly url: () => string
  /** How webhooks are reached; over HTTPS unless said otherwise. */
  readonly webhooks?: Webhooks
  /** By default as the version has them. */
  readonly gates?: FeatureGates
  /** Plugins that are built elsewhere. */
  readonly admission?: readonly AdmissionPlugin[]
}

export interface Security extends Required<Pick<ApiServerDeps, 'authenticators' | 'anonymous' | 'authorizers' | 'admission' | 'rests' | 'endpoints' | 'checks'>>, AsyncDisposable {
  /** For the listener, and for others who are to know users the same way. */
  readonly authorities: Authorities
  /** Signs claims as tokens of service accounts are signed. */
  readonly signToken: (claims: Readonly<Record<string, unknown>>) => string
  /** After the server has started: the cluster's own roles are there, and what decisions are made from is in memory. */
  start(): Promise<void>
}

/** Everything that `createApiServer` is given about users: authenticators, authorizers, admission, and the kinds that go with them. */
export async function createSecurity(options: OptionsOf<typeof securityOptions>, deps: SecurityDeps): Promise<Security> {
  const { client, informers, clock, log, metrics } = deps
  const disposables = createDisposables()
  const objects = objectReader(informers, client, clock)
  const webhooks = deps.webhooks ?? createWebhooks({ informers, clock })
  const issuer = options.serviceAccountIssuer[0]!
  const authentication = disposables.use(await createAuthentication(withoutNobodies(options, log), { ...deps, objects, webhooks, gates: deps.gates ?? featureGates('kube-apiserver') }))
  const { audiences, keys, signingKey, tokenAuthenticators } = authentication
  let authorization: Authorization
  try {
    authorization = disposables.use(await createAuthorization(options, { informers, webhooks, clock, log, metrics, server: hostname() }))
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
  const { authorizer, rules, rbac: policy } = authorization
  const admission = admissionPlugins(
    {
      enable: options.enableAdmissionPlugins, disable: options.disableAdmissionPlugins,
      notReadySeconds: options.defaultNotReadyTolerationSeconds, unreachableSeconds: options.defaultUnreachableTolerationSeconds,
      ...(options.admissionControlConfigFile === '' ? {} : { configuration: await readAdmissionConfiguration(options.admissionControlConfigFile) }),
    },
    { objects, authorizer, informers, webhooks, client, clock, log, metrics, others: deps.admission ?? [] },
  )

  const maxSeconds = options.serviceAccountMaxTokenExpiration / 1000
  const token = tokenEndpoint({
    issuer, key: signingKey, audiences, objects, clock, extendExpiration: options.serviceAccountExtendTokenExpiration,
    ...(maxSeconds > 0 ? { maxExpirationSeconds: maxSeconds } : {}),
  })
  const rests: Rest<any>[] = [
    { group: '', resource: 'serviceaccounts', subresources: { token } },
    ...authenticationRests(tokenAuthenticators, audiences, clock), ...accessReviewRests(authorizer, rules), ...(policy ? rbacRests(policy, authorizer) : []),
  ]

  const document = (path: string, contentType: string, bytes: () => string): RootEndpoint => ({
    path,
    serve(exchange) {
      const { headers: { accept } } = exchange
      requireGet(exchange)
      requireAcceptable(accept, contentType)
      return { sort: 'bytes', code: 200, contentType, bytes: bytes(), headers: { 'cache-control': openidCacheControl } }
    },
  })
  const endpoints = [
    document(openidConfigurationPath, 'application/json', () => openidConfiguration(issuer, options.serviceAccountJwksUri || `${deps.url()}${jwksPath}`, keys)),
    document(jwksPath, 'application/jwk-set+json', () => jwks(keys)),
  ].flatMap((one): RootEndpoint[] => [one, { ...one, path: `${one.path}/`, exact: true, unlisted: true }])

  let startedUp!: () => void
  const policyReady = new Promise<void>((resolve) => (startedUp = resolve))
  return {
    authenticators: authentication.authenticators, anonymous: authentication.anonymous, authorizers: [authorizer], admission, rests, endpoints,
    authorities: authentication.authorities,
    signToken: (claims) => signJwt(claims, signingKey),
    checks: policy ? [whenDone('poststarthook/rbac/bootstrap-roles', policyReady)] : [],
    async start() {
      const written = policy ? await reconcileBootstrapPolicy(client, deps.gates?.enabled) : []
      const read = [
        namespaces, serviceaccounts, limitranges, resourcequotas, priorityclasses, storageclasses, ingressclasses, nodes,
        mutatingwebhookconfigurations, validatingwebhookconfigurations,
        ...authorization.reads,
      ]
      await Promise.all([...read.map((resource) => informers.get<any>(resource).synced), authentication.ready(), trackLegacyTokens(client, clock)])
      // The policy's informers may have begun before it was written: who came now would be refused.
      await Promise.all(written.map(({ resource, objects }) => hasArrived(informers.get(resource), objects)))
      startedUp()
    },
    [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
  }
}

/** Resolves when an informer knows objects at least as they are here. */
function hasArrived(informer: Informer<KubeObject>, objects: readonly KubeObject[]): Promise<void> {
  const missing = new Map(objects.map((object) => [keyOf(object), Number(object.metadata.resourceVersion)]))
  return new Promise((resolve) => {
    const subscription = informer.on((object) => {
      if (object && Number(object.metadata.resourceVersion) >= (missing.get(keyOf(object)) ?? Infinity)) missing.delete(keyOf(object))
      if (missing.size > 0) return
      resolve()
      queueMicrotask(() => subscription[Symbol.dispose]())
    })
  })
}

/** Where everybody may do everything, at least nobody shall be nobody. */
function withoutNobodies<T extends OptionsOf<typeof securityOptions>>(options: T, log: Log): T {
  if (options.anonymousAuth === false || options.authenticationConfig !== '' || !options.authorizationMode.includes('AlwaysAllow')) return options
  log.warn('AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer')
  return { ...options, anonymousAuth: false }
}
