import type { VerifyingKey } from './jwt'

/** Paths of what others verify service account tokens with. */
export const openidConfigurationPath = '/.well-known/openid-configuration'
export const jwksPath = '/openid/v1/jwks'
/** Both documents may be kept this long: `Cache-Control: public, max-age=3600`. */
export const openidCacheControl = 'public, max-age=3600'

/** Served as `application/json`. */
export function openidConfiguration(issuer: string, jwksUri: string, keys: readonly VerifyingKey[]): string {
  return JSON.stringify({
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))].sort(),
  })
}

/** Served as `application/jwk-set+json`. */
export function jwks(keys: readonly VerifyingKey[]): string {
  return JSON.stringify({ keys: keys.map(({ id, algorithm, key }) => ({ use: 'sig', kid: id, alg: algorithm, ...key.export({ format: 'jwk' }) })) })
}
