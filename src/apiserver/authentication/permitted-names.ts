import { isIP } from 'node:net'
import type { Certificate } from '#component-base/certs/certificate'
import { domainNameValid, parseMailbox, type AddressRange, type NameSubtrees } from '#component-base/certs/name-constraints'
import { addressBytes } from '#component-base/certs/names'

/**
 * Why a way to an authority does not count: each authority in it may limit for which names those below it speak. Undefined: it counts.
 * The words are Go's.
 * @param chain From the leaf to the authority.
 */
export function nameProblem(chain: readonly Certificate[]): string | undefined {
  for (const [i, { names, hasNames }] of chain.entries()) {
    if (!hasNames) continue
    const limiting = chain.slice(i + 1).filter(({ nameConstraints }) => nameConstraints)
    if (limiting.length === 0) return undefined
    const uris: [text: string, host: string][] = []
    for (const uri of names.uris) {
      const host = hostOf(uri)
      if (typeof host !== 'string') return host.problem
      uris.push([uri, host])
    }
    for (const email of names.emails) if (!parseMailbox(email)) return `cannot parse rfc822Name ${JSON.stringify(email)}`
    for (const { nameConstraints } of limiting) {
      const { permitted, excluded } = nameConstraints!
      const problem = first(names.ips, (ip) => judge('IP address', ip, permitted.ips, excluded.ips, (range) => (contains(range, addressBytes(ip)) ? range.text : undefined)))
        ?? first(names.dns, (name) => (domainNameValid(name, false) ? domain('DNS name', name, name, permitted, excluded, 'dns') : `x509: cannot parse dnsName ${JSON.stringify(name)}`))
        ?? first(uris, ([uri, host]) => (domainNameValid(host, false) ? domain('URI', uri, host, permitted, excluded, 'uris') : `x509: internal error: URI SAN ${JSON.stringify(uri)} failed to parse`))
        ?? first(names.emails, (email) => {
          const { local, domain: at } = parseMailbox(email)!
          return judge('email address', email, permitted.emails, excluded.emails, (one, permits) => (one.includes('@') ? sameMailbox(one, local, at) : below(one, at, permits)))
        })
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function first<T>(all: readonly T[], problemOf: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const problem = problemOf(one)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** `match` gives the constraint as it is shown. */
function judge<C>(sort: string, name: string, permitted: readonly C[], excluded: readonly C[], match: (constraint: C, permits: boolean) => string | undefined): string | undefined {
  if (permitted.length > 0 && !permitted.some((one) => match(one, true) !== undefined)) return `${sort} ${JSON.stringify(name)} is not permitted by any constraint`
  for (const one of excluded) {
    const shown = match(one, false)
    if (shown !== undefined) return `${sort} ${JSON.stringify(name)} is excluded by constraint ${JSON.stringify(shown)}`
  }
  return undefined
}

const domain = (sort: string, shown: string, name: string, permitted: NameSubtrees, excluded: NameSubtrees, of: 'dns' | 'uris'): string | undefined =>
  judge(sort, shown, permitted[of], excluded[of], (one, permits) => below(one, name, permits))

/** Whether a name is a domain's or below it. What excludes also meets a wildcard beside it: `*.example.com` may stand for `a.example.com`. */
function below(constraint: string, name: string, permits: boolean): string | undefined {
  const [domainName, lower] = [constraint.toLowerCase(), name.toLowerCase()]
  if (domainName === '' || lower === domainName || (lower.endsWith(domainName) && (domainName.startsWith('.') || lower[lower.length - domainName.length - 1] === '.'))) return constraint
  const beside = domainName.indexOf('.')
  return !permits && beside >= 0 && lower.startsWith('*.') && lower.slice(1) === domainName.slice(beside) ? constraint : undefined
}

function sameMailbox(constraint: string, local: string, at: string): string | undefined {
  const wanted = parseMailbox(constraint)
  return wanted && wanted.local === local && wanted.domain.toLowerCase() === at.toLowerCase() ? constraint : undefined
}

const contains = ({ address, mask }: AddressRange, ip: Buffer): boolean => ip.length === address.length && ip.every((byte, i) => (byte & mask[i]!) === (address[i]! & mask[i]!))

/** The host of a URI, which constraints are about. */
function hostOf(uri: string): string | { readonly problem: string } {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(uri)?.[1]?.toLowerCase() ?? ''
  if (authority === '') return { problem: `URI with empty host (${JSON.stringify(uri)}) cannot be matched against constraints` }
  const host = authority.endsWith(']') ? authority : authority.replace(/:\d*$/, '')
  if (host.startsWith('[') || isIP(host)) return { problem: `URI with IP (${JSON.stringify(uri)}) cannot be matched against constraints` }
  return host
}
