import { option, type OptionType, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import { isGiven } from './given'
import { tokenReviewVersions } from '../authentication/webhook-tokens'
import { requestHeaderOptions } from '../authentication/request-header'

/** True, false, or not given. */
const maybeBool: OptionType<boolean | undefined> = {
  name: 'bool', bare: true,
  read: (value) => (value === undefined ? undefined : types.bool.read(value)),
  show: (value) => (value === undefined ? '' : String(value)),
}

/** Values that may hold commas: the flag is given several times instead. */
const claims: OptionType<Readonly<Record<string, string>>> = {
  ...types.map,
  read(value) {
    if (typeof value !== 'string') return types.map.read(value)
    const at = value.indexOf('=')
    if (at < 1) throw new TypeError('must be name=value')
    return { [value.slice(0, at).trim()]: value.slice(at + 1).trim() }
  },
}

export const signingAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const

/** Who is let in, by kube-apiserver's flags. */
export const authenticationOptions = {
  anonymousAuth: option(maybeBool, 'anonymous-auth', undefined, 'Requests that nobody knows go on as system:anonymous; true unless said otherwise.'),
  authenticationConfig: option(types.string, 'authentication-config', '', 'File with an AuthenticationConfiguration: issuers of JSON web tokens, and who may be anonymous; issuers are read again when it changes.'),
  tokenAuthFile: option(types.string, 'token-auth-file', '', 'Tokens that do not expire: token,user,uid,"group1,group2" lines.'),
  clientCaFile: option(types.string, 'client-ca-file', '', "Authorities whose clients are known by their certificate; the cluster's own unless said otherwise. Read again when it changes."),
  enableBootstrapTokenAuth: option(types.bool, 'enable-bootstrap-token-auth', false, 'Secrets of the type bootstrap.kubernetes.io/token in kube-system are tokens for machines that join.'),
  authenticationTokenWebhookConfigFile: option(types.string, 'authentication-token-webhook-config-file', '', 'The kubeconfig file of a webhook that knows tokens.'),
  authenticationTokenWebhookVersion: option(types.string, 'authentication-token-webhook-version', 'v1beta1', `The version of TokenReview that it is sent and answers: ${tokenReviewVersions.join(', ')}.`),
  authenticationTokenWebhookCacheTtl: option(types.duration, 'authentication-token-webhook-cache-ttl', 120_000, 'How long its answers are remembered.'),
  oidcIssuerUrl: option(types.string, 'oidc-issuer-url', '', 'The URL of an OpenID issuer, https only.'),
  oidcClientId: option(types.string, 'oidc-client-id', '', 'The client that its tokens must be for.'),
  oidcCaFile: option(types.string, 'oidc-ca-file', '', "The authority of the issuer's certificate; those of the system unless said otherwise."),
  oidcUsernameClaim: option(types.string, 'oidc-username-claim', 'sub', 'The claim that is the user name.'),
  oidcUsernamePrefix: option(types.string, 'oidc-username-prefix', '', 'What goes before it; the issuer and # unless said otherwise, nothing for -.'),
  oidcGroupsClaim: option(types.string, 'oidc-groups-claim', '', 'The claim that lists the groups.'),
  oidcGroupsPrefix: option(types.string, 'oidc-groups-prefix', '', 'What goes before each group.'),
  oidcSigningAlgs: option(types.strings, 'oidc-signing-algs', ['RS256'], `Algorithms that tokens may be signed with: ${signingAlgorithms.join(', ')}.`),
  oidcRequiredClaim: option(claims, 'oidc-required-claim', {}, 'name=value that a token must say. May be given several times.'),
  serviceAccountIssuer: option(types.strings, 'service-account-issuer', ['https://kubernetes.default.svc.cluster.local'], 'Who signs tokens; the first signs, all are accepted.'),
  serviceAccountKeyFile: option(types.strings, 'service-account-key-file', [], 'Files of keys that tokens are verified with; the one that signs unless said otherwise.'),
  serviceAccountSigningKeyFile: option(types.string, 'service-account-signing-key-file', '', 'The private key that tokens are signed with; one of the cluster unless said otherwise.'),
  serviceAccountLookup: option(types.bool, 'service-account-lookup', true, 'Tokens in secrets count only while the secret is there.'),
  apiAudiences: option(types.strings, 'api-audiences', [], 'What tokens for this server are for; the issuers unless said otherwise.'),
  serviceAccountMaxTokenExpiration: option(types.duration, 'service-account-max-token-expiration', 0, 'Longer lives of tokens are cut; 0 for none.', (ms) =>
    ms === 0 || (ms >= 3600_000 && ms <= 2 ** 32 * 1000) ? undefined : 'must be 0 or within 1h and 2^32 seconds'),
  serviceAccountExtendTokenExpiration: option(types.bool, 'service-account-extend-token-expiration', true, "Pods' own tokens live for a year and warn after their hour."),
  serviceAccountJwksUri: option(types.string, 'service-account-jwks-uri', '', 'Where others find the keys; this server unless said otherwise.'),
  ...requestHeaderOptions,
}
export type AuthenticationOptions = OptionsOf<typeof authenticationOptions>

const oidcNames = ['IssuerUrl', 'ClientId', 'CaFile', 'UsernameClaim', 'UsernamePrefix', 'GroupsClaim', 'GroupsPrefix', 'SigningAlgs', 'RequiredClaim'] as const

/** Everything that is wrong with them together, in the original's words. */
export function authenticationProblems(options: AuthenticationOptions): string[] {
  const problems: string[] = []
  const oidc = oidcNames.some((name) => isGiven(authenticationOptions, options, `oidc${name}`))
  if (options.authenticationConfig === '') {
    if (oidc && (options.oidcIssuerUrl === '' || options.oidcClientId === '')) problems.push('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set')
  } else if (oidc) problems.push('authentication-config file and oidc-* flags are mutually exclusive')
  for (const algorithm of options.oidcSigningAlgs) if (!signingAlgorithms.includes(algorithm as never)) problems.push(`oidc: unsupported signing alg: ${JSON.stringify(algorithm)}`)

  const issuers = options.serviceAccountIssuer
  if (issuers.length === 0) problems.push('service-account-issuer is a required flag')
  for (const [i, issuer] of issuers.entries()) {
    if (issuer === '') problems.push('service-account-issuer should not be an empty string')
    else if (issuer.includes(':') && !URL.canParse(issuer)) problems.push(`service-account-issuer ${JSON.stringify(issuer)} contained a ':' but was not a valid URL`)
    else if (issuers.indexOf(issuer) < i) problems.push(`service-account-issuer ${JSON.stringify(issuer)} is already specified`)
  }
  const uri = options.serviceAccountJwksUri
  if (uri !== '' && !uri.startsWith('https://')) problems.push(`service-account-jwks-uri requires https scheme, parsed as: ${uri}`)
  return problems
}
