import type { TokenAuthenticator } from './token'

/** Tokens that say nothing about audiences, or say it in another sense, are for this server: for whoever asks on its behalf they count. */
export function forAudiences(own: readonly string[], authenticator: TokenAuthenticator): TokenAuthenticator {
  return {
    authenticateToken(token, asked, remarks) {
      const shared = asked.length === 0 ? own : own.filter((audience) => asked.includes(audience))
      return shared.length === 0 ? undefined : authenticator.authenticateToken(token, shared, remarks)
    },
  }
}
