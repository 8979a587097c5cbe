// What both kinds of webhook configuration say about their webhooks.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isFullyQualifiedName } from '#apimachinery/names'
import { labelSelector, optionalOneOf, report } from '../../field-checks'
import type { MutatingWebhook, RuleWithOperations, ValidatingWebhook, WebhookClientConfig } from './types'

type Webhook = ValidatingWebhook | MutatingWebhook

export function defaultWebhooks(webhooks: readonly Webhook[] | undefined): void {
  for (const webhook of webhooks ?? []) {
    webhook.namespaceSelector ??= {}
    webhook.objectSelector ??= {}
  }
}

export function validateWebhooks(webhooks: readonly Webhook[] | undefined, errors: FieldErrors): void {
  const names = new Set<string>()
  for (const [i, webhook] of (webhooks ?? []).entries()) {
    const at = errors.at(i)
    validateWebhook(webhook, at)
    if (webhook.name && names.has(webhook.name)) at.at('name').duplicate(webhook.name)
    names.add(webhook.name)
  }
}

function validateWebhook(webhook: Webhook, errors: FieldErrors): void {
  if (!webhook.name) errors.at('name').required()
  else report(errors, 'name', webhook.name, isFullyQualifiedName(webhook.name))
  for (const [i, rule] of (webhook.rules ?? []).entries()) validateRule(rule, errors.at('rules', i))
  optionalOneOf(errors, 'failurePolicy', webhook.failurePolicy, ['Fail', 'Ignore'])
  optionalOneOf(errors, 'matchPolicy', webhook.matchPolicy, ['Equivalent', 'Exact'])
  if (!webhook.sideEffects) errors.at('sideEffects').required('must specify one of None, NoneOnDryRun')
  else if (webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') {
    errors.at('sideEffects').notSupported(webhook.sideEffects, ['None', 'NoneOnDryRun'])
  }
  const seconds = webhook.timeoutSeconds
  if (seconds !== undefined && (seconds > 30 || seconds < 1)) errors.at('timeoutSeconds').invalid(seconds, 'the timeout value must be between 1 and 30 seconds')
  labelSelector(errors, 'namespaceSelector', webhook.namespaceSelector)
  labelSelector(errors, 'objectSelector', webhook.objectSelector)
  validateClient(webhook.clientConfig, errors.at('clientConfig'))
  validateReviewVersions(webhook.admissionReviewVersions ?? [], errors.at('admissionReviewVersions'))
  if ('reinvocationPolicy' in webhook) optionalOneOf(errors, 'reinvocationPolicy', webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
  const names = new Set<string>()
  for (const [i, { name, expression }] of (webhook.matchConditions ?? []).entries()) {
    const at = errors.at('matchConditions', i)
    if (!expression.trim()) at.at('expression').required()
    if (!name) at.at('name').required()
    if (names.has(name)) at.at('name').duplicate(name)
    names.add(name)
  }
}

function validateClient(client: WebhookClientConfig | undefined, errors: FieldErrors): void {
  const { url, service } = client ?? {}
  if ((url === undefined) === (service === undefined)) return errors.required('exactly one of url or service is required')
  if (url !== undefined) validateUrl(url, errors.at('url'))
  if (!service) return
  if (!service.name) errors.at('service', 'name').required('service name is required')
  if (!service.namespace) errors.at('service', 'namespace').required('service namespace is required')
  const port = service.port
  if (port !== undefined && (port < 1 || port > 65535)) errors.at('service', 'port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive')
  if (service.path !== undefined && !service.path.startsWith('/')) errors.at('service', 'path').invalid(service.path, "must start with a '/'")
}

function validateUrl(text: string, errors: FieldErrors): void {
  const form = 'desired format: https://host[/path]'
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return errors.required(`url must be a valid URL: parse ${JSON.stringify(text)}; ${form}`)
  }
  if (url.protocol !== 'https:') errors.invalid(url.protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`)
  if (url.host === '') errors.invalid(url.host, `host must be specified; ${form}`)
  if (url.username !== '') errors.invalid(url.username, 'user information is not permitted in the URL')
  if (url.hash !== '') errors.invalid(url.hash.slice(1), 'fragments are not permitted in the URL')
  if (url.search !== '') errors.invalid(url.search.slice(1), 'query parameters are not permitted in the URL')
}

function validateReviewVersions(versions: readonly string[], errors: FieldErrors): void {
  if (versions.length === 0) return errors.required('must specify one of v1, v1beta1')
  for (const [i, version] of versions.entries()) if (versions.indexOf(version) < i) errors.at(i).invalid(version, 'duplicate version')
  if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.invalid(versions, 'must include at least one of v1, v1beta1')
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

function validateRule({ operations: asked = [], apiGroups = [], apiVersions = [], resources = [], scope }: RuleWithOperations, errors: FieldErrors): void {
  if (asked.length === 0) errors.at('operations').required()
  if (asked.length > 1 && asked.includes('*')) errors.at('operations').invalid(asked, "if '*' is present, must not specify other operations")
  for (const [i, operation] of asked.entries()) if (!operations.includes(operation)) errors.at('operations', i).notSupported(operation, operations)
  for (const [field, list] of [['apiGroups', apiGroups], ['apiVersions', apiVersions]] as const) {
    if (list.length === 0) errors.at(field).required()
    if (list.length > 1 && list.includes('*')) errors.at(field).invalid(list, `if '*' is present, must not specify other ${field === 'apiGroups' ? 'API groups' : 'API versions'}`)
  }
  for (const [i, version] of apiVersions.entries()) if (version === '') errors.at('apiVersions', i).required()
  if (resources.length === 0) errors.at('resources').required()
  for (const [i, resource] of resources.entries()) if (resource === '') errors.at('resources', i).required()
  optionalOneOf(errors, 'scope', scope, ['*', 'Cluster', 'Namespaced'])
}
