import { isIssuedBy, parseCertificate, type Certificate } from '#component-base/certs/certificate'

/** From the certificate that was presented to an authority that is known, and the time in which all of it is valid. */
export interface Chain {
  readonly certificate: Certificate
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

/** A chain is no longer than this, whatever was sent along. */
const longest = 10

const forClients = ({ extendedUsages }: Certificate): boolean => extendedUsages === undefined || extendedUsages.some((usage) => usage === 'client auth' || usage === 'any')

/**
 * Finds the way from a client's certificate to one of the authorities, over what the client sent along. The whole way must be for clients.
 * Names that the certificate has beside its subject are not looked at. Throws an Error, in Go's words, when there is no way.
 * @param now Of several ways the one that is valid now counts.
 */
export function verifyChain(certificate: Certificate, sent: readonly Buffer[], authorities: readonly Certificate[], now: number): Chain {
  if (!forClients(certificate)) throw failure(certificate, 'certificate specifies an incompatible key usage')
  const intermediates = sent.map(parseCertificate)
  let expired: Chain | undefined

  const valid = (chain: readonly Certificate[]): Chain => ({
    certificate, from: Math.max(...chain.map(({ notBefore }) => notBefore.getTime())), until: Math.min(...chain.map(({ notAfter }) => notAfter.getTime())),
  })
  const search = (chain: readonly Certificate[]): Chain | undefined => {
    const last = chain.at(-1)!
    for (const authority of authorities) {
      if (!isIssuedBy(last, authority) || !forClients(authority) || (authority.pathLength ?? longest) < chain.length - 1) continue
      const found = valid([...chain, authority])
      if (found.from <= now && now < found.until) return found
      expired ??= found
    }
    if (chain.length >= longest) return undefined
    for (const next of intermediates) {
      if (chain.includes(next) || !isIssuedBy(last, next) || !forClients(next) || (next.pathLength ?? longest) < chain.length - 1) continue
      const found = search([...chain, next])
      if (found) return found
    }
    return undefined
  }
  const chain = search([certificate]) ?? expired
  if (!chain) throw failure(certificate, 'certificate signed by unknown authority')
  return chain
}

/** The certificate is named as people find it in their tools. */
export function failure({ serial, subjectKeyId }: Certificate, why: string): Error {
  const hex = (bytes: Buffer | undefined): string => bytes?.toString('hex').toUpperCase().match(/../g)?.join(':') ?? ''
  return new Error(`verifying certificate SN=${BigInt(`0x${serial}`)}, SKID=${hex(subjectKeyId)} failed: x509: ${why}`)
}
