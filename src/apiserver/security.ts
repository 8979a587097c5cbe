import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { keyOf, type KubeObject } from '#apimachinery/object'
import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import { limitranges } from '#api/core/v1/limit-range'
import { namespaces } from '#api/core/v1/namespace'
import { nodes } from '#api/core/v1/node'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { serviceaccounts } from '#api/core/v1/service-account'
import { ingressclasses } from '#api/networking/v1/ingress-class'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { roles } from '#api/rbac/v1/role'
import { priorityclasses } from '#api/scheduling/v1/priority-class'
import { storageclasses } from '#api/storage/v1/storage-class'
import { volumeattachments } from '#api/storage/v1/volume-attachment'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'
import { whenDone } from '#component-base/health'
import type { Log } from '#component-base/log'
import { option, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import { admissionPlugins } from './admission/chain'
import type { AdmissionPlugin } from './admission/plugin'
import type { ApiServerDeps } from './api-server'
import { clientCertificates } from './authentication/client-certificate'
import { verifyingKey } from './authentication/jwt'
import { objectReader } from './authentication/objects'
import { jwks, jwksPath, openidCacheControl, openidConfiguration, openidConfigurationPath } from './authentication/openid'
import { authenticationRests, tokenEndpoint } from './authentication/rests'
import { serviceAccountTokens } from './authentication/service-account-tokens'
import { readTokenFile, staticTokens } from './authentication/static-tokens'
import type { StaticTokens } from './authentication/static-tokens'
import { bearerTokens } from './authentication/token'
import type { Authorizer, RuleResolver } from './authorization/authorizer'
import { reconcileBootstrapPolicy } from './authorization/bootstrap/reconcile'
import { alwaysAllow, alwaysDeny, authorizeInOrder, resolveAll, superusers } from './authorization/chain'
import { rbacRests } from './authorization/escalation'
import { nodeAuthorizer } from './authorization/node/node-authorizer'
import { relations } from './authorization/node/relations'
import { rbac } from './authorization/rbac'
import type { Rbac } from './authorization/rbac'
import { accessReviewRests } from './authorization/reviews'
import type { Rest } from './rest/rest'
import { requireAcceptable, type RootEndpoint } from './root/root'
import type { Webhooks } from './webhook/webhook'
import { createWebhooks } from './webhook/webhooks'

const modes = ['Node', 'RBAC', 'AlwaysAllow', 'AlwaysDeny'] as const

/** Who is let in and what they may do, by kube-apiserver's flags. */
export const securityOptions = {
  anonymousAuth: option(types.bool, 'anonymous-auth', true, 'Requests that nobody knows go on as system:anonymous.'),
  tokenAuthFile: option(types.string, 'token-auth-file', '', 'Tokens that do not expire: token,user,uid,"group1,group2" lines.'),
  authorizationMode: option(types.strings, 'authorization-mode', ['Node', 'RBAC'], `In order, of ${modes.join(', ')}.`, (given) => {
    const unknown = given.filter((mode) => !modes.includes(mode as never))
    return unknown.length === 0 && given.length > 0 ? undefined : `must be of ${modes.join(', ')}`
  }),
  serviceAccountIssuer: option(types.strings, 'service-account-issuer', ['https://kubernetes.default.svc.cluster.local'], 'Who signs tokens; the first signs, all are accepted.', (given) =>
    given.length > 0 ? undefined : 'must name at least one issuer'),
  apiAudiences: option(types.strings, 'api-audiences', [], 'What tokens for this server are for; the issuers unless said otherwise.'),
  serviceAccountMaxTokenExpiration: option(types.duration, 'service-account-max-token-expiration', 0, 'Longer lives of tokens are cut; 0 for none.', (ms) =>
    ms === 0 || (ms >= 3600_000 && ms <= 2 ** 32 * 1000) ? undefined : 'must be 0 or within 1h and 2^32 seconds'),
  serviceAccountExtendTokenExpiration: option(types.bool, 'service-account-extend-token-expiration', true, "Pods' own tokens live for a year and warn after their hour."),
  serviceAccountJwksUri: option(types.string, 'service-account-jwks-uri', '', 'Where others find the keys; this server unless said otherwise.', (uri) =>
    uri === '' || uri.startsWith('https://') ? undefined : 'must begin with https://'),
  enableAdmissionPlugins: option(types.strings, 'enable-admission-plugins', [], 'Plugins beside those that are on by default.'),
  disableAdmissionPlugins: option(types.strings, 'disable-admission-plugins', [], 'Plugins that are on by default and shall not be.'),
  defaultNotReadyTolerationSeconds: option(types.int, 'default-not-ready-toleration-seconds', 300, 'How long pods stay on a node that is not ready.'),
  defaultUnreachableTolerationSeconds: option(types.int, 'default-unreachable-toleration-seconds', 300, 'How long pods stay on a node that is not reached.'),
}

export interface SecurityDeps {
  /** Acts as a superuser, in-process: see `loopback.ts`. */
  readonly client: Client
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Log
  /** PEM; absent: client certificates are nobody's. */
  readonly clientCa?: string
  readonly serviceAccountKey: KeyObject
  /** Tokens made for this run. */
  readonly tokens?: StaticTokens
  /** Where the server is reached: `https://host:port`. Asked when a document is served. */
  readonly url: () => string
  /** How webhooks are reached; over HTTPS unless said otherwise. */
  readonly webhooks?: Webhooks
  /** Plugins that are built elsewhere. */
  readonly admission?: readonly AdmissionPlugin[]
}

export interface Security extends Required<Pick<ApiServerDeps, 'authenticators' | 'anonymous' | 'authorizers' | 'admission' | 'rests' | 'endpoints' | 'checks'>> {
  /** After the server has started: the cluster's own roles are there, and what decisions are made from is in memory. */
  start(): Promise<void>
}

/** Everything that `createApiServer` is given about users: authenticators, authorizers, admission, and the kinds that go with them. */
export function createSecurity(options: OptionsOf<typeof securityOptions>, deps: SecurityDeps): Security {
  const { client, informers, clock, log, serviceAccountKey } = deps
  const objects = objectReader(informers, client, clock)
  const issuers = options.serviceAccountIssuer
  const audiences = options.apiAudiences.length > 0 ? options.apiAudiences : issuers
  const keys = [verifyingKey(serviceAccountKey)]

  const tokens = deps.tokens ?? staticTokens()
  if (options.tokenAuthFile !== '') readTokenFile(readFileSync(options.tokenAuthFile, 'utf8'), options.tokenAuthFile, tokens)
  const tokenAuthenticators = [tokens, serviceAccountTokens({ issuers, keys, audiences, objects, clock })]
  const failed = (reason: string): void => log.info('a token was refused', { reason })
  const authenticators = [...(deps.clientCa === undefined ? [] : [clientCertificates(deps.clientCa, clock)]), bearerTokens(tokenAuthenticators, audiences, failed)]

  const { authorizers, resolvers, policy } = authorization(options.authorizationMode, informers)
  const authorizer = authorizeInOrder(authorizers)
  const admission = admissionPlugins(
    {
      enable: options.enableAdmissionPlugins, disable: options.disableAdmissionPlugins,
      notReadySeconds: options.defaultNotReadyTolerationSeconds, unreachableSeconds: options.defaultUnreachableTolerationSeconds,
    },
    { objects, authorizer, informers, webhooks: deps.webhooks ?? createWebhooks({ informers, clock }), client, clock, log, others: deps.admission ?? [] },
  )

  const maxSeconds = options.serviceAccountMaxTokenExpiration / 1000
  const token = tokenEndpoint({
    issuer: issuers[0]!, key: serviceAccountKey, audiences, objects, clock, extendExpiration: options.serviceAccountExtendTokenExpiration,
    ...(maxSeconds > 0 ? { maxExpirationSeconds: maxSeconds } : {}),
  })
  const rests: Rest<any>[] = [
    { group: '', resource: 'serviceaccounts', subresources: { token } },
    ...authenticationRests(tokenAuthenticators, audiences, clock), ...accessReviewRests(authorizer, resolveAll(resolvers)), ...(policy ? rbacRests(policy, authorizer) : []),
  ]

  const document = (path: string, contentType: string, bytes: () => string): RootEndpoint => ({
    path,
    serve({ headers: { accept } }) {
      requireAcceptable(accept, contentType)
      return { sort: 'bytes', code: 200, contentType, bytes: bytes(), headers: { 'cache-control': openidCacheControl } }
    },
  })
  const endpoints = [
    document(openidConfigurationPath, 'application/json', () => openidConfiguration(issuers[0]!, options.serviceAccountJwksUri || `${deps.url()}${jwksPath}`, keys)),
    document(jwksPath, 'application/jwk-set+json', () => jwks(keys)),
  ]

  let startedUp!: () => void
  const policyReady = new Promise<void>((resolve) => (startedUp = resolve))
  return {
    authenticators, anonymous: options.anonymousAuth, authorizers, admission, rests, endpoints,
    checks: policy ? [whenDone('poststarthook/rbac/bootstrap-roles', policyReady)] : [],
    async start() {
      const written = policy ? await reconcileBootstrapPolicy(client) : []
      const read = [
        namespaces, serviceaccounts, limitranges, resourcequotas, priorityclasses, storageclasses, ingressclasses, nodes,
        mutatingwebhookconfigurations, validatingwebhookconfigurations,
        ...(policy ? [roles, rolebindings, clusterroles, clusterrolebindings] : []),
        ...(options.authorizationMode.includes('Node') ? [pods, persistentvolumes, volumeattachments] : []),
      ]
      await Promise.all(read.map((resource) => informers.get<any>(resource).synced))
      // The policy's informers may have begun before it was written: who came now would be refused.
      await Promise.all(written.map(({ resource, objects }) => hasArrived(informers.get(resource), objects)))
      startedUp()
    },
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

function authorization(names: readonly string[], informers: Informers): { authorizers: Authorizer[]; resolvers: RuleResolver[]; policy: Rbac | undefined } {
  const authorizers: Authorizer[] = [superusers]
  const resolvers: RuleResolver[] = []
  let policy: Rbac | undefined
  const add = (authorizer: Authorizer & RuleResolver): void => {
    authorizers.push(authorizer)
    resolvers.push(authorizer)
  }
  for (const name of names) {
    if (name === 'RBAC') {
      policy = rbac({
        roles: informers.get(roles), roleBindings: informers.get(rolebindings), clusterRoles: informers.get(clusterroles), clusterRoleBindings: informers.get(clusterrolebindings),
      })
      add(policy)
    } else if (name === 'Node') {
      const source = { pods: informers.get(pods), persistentVolumes: informers.get(persistentvolumes), volumeAttachments: informers.get(volumeattachments) }
      add(nodeAuthorizer(relations(source)))
    } else add(name === 'AlwaysAllow' ? alwaysAllow : alwaysDeny)
  }
  return { authorizers, resolvers, policy }
}
