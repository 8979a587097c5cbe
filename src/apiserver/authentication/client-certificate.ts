import type { X509Certificate } from 'node:crypto'
import type { Clock } from '#base/clock'
import { certificatesFromPem, parseCertificate, type Certificate } from '#component-base/certs/certificate'
import type { Authenticator, UserInfo } from './authenticator'
import { failure, verifyChain, type Chain } from './certificate-chain'

interface Verified {
  readonly chain: Chain
  /** Undefined: it names nobody. */
  readonly user: UserInfo | undefined
}

export interface ClientCertificateOptions {
  /** Told with each request how long the certificate is still valid. */
  readonly observe?: ((secondsLeft: number) => void) | undefined
  /** Whether a name may say the user's UID too; true unless said otherwise. */
  readonly readsUid?: boolean
}

/**
 * Who presents a certificate that leads to a client authority is its common name, in the groups of its organizations. The signatures are
 * verified once per connection and remembered by the certificate object; only the validity is asked again. Throws for a certificate of
 * another authority: whoever shows it and nothing else that is good is refused, not anonymous.
 * @param caPem One or more authorities (`--client-ca-file`).
 */
export function clientCertificates(caPem: string, clock: Pick<Clock, 'now'>, { observe, readsUid = true }: ClientCertificateOptions = {}): Authenticator {
  const authorities = certificatesFromPem(caPem)
  const verified = new WeakMap<X509Certificate, Verified | Error>()

  const verify = (presented: X509Certificate, intermediates: readonly X509Certificate[]): Verified | Error => {
    try {
      const chain = verifyChain(parseCertificate(presented.raw), intermediates.map(({ raw }) => raw), authorities, clock.now())
      return { chain, user: userOf(chain.certificate, presented, readsUid) }
    } catch (error) {
      return error as Error
    }
  }

  return {
    authenticate({ certificate: presented, intermediates = [] }) {
      if (!presented) return undefined
      let known = verified.get(presented)
      if (!known) verified.set(presented, (known = verify(presented, intermediates)))
      if (known instanceof Error) throw known
      const { chain, user } = known
      const now = clock.now()
      observe?.((chain.certificate.notAfter.getTime() - now) / 1000)
      if (now < chain.from || now >= chain.until) throw failure(chain.certificate, 'certificate has expired or is not yet valid')
      return user
    },
  }
}

function userOf({ subject }: Certificate, presented: X509Certificate, readsUid: boolean): UserInfo | undefined {
  const { commonName: name, organizations: groups } = subject
  if (name === '') return undefined
  const uids = readsUid ? (subject.uids ?? []) : []
  if (uids.length > 1) throw new Error(`expected 1 UID, but found multiple: [${uids.join(' ')}]`)
  if (uids[0] === '') throw new Error('UID cannot be an empty string')
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${presented.fingerprint256.replaceAll(':', '').toLowerCase()}`] }
  return { name, groups, ...(uids[0] ? { uid: uids[0] } : {}), extra }
}
