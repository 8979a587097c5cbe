import type { Credentials } from './authenticator'

/**
 * `Impersonate-*` headers as lists. The runtime joins headers that came several times with commas, which names of groups
 * may hold; only the raw pairs tell them apart.
 * @param raw Names and values in turn, as they came.
 */
export function withRepeatedHeaders(headers: Credentials['headers'], raw: readonly string[] | undefined): Credentials['headers'] {
  if (!raw || !mayImpersonate(raw)) return headers
  const lists: Record<string, string[]> = {}
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    if (name.startsWith('impersonate-')) (lists[name] ??= []).push(raw[i + 1]!)
  }
  return { ...headers, ...lists }
}

/** Asked of every request: names are looked at one by one, in place. */
function mayImpersonate(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const first = raw[i]!.charCodeAt(0) | 32
    if (first === 105 && raw[i]!.toLowerCase().startsWith('impersonate-')) return true
  }
  return false
}
