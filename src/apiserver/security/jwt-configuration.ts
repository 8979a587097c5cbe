import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { OptionsError } from '#component-base/options/whole'
import type { AuthenticationConfiguration, JwtAuthenticator } from '../authentication/oidc/authentication-configuration'
import type { TokenAuthenticator } from '../authentication/token'
import { cachedTokens } from '../authentication/token-cache'
import { forAudiences } from '../authentication/token-audiences'
import type { Anonymous } from '../authentication/union'
import { signingAlgorithms, type AuthenticationOptions } from './authentication-options'
import { readFlagFile } from './flag-file'
import { reloadMetrics } from './reload-metrics'
import { watchFile } from './watched-file'

export interface JwtConfigurationDeps {
  readonly audiences: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
  readonly server: string
}

export interface JwtConfiguration extends Disposable {
  /** Undefined: no issuer is known, and none may come. */
  readonly tokens: TokenAuthenticator | undefined
  readonly anonymous: Anonymous
}

/** As long as the original remembers any token that was good. */
const rememberMs = 10_000

/** Issuers of JSON web tokens, of `--authentication-config` or the `--oidc-*` flags. The file is read again whenever it changes. */
export async function createJwtConfiguration(options: AuthenticationOptions, deps: JwtConfigurationDeps): Promise<JwtConfiguration> {
  const { audiences, clock, log, metrics, server } = deps
  const file = options.authenticationConfig
  if (file === '' && (options.oidcIssuerUrl === '' || options.oidcClientId === '')) return { tokens: undefined, anonymous: options.anonymousAuth ?? true, [Symbol.dispose]() {} }
  // Most servers know no issuer: what tells good tokens from bad is loaded where there is one.
  const [{ checkAuthenticationConfiguration, decodeAuthenticationConfiguration }, { jwtAuthenticators }, { oidcMetrics }] = await Promise.all([
    import('../authentication/oidc/authentication-configuration'), import('../authentication/oidc/jwt-authenticators'), import('../authentication/oidc/oidc-metrics'),
  ])
  const text = file === '' ? '' : readFlagFile('authentication-config', file)
  const first: AuthenticationConfiguration = file === '' ? { jwt: [fromFlags(options)] } : await decodeAuthenticationConfiguration(text).catch((error: unknown) => {
    throw new Error(`failed to load authentication configuration from file ${JSON.stringify(file)}: ${messageOf(error)}`, { cause: error })
  })
  const anonymous = anonymousOf(options, first)
  const disallowed = options.serviceAccountIssuer
  try {
    checkAuthenticationConfiguration(first, disallowed)
  } catch (error) {
    throw new Error(`invalid authentication configuration: ${messageOf(error)}`, { cause: error })
  }
  const running = jwtAuthenticators(first.jwt, file === '' ? options.oidcSigningAlgs : signingAlgorithms, { clock, log, metrics: metrics && oidcMetrics(metrics, server, clock) })
  const reloads = reloadMetrics(file === '' ? undefined : metrics, 'authentication', server)
  if (file !== '') reloads.holds(text)
  const failed = (error: unknown): void => {
    log.error('reloading authentication config', { error, file })
    reloads.reloaded(false, clock.now())
  }
  const watching = file === '' ? undefined : watchFile(file, text, {
    failed,
    async changed(content) {
      const next = await decodeAuthenticationConfiguration(content)
      checkAuthenticationConfiguration(next, disallowed, { anonymous: first.anonymous })
      await running.replace(next.jwt)
      log.info('reloaded authentication config', { file })
      reloads.holds(content)
      reloads.reloaded(true, clock.now())
    },
  })
  return {
    tokens: forAudiences(audiences, cachedTokens(running, { successTtl: rememberMs, failureTtl: 0 }, clock)),
    anonymous,
    [Symbol.dispose]() {
      watching?.[Symbol.dispose]()
      running[Symbol.dispose]()
    },
  }
}

function anonymousOf({ anonymousAuth: flag }: AuthenticationOptions, { anonymous: configured }: AuthenticationConfiguration): Anonymous {
  if (!configured) return flag ?? true
  if (flag !== undefined) throw new OptionsError('kube-apiserver', ['anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file'])
  if (!configured.enabled) return false
  return configured.conditions?.length ? configured.conditions.map(({ path }) => path) : true
}

/** What the older flags say, as a file would say it. */
function fromFlags(options: AuthenticationOptions): JwtAuthenticator {
  const { oidcIssuerUrl: url, oidcClientId: client, oidcCaFile: caFile, oidcUsernameClaim: username, oidcUsernamePrefix: given, oidcGroupsClaim: groups, oidcGroupsPrefix: groupsPrefix } = options
  const prefix = given === '-' ? '' : given === '' && username !== 'email' ? `${url}#` : given
  return {
    issuer: { url, discoveryURL: '', certificateAuthority: caFile === '' ? '' : readFlagFile('oidc-ca-file', caFile), audiences: [client], audienceMatchPolicy: '', egressSelectorType: '' },
    claimMappings: {
      username: { claim: username, prefix, expression: '' }, groups: groups === '' ? { claim: '', expression: '' } : { claim: groups, prefix: groupsPrefix, expression: '' },
      uid: { claim: '', expression: '' }, extra: [],
    },
    claimValidationRules: Object.entries(options.oidcRequiredClaim).map(([claim, requiredValue]) => ({ claim, requiredValue, expression: '', message: '' })),
    userValidationRules: [],
  }
}
