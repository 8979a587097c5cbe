// What both kinds of webhook configuration say about their webhooks.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isDns1123Subdomain, isFullyQualifiedName } from '#apimachinery/names'
import { labelSelector, optionalOneOf, report } from '../../field-checks'
import { validateConditions } from './expressions'
import { validateRule } from './rules'
import type { MutatingWebhook, ValidatingWebhook, WebhookClientConfig } from './types'

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
  if ('reinvocationPolicy' in webhook) optionalOneOf(errors, 'reinvocationPolicy', webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
  validateClient(webhook.clientConfig, errors.at('clientConfig'))
  validateConditions(webhook.matchConditions, { params: false }, errors.at('matchConditions'))
  validateReviewVersions(webhook.admissionReviewVersions ?? [], errors.at('admissionReviewVersions'))
}

function validateClient(client: WebhookClientConfig | undefined, errors: FieldErrors): void {
  const { url, service } = client ?? {}
  if ((url === undefined) === (service === undefined)) return errors.required('exactly one of url or service is required')
  if (url !== undefined) validateUrl(url, errors.at('url'))
  if (!service) return
  // The original takes one for the other.
  if (!service.namespace) errors.at('service', 'name').required()
  if (!service.name) errors.at('service', 'namespace').required()
  const port = service.port
  if (port !== undefined && (port < 1 || port > 65535)) errors.at('service', 'port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive')
  validatePath(service.path ?? '', errors.at('service', 'path'))
}

function validatePath(path: string, errors: FieldErrors): void {
  if (path === '' || path === '/') return
  if (path === '//') return errors.invalid(path, 'segment[0] may not be empty')
  if (!path.startsWith('/')) errors.invalid(path, "must start with a '/'")
  for (const [i, step] of path.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (step === '') errors.invalid(path, `segment[${i}] may not be empty`)
    else for (const problem of isDns1123Subdomain(step)) errors.invalid(path, `segment[${i}]: ${problem}`)
  }
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
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) errors.at(i).invalid(version, 'duplicate version')
    else report(errors, i, version, isDns1035Label(version))
  }
  if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.invalid(versions, 'must include at least one of v1, v1beta1')
}
