import type { Exchange } from '../exchange'
import type { Wire } from './respond'

export interface BrowserOptions {
  /** Regular expressions of the origins of web pages that may ask (`--cors-allowed-origins`); none: no page is told anything. */
  readonly origins: readonly string[]
  /** `max-age=31536000`, `includeSubDomains`, `preload` (`--strict-transport-security-directives`). */
  readonly transportSecurity: readonly string[]
}

type Headers = Exchange['headers']

const told = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date', 'access-control-allow-credentials': 'true',
}

/** Wires whose page may ask. */
const allowed = new WeakSet<Wire>()

/** Gives every answer what browsers want to know. Undefined where they are told nothing, and nothing is spent on it. */
export async function forBrowsers({ origins, transportSecurity }: BrowserOptions = { origins: [], transportSecurity: [] }): Promise<((wire: Wire, headers: Headers) => Wire) | undefined> {
  if (origins.length === 0 && transportSecurity.length === 0) return undefined
  // Loaded for who needs it; an origin may be long, and must not take long.
  const { RE2JS } = await import('re2js')
  const patterns = origins.map((pattern) => RE2JS.compile(pattern))
  const always: Record<string, string> = transportSecurity.length === 0 ? {} : { 'strict-transport-security': transportSecurity.join('; ') }
  return (wire, { origin }) => {
    const mayAsk = typeof origin === 'string' && origin !== '' && patterns.some((pattern) => pattern.matcher(origin).find())
    const more = mayAsk ? { ...always, 'access-control-allow-origin': origin, ...told } : always
    const dressed: Wire = { ...wire, head: (code, headers, atOnce) => wire.head(code, { ...headers, ...more }, atOnce) }
    if (mayAsk) allowed.add(dressed)
    return dressed
  }
}

/** A browser that asks whether its page may ask: it is answered here, whoever it is. */
export function isPreflight(method: string | undefined, wire: Wire): boolean {
  if (method !== 'OPTIONS' || !allowed.has(wire)) return false
  wire.head(204, { 'cache-control': 'no-cache, private' })
  wire.end()
  return true
}

/** What is wrong with a pattern of origins: it must say where the host begins and ends, or `example.com` lets `example.com.evil.org` in. */
export function originProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern)
  } catch {
    return `has an invalid regular expression: ${JSON.stringify(pattern)}`
  }
  if (!pattern.startsWith('^') && !pattern.startsWith('//')) return `does not pin to start of host in the origin header: ${JSON.stringify(pattern)} must begin with ^ or //`
  if (!pattern.endsWith('$') && !pattern.endsWith('(:|$)') && !pattern.endsWith('(:|\\z)')) return `does not pin to end of host in the origin header: ${JSON.stringify(pattern)} must end with $ or (:|$)`
  return undefined
}
