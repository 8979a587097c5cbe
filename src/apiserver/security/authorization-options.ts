import { option, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import { isGiven } from './given'
import { authorizationModes } from '../authorization/authorization-configuration'

const modes = ['Node', 'RBAC'] as const

/** Who may do what, by kube-apiserver's flags. */
export const authorizationOptions = {
  authorizationMode: option(types.strings, 'authorization-mode', modes, `Who decides what users may do, asked in this order: some of ${authorizationModes.join(',')}.`),
  authorizationConfig: option(types.string, 'authorization-config', '', 'A file with an AuthorizationConfiguration, instead of --authorization-mode and --authorization-webhook-*; read again when it changes.'),
  authorizationPolicyFile: option(types.string, 'authorization-policy-file', '', 'For the mode ABAC: the file of policies, one a line.'),
  authorizationWebhookConfigFile: option(types.string, 'authorization-webhook-config-file', '', 'For the mode Webhook: the kubeconfig file that says where the webhook is.'),
  authorizationWebhookVersion: option(types.string, 'authorization-webhook-version', 'v1beta1', 'The version of SubjectAccessReview that the authorization webhook is sent and answers.'),
  authorizationWebhookCacheAuthorizedTtl: option(types.duration, 'authorization-webhook-cache-authorized-ttl', 300_000, 'How long a yes of the authorization webhook is remembered.'),
  authorizationWebhookCacheUnauthorizedTtl: option(types.duration, 'authorization-webhook-cache-unauthorized-ttl', 30_000, 'How long a no of the authorization webhook is remembered.'),
}
export type AuthorizationOptions = OptionsOf<typeof authorizationOptions>

const legacy = ['authorizationMode', 'authorizationWebhookConfigFile', 'authorizationWebhookVersion', 'authorizationWebhookCacheAuthorizedTtl', 'authorizationWebhookCacheUnauthorizedTtl'] as const

/** Everything that is wrong with them together, in the original's words. */
export function authorizationProblems(options: AuthorizationOptions): string[] {
  const { authorizationMode: chosen, authorizationConfig: config, authorizationPolicyFile: policyFile, authorizationWebhookConfigFile: webhookFile } = options
  if (config !== '') {
    return legacy.some((name) => isGiven(authorizationOptions, options, name)) ? ['--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined'] : []
  }
  const problems: string[] = []
  if (chosen.length === 0) problems.push('at least one authorization-mode must be passed')
  for (const mode of chosen) {
    if (!authorizationModes.includes(mode as never)) problems.push(`authorization-mode ${JSON.stringify(mode)} is not a valid mode`)
    if (mode === 'ABAC' && policyFile === '') problems.push("authorization-mode ABAC's authorization policy file not passed")
    if (mode === 'Webhook' && webhookFile === '') problems.push("authorization-mode Webhook's authorization config file not passed")
  }
  if (policyFile !== '' && !chosen.includes('ABAC')) problems.push('cannot specify --authorization-policy-file without mode ABAC')
  if (webhookFile !== '' && !chosen.includes('Webhook')) problems.push('cannot specify --authorization-webhook-config-file without mode Webhook')
  if (new Set(chosen).size < chosen.length) problems.push(`authorization-mode [${chosen.map((mode) => JSON.stringify(mode)).join(' ')}] has mode specified more than once`)
  return problems
}
