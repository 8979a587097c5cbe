import { isIssuedBy, parseCertificate, type Certificate } from '#component-base/certs/certificate'
import { nameProblem } from './permitted-names'

/** From the certificate that was presented to an authority that is known, and the time in which all of it is valid. */
export interface Chain {
  readonly certificate: Certificate
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

/** A chain is no longer than this, whatever was sent along. */
const longest = 10

/** The whole way must be for clients. */
const forClients = (chain: readonly Certificate[]): boolean =>
  chain.every(({ extendedUsages }) => extendedUsages === undefined || extendedUsages.length === 0 || extendedUsages.includes('client auth') || extendedUsages.includes('any'))

/**
 * Finds the way from a client's certificate to one of the authorities, over what the client sent along, as Go's verifier does: usages,
 * lengths of paths and names that authorities are good for. Throws an Error, in Go's words, when there is no way.
 * @param now Of several ways the one that is valid now counts.
 */
export function verifyChain(certificate: Certificate, sent: readonly Buffer[], authorities: readonly Certificate[], now: number): Chain {
  const intermediates = sent.map(parseCertificate)
  const unhandled = 'unhandled critical extension'
  if (certificate.unhandledCritical) throw failure(certificate, unhandled)
  let expired: Chain | undefined
  /** Why the ways that were found do not count, by what is told first: names, then usages, then what was wrong on the way. */
  const problems: { names?: string; usage?: boolean; last?: string } = {}

  const settle = (whole: readonly Certificate[]): Chain | undefined => {
    if (!forClients(whole)) {
      problems.usage = true
      return undefined
    }
    const problem = nameProblem(whole)
    if (problem !== undefined) {
      problems.names ??= problem
      return undefined
    }
    const found: Chain = {
      certificate, from: Math.max(...whole.map(({ notBefore }) => notBefore.getTime())), until: Math.min(...whole.map(({ notAfter }) => notAfter.getTime())),
    }
    if (found.from <= now && now < found.until) return found
    expired ??= found
    return undefined
  }
  const mayFollow = (chain: readonly Certificate[], candidate: Certificate): boolean => {
    if (chain.includes(candidate) || !isIssuedBy(chain.at(-1)!, candidate)) return false
    problems.last = candidate.unhandledCritical ? unhandled : (candidate.pathLength ?? longest) < chain.length - 1 ? 'too many intermediates for path length constraint' : undefined!
    return problems.last === undefined
  }
  const search = (chain: readonly Certificate[]): Chain | undefined => {
    for (const authority of authorities) {
      const found = mayFollow(chain, authority) ? settle([...chain, authority]) : undefined
      if (found) return found
    }
    if (chain.length >= longest) return undefined
    for (const next of intermediates) {
      const found = mayFollow(chain, next) ? search([...chain, next]) : undefined
      if (found) return found
    }
    return undefined
  }
  // One that is trusted itself needs nobody else.
  const trusted = authorities.some(({ raw }) => raw.equals(certificate.raw))
  const chain = (trusted ? settle([certificate]) : search([certificate])) ?? expired
  if (chain) return chain
  if (problems.names !== undefined) throw failure(certificate, `a root or intermediate certificate is not authorized to sign for this name: ${problems.names}`)
  if (problems.usage) throw failure(certificate, 'certificate specifies an incompatible key usage')
  throw failure(certificate, problems.last ?? 'certificate signed by unknown authority')
}

/** The certificate is named as people find it in their tools. */
export function failure({ serial, subjectKeyId, authorityKeyId }: Certificate, why: string): Error {
  const hex = (bytes: Buffer | undefined): string => bytes?.toString('hex').toUpperCase().match(/../g)?.join(':') ?? ''
  return new Error(`verifying certificate SN=${BigInt(`0x${serial}`)}, SKID=${hex(subjectKeyId)}, AKID=${hex(authorityKeyId)} failed: x509: ${why}`)
}
