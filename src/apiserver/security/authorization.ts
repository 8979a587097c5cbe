import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { roles } from '#api/rbac/v1/role'
import { resourceslices } from '#api/resource/v1/resource-slice'
import { volumeattachments } from '#api/storage/v1/volume-attachment'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { createDisposables, type Disposables } from '#base/disposal'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { formatDuration, parseDuration } from '#component-base/options/duration'
import { OptionsError } from '#component-base/options/whole'
import { abac } from '../authorization/abac'
import { readAuthorizationConfiguration, type AuthorizationConfiguration, type ConfiguredWebhook } from '../authorization/authorization-configuration'
import { authorizationMetrics } from '../authorization/authorization-metrics'
import type { Authorizer, RuleResolver } from '../authorization/authorizer'
import { alwaysAllow, alwaysDeny, authorizeInOrder, resolveAll, superusers } from '../authorization/chain'
import { nodeAuthorizer } from '../authorization/node/node-authorizer'
import { relations } from '../authorization/node/relations'
import { rbac, type Rbac } from '../authorization/rbac'
import { webhookAuthorizer } from '../authorization/webhook-authorizer'
import type { Webhooks } from '../webhook/webhook'
import { authorizationProblems, type AuthorizationOptions } from './authorization-options'
import { readFlagFile } from './flag-file'
import { reloadMetrics } from './reload-metrics'
import { watchFile } from './watched-file'

export interface AuthorizationDeps {
  readonly informers: Informers
  readonly webhooks: Webhooks
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  /** Who this server is among several, for metrics. */
  readonly server: string
}

export interface Authorization extends AsyncDisposable {
  /** The whole chain as it is now, `system:masters` first. */
  readonly authorizer: Authorizer
  readonly rules: RuleResolver
  /** Where RBAC decides. */
  readonly rbac: Rbac | undefined
  /** What decisions are made from, to be read before the first one. */
  readonly reads: readonly ResourceRef<any>[]
}

type Resolving = Authorizer & RuleResolver

/** Loaded where a condition may be: the language is as large as all the rest here. */
const expressions = () => import('../authorization/match-conditions')
type Expressions = Awaited<ReturnType<typeof expressions>>

/** One set of authorizers, and what goes when another takes its place. */
interface Chain {
  readonly authorizer: Authorizer
  readonly rules: RuleResolver
  readonly held: Disposables
}

/** The authorizers that flags or a file name. The file is read again whenever it changes. Throws for what makes no sense. */
export async function createAuthorization(options: AuthorizationOptions, deps: AuthorizationDeps): Promise<Authorization> {
  const problems = authorizationProblems(options)
  if (problems.length > 0) throw new OptionsError('kube-apiserver', problems)
  const { informers, webhooks, clock, log, metrics } = deps
  const counts = metrics && authorizationMetrics(metrics)
  const file = options.authorizationConfig
  const text = file === '' ? '' : readFlagFile('authorization-config', file)
  const configuration = file === '' ? configurationOf(options) : await readAuthorizationConfiguration(text, (await expressions()).conditionProblem)

  // These stay as they are when the file changes: they know the cluster.
  const lasting = new Map<string, Resolving>()
  let policy: Rbac | undefined
  for (const { type } of configuration.authorizers) {
    if (type === 'RBAC') {
      policy = rbac({ roles: informers.get(roles), roleBindings: informers.get(rolebindings), clusterRoles: informers.get(clusterroles), clusterRoleBindings: informers.get(clusterrolebindings) })
      lasting.set(type, policy)
    } else if (type === 'Node') {
      lasting.set(type, nodeAuthorizer(relations({ pods: informers.get(pods), persistentVolumes: informers.get(persistentvolumes), volumeAttachments: informers.get(volumeattachments), resourceSlices: informers.get(resourceslices) })))
    } else if (type === 'ABAC') lasting.set(type, abac(readFlagFile('authorization-policy-file', options.authorizationPolicyFile), options.authorizationPolicyFile))
  }

  const openWebhook = (name: string, configured: ConfiguredWebhook, held: Disposables, language: Expressions | undefined): Resolving => {
    const { connectionInfo, subjectAccessReviewVersion: version, failurePolicy, matchConditions } = configured
    if (connectionInfo.type !== 'KubeConfigFile') throw new Error(`authorizer ${name}: connectionInfo of type ${connectionInfo.type} is for other API servers, which ask this one: kube-apiserver takes KubeConfigFile`)
    const webhook = held.use(webhooks.ofKubeconfig(connectionInfo.kubeConfigFile!))
    const conditions = language && matchConditions.length > 0 ? language.matchConditions(matchConditions.map(({ expression }) => expression), { name, clock, metrics: counts }) : undefined
    const ms = (duration: string, otherwise: number): number => parseDuration(duration) || otherwise
    return webhookAuthorizer(
      {
        name, version, timeoutMs: ms(configured.timeout, 30_000), onError: failurePolicy === 'Deny' ? 'deny' : 'no-opinion', ...(conditions ? { conditions } : {}),
        authorizedTtl: configured.cacheAuthorizedRequests ? ms(configured.authorizedTTL, 300_000) : 0,
        unauthorizedTtl: configured.cacheUnauthorizedRequests ? ms(configured.unauthorizedTTL, 30_000) : 0,
      },
      { webhook, clock, ...(counts ? { metrics: counts } : {}) },
    )
  }

  const build = async ({ authorizers }: AuthorizationConfiguration): Promise<Chain> => {
    const held = createDisposables()
    const language = authorizers.some(({ webhook }) => webhook && webhook.matchConditions.length > 0) ? await expressions() : undefined
    try {
      const made = authorizers.map(({ type, name, webhook }) => {
        const authorizer = webhook ? openWebhook(name, webhook, held, language) : type === 'AlwaysAllow' ? alwaysAllow : type === 'AlwaysDeny' ? alwaysDeny : lasting.get(type)
        if (!authorizer) throw new Error(`authorizer type ${type} is not allowed if it was not enabled at initial server startup`)
        return counts ? counts.counted(type, name, authorizer) : authorizer
      })
      return { authorizer: authorizeInOrder([superusers, ...made]), rules: resolveAll(made), held }
    } catch (error) {
      await held[Symbol.asyncDispose]()
      throw error
    }
  }

  let current = await build(configuration)
  const reloads = reloadMetrics(file === '' ? undefined : metrics, 'authorization', deps.server)
  if (file !== '') reloads.holds(text)
  const required = configuration.authorizers.map(({ type }) => type).filter((type) => type !== 'Webhook')
  const failed = (error: unknown): void => {
    log.error('reloading authorization config', { error, file })
    reloads.reloaded(false, clock.now())
  }
  const watching = file === '' ? undefined : watchFile(file, text, {
    failed,
    async changed(content) {
      const next = await build(await readAuthorizationConfiguration(content, (await expressions()).conditionProblem, required))
      const before = current
      current = next
      log.info('reloaded authz config', { file })
      reloads.holds(content)
      reloads.reloaded(true, clock.now())
      await before.held[Symbol.asyncDispose]()
    },
  })

  return {
    authorizer: { authorize: (attributes) => current.authorizer.authorize(attributes) },
    rules: { rulesFor: (user, namespace) => current.rules.rulesFor(user, namespace) },
    rbac: policy,
    reads: [...(lasting.has('RBAC') ? [roles, rolebindings, clusterroles, clusterrolebindings] : []), ...(lasting.has('Node') ? [pods, persistentvolumes, volumeattachments, resourceslices] : [])],
    async [Symbol.asyncDispose]() {
      watching?.[Symbol.dispose]()
      await current.held[Symbol.asyncDispose]()
    },
  }
}

/** What the flags say, as a file would say it. */
function configurationOf(options: AuthorizationOptions): AuthorizationConfiguration {
  const { authorizationWebhookCacheAuthorizedTtl: authorized, authorizationWebhookCacheUnauthorizedTtl: unauthorized } = options
  const webhook: ConfiguredWebhook = {
    authorizedTTL: formatDuration(authorized), cacheAuthorizedRequests: authorized !== 0, unauthorizedTTL: formatDuration(unauthorized), cacheUnauthorizedRequests: unauthorized !== 0,
    timeout: '30s', failurePolicy: 'NoOpinion', subjectAccessReviewVersion: options.authorizationWebhookVersion, matchConditionSubjectAccessReviewVersion: '', matchConditions: [],
    connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: options.authorizationWebhookConfigFile },
  }
  return { authorizers: options.authorizationMode.map((type) => (type === 'Webhook' ? { type, name: 'default', webhook } : { type, name: type.toLowerCase() })) }
}
