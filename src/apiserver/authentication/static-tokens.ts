import { hash, randomBytes } from 'node:crypto'
import type { UserInfo } from './authenticator'
import type { TokenAuthenticator } from './token'

export interface StaticTokens extends TokenAuthenticator {
  /** Lets a token stand for a user; without one, a token is made. Returns it. */
  add(user: UserInfo, token?: string): string
}

/** Tokens that do not expire: those of `--token-auth-file`, and those made in memory for this run. */
export function staticTokens(): StaticTokens {
  // Kept by their hash: a lookup takes the same time whatever was guessed right, and memory holds no secret.
  const users = new Map<string, UserInfo>()
  const hashOf = (token: string): string => hash('sha256', token, 'base64')
  return {
    add(user, token = randomBytes(24).toString('base64url')) {
      users.set(hashOf(token), user)
      return token
    },
    authenticateToken(token, audiences) {
      if (users.size === 0) return undefined
      const user = users.get(hashOf(token))
      return user && { user, audiences }
    },
  }
}

/**
 * Reads `token,user,uid,"group1,group2"` lines into `tokens`.
 * @param file For messages. Throws, with the line's number, for a line without token, user and uid.
 */
export function readTokenFile(csv: string, file: string, tokens: StaticTokens): void {
  for (const [index, line] of csv.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [token, name, uid, groups] = csvFields(line)
    if (!token || name === undefined || uid === undefined) {
      throw new Error(`token file ${file}, line ${index + 1}: must have at least 3 columns (token, user name, user uid), the groups as the fourth in quotes`)
    }
    tokens.add({ name, ...(uid ? { uid } : {}), groups: groups ? groups.split(',') : [] }, token)
  }
}

/** Fields between commas; a quoted one may hold commas, and quotes as `""`. */
function csvFields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => (quoted === undefined ? bare!.trim() : quoted.replaceAll('""', '"')))
}
