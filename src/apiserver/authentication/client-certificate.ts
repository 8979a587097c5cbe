import type { X509Certificate } from 'node:crypto'
import type { Clock } from '#base/clock'
import { certificatesFromPem, isIssuedBy, parseCertificate } from '#component-base/certs/certificate'
import type { Certificate } from '#component-base/certs/certificate'
import type { Authenticator, UserInfo } from './authenticator'

/**
 * Who presents a certificate that a client authority signed is its common name, in the groups of its organizations. The
 * signature is verified once per connection and remembered by the certificate object; only the validity is asked again.
 * A certificate of another authority is nobody's here: it may be meant for another authenticator.
 * @param caPem One or more authorities (`--client-ca-file`).
 */
export function clientCertificates(caPem: string, clock: Pick<Clock, 'now'>): Authenticator {
  const authorities = certificatesFromPem(caPem)
  const verified = new WeakMap<X509Certificate, { certificate: Certificate; user: UserInfo | undefined }>()

  const verify = (presented: X509Certificate) => {
    const certificate = parseCertificate(presented.raw)
    const forClients = certificate.extendedUsages?.some((usage) => usage === 'client auth' || usage === 'any') ?? false
    const issued = forClients && authorities.some((authority) => authority.notAfter.getTime() > clock.now() && isIssuedBy(certificate, authority))
    const { commonName, organizations } = certificate.subject
    const user = issued && commonName !== '' ? { name: commonName, groups: organizations, extra: { 'authentication.kubernetes.io/credential-id': [credentialId(presented)] } } : undefined
    return { certificate, user }
  }

  return {
    authenticate({ certificate: presented }) {
      if (!presented) return undefined
      let known = verified.get(presented)
      if (!known) verified.set(presented, (known = verify(presented)))
      const now = clock.now()
      const valid = known.certificate.notBefore.getTime() <= now && now < known.certificate.notAfter.getTime()
      return valid ? known.user : undefined
    },
  }
}

function credentialId(certificate: X509Certificate): string {
  return `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`
}
