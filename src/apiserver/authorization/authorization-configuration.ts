import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { messageOf } from '#base/error-message'
import { parseDuration } from '#component-base/options/duration'
import { FieldErrors } from '#apimachinery/field-errors'
import { nameIsDnsSubdomain } from '#apimachinery/names'
import { decodeTable } from '#apimachinery/schema/table'
import { aggregateFieldErrors, decodeStructured, type StructuredKind } from '../security/structured-config'
import { subjectAccessReviewVersions } from './webhook-authorizer'

/** `--authorization-config`: the authorizers, in the order in which they are asked. */
export interface AuthorizationConfiguration {
  readonly authorizers: readonly ConfiguredAuthorizer[]
}
export interface ConfiguredAuthorizer {
  readonly type: string
  readonly name: string
  readonly webhook?: ConfiguredWebhook
}
/** Durations as Go writes them: `30s`, `5m0s`. */
export interface ConfiguredWebhook {
  readonly authorizedTTL: string
  readonly cacheAuthorizedRequests: boolean
  readonly unauthorizedTTL: string
  readonly cacheUnauthorizedRequests: boolean
  readonly timeout: string
  readonly subjectAccessReviewVersion: string
  readonly matchConditionSubjectAccessReviewVersion: string
  readonly failurePolicy: string
  readonly connectionInfo: { readonly type: string; readonly kubeConfigFile?: string }
  readonly matchConditions: readonly { readonly expression: string }[]
}

export const authorizationModes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const

const structs = decodeTable('apiserver/v1', [], `\
AuthorizationConfiguration	apiVersion s	kind s	authorizers *.AuthorizerConfiguration - a
AuthorizerConfiguration	type s - a	name s - a	webhook .WebhookConfiguration
WebhookConfiguration	authorizedTTL s - - "5m0s"	cacheAuthorizedRequests b - p true	unauthorizedTTL s - - "30s"	cacheUnauthorizedRequests b - p true	timeout s - a	subjectAccessReviewVersion s - a	matchConditionSubjectAccessReviewVersion s - a	failurePolicy s - a	connectionInfo .WebhookConnectionInfo - a	matchConditions *.WebhookMatchCondition - a
WebhookConnectionInfo	type s - a	kubeConfigFile s - p
WebhookMatchCondition	expression s - a`)

const kind: StructuredKind = { kind: 'AuthorizationConfiguration', versions: ['v1', 'v1beta1', 'v1alpha1'], schema: structs['AuthorizationConfiguration']! }

/** Says what is wrong with a condition, `compilation failed: ...`; undefined: nothing. */
export type CheckCondition = (expression: string) => string | undefined

/**
 * Reads and checks a configuration's text.
 * @param required Types that must be in it: at a reload, those that the server was started with.
 * @throws Error with everything that is wrong.
 */
export async function readAuthorizationConfiguration(text: string, checkCondition: CheckCondition, required: readonly string[] = []): Promise<AuthorizationConfiguration> {
  const configuration = await decodeStructured<AuthorizationConfiguration>(text, kind).catch((error: unknown) => {
    throw new Error(`failed to load AuthorizationConfiguration from file: ${messageOf(error)}`)
  })
  const errors = new FieldErrors()
  validateAuthorizationConfiguration(configuration, checkCondition, errors)
  if (errors.any) throw new Error(aggregateFieldErrors(errors.all))
  const others = configuration.authorizers.filter(({ type }) => type !== 'Webhook')
  const problems = others.filter(({ type, name }) => name !== type.toLowerCase()).map(({ type, name }) => `expected name ${type.toLowerCase()} for authorizer ${type} instead of ${name}`)
  const missing = required.filter((type) => !others.some((authorizer) => authorizer.type === type)).sort()
  if (missing.length > 0) problems.push(`missing required types: [${missing.join(' ')}]`)
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
  return configuration
}

export function validateAuthorizationConfiguration({ authorizers }: AuthorizationConfiguration, checkCondition: CheckCondition, errors: FieldErrors): void {
  if (authorizers.length === 0) errors.at('authorizers').required('at least one authorization mode must be defined')
  const types = new Set<string>()
  const names = new Set<string>()
  for (const [i, { type, name, webhook }] of authorizers.entries()) {
    const at = errors.at('authorizers', i)
    if (type === '') {
      at.at('type').required()
      continue
    }
    if (!authorizationModes.includes(type as never)) {
      at.at('type').notSupported(type, authorizationModes)
      continue
    }
    if (types.has(type) && type !== 'Webhook') {
      at.at('type').duplicate(type)
      continue
    }
    types.add(type)
    const problems = nameIsDnsSubdomain(name, false)
    if (name === '') at.at('name').required()
    else if (names.has(name)) at.at('name').duplicate(name)
    else if (problems.length > 0) at.at('name').invalid(name, `authorizer name is invalid: ${problems.join(', ')}`)
    names.add(name)
    if (type !== 'Webhook') {
      if (webhook) at.at('webhook').invalid('non-null', 'may only be specified when type=Webhook')
    } else if (!webhook) at.at('webhook').required('required when type=Webhook')
    // The original's paths leave the webhook out.
    else validateWebhook(webhook, checkCondition, at)
  }
}

function validateWebhook(webhook: ConfiguredWebhook, checkCondition: CheckCondition, at: FieldErrors): void {
  const timeout = duration(webhook.timeout)
  if (timeout === 0) at.at('timeout').required()
  else if (!(timeout > 0 && timeout <= 30_000)) at.at('timeout').invalid(webhook.timeout, 'must be > 0s and <= 30s')
  for (const field of ['authorizedTTL', 'unauthorizedTTL'] as const) if (!(duration(webhook[field]) >= 0)) at.at(field).invalid(webhook[field], 'must be > 0s')

  const { subjectAccessReviewVersion: version, matchConditionSubjectAccessReviewVersion: conditionVersion, failurePolicy, connectionInfo, matchConditions } = webhook
  if (version === '') at.at('subjectAccessReviewVersion').required()
  else if (!subjectAccessReviewVersions.includes(version as never)) at.at('subjectAccessReviewVersion').notSupported(version, subjectAccessReviewVersions)
  if (conditionVersion === '') {
    if (matchConditions.length > 0) at.at('matchConditionSubjectAccessReviewVersion').required('required if match conditions are specified')
  } else if (conditionVersion !== 'v1') at.at('matchConditionSubjectAccessReviewVersion').notSupported(conditionVersion, ['v1'])
  if (failurePolicy === '') at.at('failurePolicy').required()
  else if (failurePolicy !== 'NoOpinion' && failurePolicy !== 'Deny') at.at('failurePolicy').notSupported(failurePolicy, ['NoOpinion', 'Deny'])

  validateConnection(connectionInfo, at.at('connectionInfo'))
  validateConditions(matchConditions, checkCondition, at.at('matchConditions'))
}

function validateConnection({ type, kubeConfigFile: file }: ConfiguredWebhook['connectionInfo'], at: FieldErrors): void {
  const known = ['InClusterConfig', 'KubeConfigFile']
  if (type === '') return at.at('type').required()
  if (!known.includes(type)) return at.at('type').notSupported(type, known)
  if (type === 'InClusterConfig') {
    if (file !== undefined) at.at('kubeConfigFile').invalid(file, 'can only be set when type=KubeConfigFile')
    return
  }
  if (!file) return at.at('kubeConfigFile').required()
  if (!isAbsolute(file)) return at.at('kubeConfigFile').invalid(file, 'must be an absolute path')
  try {
    if (!statSync(file).isFile()) at.at('kubeConfigFile').invalid(file, 'must be a regular file')
  } catch (error) {
    at.at('kubeConfigFile').invalid(file, `error loading file: ${messageOf(error)}`)
  }
}

function validateConditions(conditions: ConfiguredWebhook['matchConditions'], checkCondition: CheckCondition, at: FieldErrors): void {
  if (conditions.length > 64) return at.tooMany(conditions.length, 64)
  const seen = new Set<string>()
  for (const [i, { expression }] of conditions.entries()) {
    const here = at.at(i, 'expression')
    if (expression.trim() === '') here.required()
    else if (seen.has(expression)) here.duplicate(expression)
    else {
      const wrong = checkCondition(expression)
      if (wrong) here.invalid(expression, wrong)
    }
    seen.add(expression)
  }
}

/** Milliseconds; NaN for what is no duration, which no comparison accepts. */
const duration = (text: string): number => (text === '' ? 0 : (parseDuration(text) ?? NaN))
