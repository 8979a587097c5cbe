import { FieldErrors } from '#apimachinery/field-errors'
import { decodeTable } from '#apimachinery/schema/table'
import { messageOf } from '#base/error-message'
import { certificatesFromPem } from '#component-base/certs/certificate'
import { aggregateFieldErrors, decodeStructured, type StructuredKind } from '../../security/structured-config'
import { checkClaimMappings, checkClaimRules, checkUserRules, type UsedClaims } from './claim-checks'

/** `--authentication-config`: issuers of JSON web tokens, and who may be anonymous. */
export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtAuthenticator[]
  readonly anonymous?: { readonly enabled?: boolean; readonly conditions?: readonly { readonly path: string }[] }
}

export interface JwtAuthenticator {
  readonly issuer: Issuer
  readonly claimValidationRules: readonly ClaimValidationRule[]
  readonly claimMappings: ClaimMappings
  readonly userValidationRules: readonly UserValidationRule[]
}
export interface Issuer {
  readonly url: string
  readonly discoveryURL: string
  /** PEM; empty: the roots of the system. */
  readonly certificateAuthority: string
  readonly audiences: readonly string[]
  readonly audienceMatchPolicy: string
  readonly egressSelectorType: string
}
export interface ClaimValidationRule {
  readonly claim: string
  readonly requiredValue: string
  readonly expression: string
  readonly message: string
}
export interface ClaimMappings {
  readonly username: PrefixedClaim
  readonly groups: PrefixedClaim
  readonly uid: ClaimOrExpression
  readonly extra: readonly ExtraMapping[]
}
/** Either a claim or an expression over all of them. */
export interface ClaimOrExpression {
  readonly claim: string
  readonly expression: string
}
export interface PrefixedClaim extends ClaimOrExpression {
  /** Goes with a claim, and must then be given. */
  readonly prefix?: string
}
export interface ExtraMapping {
  readonly key: string
  readonly valueExpression: string
}
export interface UserValidationRule {
  readonly expression: string
  readonly message: string
}

const structs = decodeTable('apiserver/v1', [], `\
AuthenticationConfiguration	apiVersion s	kind s	jwt *.JWTAuthenticator - a	anonymous .AnonymousAuthConfig
AnonymousAuthConfig	enabled b	conditions *.AnonymousAuthCondition
AnonymousAuthCondition	path s - a
JWTAuthenticator	issuer .Issuer - a	claimValidationRules *.ClaimValidationRule - a	claimMappings .ClaimMappings - a	userValidationRules *.UserValidationRule - a
Issuer	url s - a	discoveryURL s - a	certificateAuthority s - a	audiences *s - a	audienceMatchPolicy s - a	egressSelectorType s - a
ClaimValidationRule	claim s - a	requiredValue s - a	expression s - a	message s - a
ClaimMappings	username .PrefixedClaimOrExpression - a	groups .PrefixedClaimOrExpression - a	uid .ClaimOrExpression - a	extra *.ExtraMapping - a
PrefixedClaimOrExpression	claim s - a	prefix s - p	expression s - a
ClaimOrExpression	claim s - a	expression s - a
ExtraMapping	key s - a	valueExpression s - a
UserValidationRule	expression s - a	message s - a`)

const kind: StructuredKind = { kind: 'AuthenticationConfiguration', versions: ['v1', 'v1beta1', 'v1alpha1'], schema: structs['AuthenticationConfiguration']! }

export const decodeAuthenticationConfiguration = (text: string): Promise<AuthenticationConfiguration> => decodeStructured<AuthenticationConfiguration>(text, kind)

/**
 * Throws an Error with everything that is wrong.
 * @param disallowed Issuers of service account tokens: nobody else may speak for them.
 * @param original At a reload, what the file said about anonymous requests when the server started: that cannot change.
 */
export function checkAuthenticationConfiguration(configuration: AuthenticationConfiguration, disallowed: readonly string[], original?: { readonly anonymous: AuthenticationConfiguration['anonymous'] }): void {
  const errors = new FieldErrors()
  validateAuthenticationConfiguration(configuration, disallowed, errors)
  if (original && JSON.stringify(original.anonymous) !== JSON.stringify(configuration.anonymous)) errors.at('anonymous').forbidden('changed from initial configuration file')
  if (errors.any) throw new Error(aggregateFieldErrors(errors.all))
}

/** The original's limit. */
const most = 64

export function validateAuthenticationConfiguration({ jwt, anonymous }: AuthenticationConfiguration, disallowed: readonly string[], errors: FieldErrors): void {
  if (jwt.length > most) return errors.at('jwt').tooMany(jwt.length, most)
  const urls = new Set<string>()
  const discoveryUrls = new Set<string>()
  for (const [i, authenticator] of jwt.entries()) {
    const at = errors.at('jwt', i)
    const { url, discoveryURL } = authenticator.issuer
    validateJwtAuthenticator(authenticator, disallowed, at)
    if (urls.has(url)) at.at('issuer', 'url').duplicate(url)
    urls.add(url)
    if (discoveryURL === '') continue
    if (discoveryUrls.has(discoveryURL)) at.at('issuer', 'discoveryURL').duplicate(discoveryURL)
    discoveryUrls.add(discoveryURL)
  }
  if (anonymous && !anonymous.enabled && anonymous.conditions?.length) {
    errors.at('anonymous', 'conditions').invalid(anonymous.conditions.map(({ path }) => ({ Path: path })), 'enabled should be set to true when conditions are defined')
  }
}

function validateJwtAuthenticator({ issuer, claimValidationRules, claimMappings, userValidationRules }: JwtAuthenticator, disallowed: readonly string[], errors: FieldErrors): void {
  validateIssuer(issuer, disallowed, errors.at('issuer'))
  const used: UsedClaims = { email: false, emailVerified: false }
  checkClaimRules(claimValidationRules, used, errors.at('claimValidationRules'))
  checkClaimMappings(claimMappings, used, errors.at('claimMappings'))
  checkUserRules(userValidationRules, errors.at('userValidationRules'))
}

function validateIssuer(issuer: Issuer, disallowed: readonly string[], errors: FieldErrors): void {
  const { url, discoveryURL, certificateAuthority, egressSelectorType } = issuer
  if (url === '') errors.at('url').required()
  else validateUrl(url, disallowed, errors.at('url'))
  if (discoveryURL !== '') {
    const at = errors.at('discoveryURL')
    if (url !== '' && url.replace(/\/+$/, '') === discoveryURL.replace(/\/+$/, '')) at.invalid(discoveryURL, 'discoveryURL must be different from URL')
    validateUrl(discoveryURL, [], at)
  }
  validateAudiences(issuer, errors)
  if (certificateAuthority !== '') {
    try {
      certificatesFromPem(certificateAuthority)
    } catch (error) {
      errors.at('certificateAuthority').invalid('<omitted>', messageOf(error))
    }
  }
  // There is no egress selector here: what names one would be reached another way than it was told.
  if (egressSelectorType === 'controlplane' || egressSelectorType === 'cluster') errors.at('egressSelectorType').invalid(egressSelectorType, 'egress selectors are not supported by this server: leave it out')
  else if (egressSelectorType !== '') errors.at('egressSelectorType').invalid(egressSelectorType, 'egress selector must be either controlplane or cluster')
}

function validateUrl(text: string, disallowed: readonly string[], at: FieldErrors): void {
  if (disallowed.includes(text)) at.invalid(text, `URL must not overlap with disallowed issuers: [${[...disallowed].sort().join(' ')}]`)
  if (!URL.canParse(text) && /^https?:/.test(text)) return at.invalid(text, `parse ${JSON.stringify(text)}: invalid URL`)
  if (!text.startsWith('https://')) at.invalid(text, 'URL scheme must be https')
  if (!URL.canParse(text)) return
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') at.invalid(text, 'URL must not contain a username or password')
  if (url.search !== '') at.invalid(text, 'URL must not contain a query')
  if (url.hash !== '') at.invalid(text, 'URL must not contain a fragment')
}

function validateAudiences({ audiences, audienceMatchPolicy: policy }: Issuer, errors: FieldErrors): void {
  const at = errors.at('audiences')
  if (audiences.length === 0) return at.required(`at least one ${at.path} is required`)
  for (const [i, audience] of audiences.entries()) {
    if (audience === '') at.at(i).required()
    if (audiences.indexOf(audience) < i) at.at(i).duplicate(audience)
  }
  const policyAt = errors.at('audienceMatchPolicy')
  if (audiences.length > 1 && policy !== 'MatchAny') policyAt.invalid(policy, 'audienceMatchPolicy must be MatchAny for multiple audiences')
  if (audiences.length === 1 && policy !== '' && policy !== 'MatchAny') policyAt.invalid(policy, 'audienceMatchPolicy must be empty or MatchAny for single audience')
}
