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
  anonymousAuth: option(maybeBool, 'anonymous-auth', undefined, 'Let requests without credentials go on as system:anonymous; true unless said otherwise.'),
  authenticationConfig: option(types.string, 'authentication-config', '', 'A file with an AuthenticationConfiguration: issuers of JSON web tokens, and who may be anonymous; issuers are read again when it changes.'),
  tokenAuthFile: option(types.string, 'token-auth-file', '', 'A file of tokens that do not expire, one a line: token,user,uid,"group1,group2".'),
  clientCaFile: option(types.string, 'client-ca-file', '', "A file of the authorities that client certificates may be signed by; the cluster's own unless said otherwise. Read again when it changes."),
  enableBootstrapTokenAuth: option(types.bool, 'enable-bootstrap-token-auth', false, 'Take secrets of the type bootstrap.kubernetes.io/token in kube-system as tokens, for machines that join.'),
  authenticationTokenWebhookConfigFile: option(types.string, 'authentication-token-webhook-config-file', '', 'The kubeconfig file of a webhook that is asked whose a token is.'),
  authenticationTokenWebhookVersion: option(types.string, 'authentication-token-webhook-version', 'v1beta1', `The version of TokenReview that the token webhook is sent and answers: ${tokenReviewVersions.join(', ')}.`),
  authenticationTokenWebhookCacheTtl: option(types.duration, 'authentication-token-webhook-cache-ttl', 120_000, 'How long answers of the token webhook are remembered.'),
  oidcIssuerUrl: option(types.string, 'oidc-issuer-url', '', 'The URL of an OpenID issuer whose tokens are accepted; https only.'),
  oidcClientId: option(types.string, 'oidc-client-id', '', 'The client ID that OpenID tokens must be for.'),
  oidcCaFile: option(types.string, 'oidc-ca-file', '', "A file of the authority that signed the OpenID issuer's certificate; the system's authorities unless said otherwise."),
  oidcUsernameClaim: option(types.string, 'oidc-username-claim', 'sub', 'The claim of an OpenID token that is the user name.'),
  oidcUsernamePrefix: option(types.string, 'oidc-username-prefix', '', 'What is put before that user name; - for nothing. Unless said otherwise the issuer and #, and nothing for the claim email.'),
  oidcGroupsClaim: option(types.string, 'oidc-groups-claim', '', "The claim of an OpenID token that lists the user's groups."),
  oidcGroupsPrefix: option(types.string, 'oidc-groups-prefix', '', 'What is put before each of these groups.'),
  oidcSigningAlgs: option(types.strings, 'oidc-signing-algs', ['RS256'], `Algorithms that OpenID tokens may be signed with: ${signingAlgorithms.join(', ')}.`),
  oidcRequiredClaim: option(claims, 'oidc-required-claim', {}, 'A claim that an OpenID token must have, as name=value. May be given several times.'),
  serviceAccountIssuer: option(types.strings, 'service-account-issuer', ['https://kubernetes.default.svc.cluster.local'], 'Issuers of service account tokens: new ones name the first, all are accepted.'),
  serviceAccountKeyFile: option(types.strings, 'service-account-key-file', [], 'Files of keys that service account tokens are verified with; unless said otherwise the key that signs them.'),
  serviceAccountSigningKeyFile: option(types.string, 'service-account-signing-key-file', '', "A file of the private key that service account tokens are signed with; unless said otherwise one of the cluster's own."),
  serviceAccountLookup: option(types.bool, 'service-account-lookup', true, 'Accept service account tokens of secrets only while the secret is there.'),
  apiAudiences: option(types.strings, 'api-audiences', [], 'Audiences that tokens for this server may name; unless said otherwise the issuers of service account tokens.'),
  serviceAccountMaxTokenExpiration: option(types.duration, 'service-account-max-token-expiration', 0, 'The longest life of a service account token: who asks for more gets this; 0 for no limit.', (ms) =>
    ms === 0 || (ms >= 3600_000 && ms <= 2 ** 32 * 1000) ? undefined : 'must be 0 or within 1h and 2^32 seconds'),
  serviceAccountExtendTokenExpiration: option(types.bool, 'service-account-extend-token-expiration', true, "Let pods' own tokens live for a year; their use after the first hour is counted, and noted in the audit log."),
  serviceAccountJwksUri: option(types.string, 'service-account-jwks-uri', '', 'The URL at which others are told to find the keys of service account tokens; unless said otherwise one of this server.'),
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
