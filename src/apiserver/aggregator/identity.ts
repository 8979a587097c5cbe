import type { UserInfo } from '../authentication/authenticator'

/** Who asks, as a front proxy tells it: what an extension API server believes whoever shows the front proxy's certificate. */
export function identityOf({ name, uid, groups, extra }: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { 'x-remote-user': name }
  if (uid) headers['x-remote-uid'] = uid
  if (groups.length > 0) headers['x-remote-group'] = [...groups]
  for (const [key, values] of Object.entries(extra ?? {})) if (values.length > 0) headers[`x-remote-extra-${escaped(key)}`] = [...values]
  return headers
}

/** Letters that may not stand in a header's name, and the percent sign itself, are escaped byte by byte. */
const escaped = (key: string): string =>
  key.replaceAll(/[^!#$&'*+\-.^_`|~0-9A-Za-z]/gu, (letter) => [...Buffer.from(letter)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''))
