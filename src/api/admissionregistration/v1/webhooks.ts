// What both kinds of webhook configuration say about their webhooks.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isFullyQualifiedName } from '#apimachinery/names'
import { labelSelector, optionalOneOf, report } from '../../field-checks'
import { validateConditions } from './expressions'
import { validateRule } from './rules'
import { validateWebhookClient } from '../../webhook-client-checks'
import type { MutatingWebhook, ValidatingWebhook } from './types'

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
  if (webhook.sideEffects === undefined || webhook.sideEffects === null) errors.at('sideEffects').required('must specify one of None, NoneOnDryRun')
  else if (webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') {
    errors.at('sideEffects').notSupported(webhook.sideEffects, ['None', 'NoneOnDryRun'])
  }
  const seconds = webhook.timeoutSeconds
  if (seconds !== undefined && (seconds > 30 || seconds < 1)) errors.at('timeoutSeconds').invalid(seconds, 'the timeout value must be between 1 and 30 seconds')
  labelSelector(errors, 'namespaceSelector', webhook.namespaceSelector)
  labelSelector(errors, 'objectSelector', webhook.objectSelector)
  if ('reinvocationPolicy' in webhook) optionalOneOf(errors, 'reinvocationPolicy', webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
  validateWebhookClient(webhook.clientConfig, errors.at('clientConfig'))
  validateConditions(webhook.matchConditions, { params: false }, errors.at('matchConditions'))
  validateReviewVersions(webhook.admissionReviewVersions ?? [], errors.at('admissionReviewVersions'))
}

function validateReviewVersions(versions: readonly string[], errors: FieldErrors): void {
  if (versions.length === 0) return errors.required('must specify one of v1, v1beta1')
  for (const [i, version] of versions.entries()) {
    if (versions.indexOf(version) < i) errors.at(i).invalid(version, 'duplicate version')
    else report(errors, i, version, isDns1035Label(version))
  }
  if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.invalid(versions, 'must include at least one of v1, v1beta1')
}
