import { isNotFound } from '#apimachinery/api-error'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { certificatesFromPem } from '#component-base/certs/certificate'
import { defineController, on } from '#controller-runtime/controller'
import { conditionsOf, pemOf } from './requests'

const hour = 3600_000

/** Deletes requests that nobody needs any more: an hour after the answer, a day after nobody answered, and once what was issued has expired. */
export const certificateSigningRequestCleaner = defineController({
  name: 'certificatesigningrequest-cleaner-controller',
  serviceAccount: 'certificate-controller',
  watches: [on(certificatesigningrequests)],
  writes: [certificatesigningrequests],

  async reconcile(key, { cached, client, clock, log }) {
    const request = cached(certificatesigningrequests).get(key)
    if (!request) return
    const due = dueOf(request)
    const left = due - clock.now()
    if (left > 0) return due === Infinity ? undefined : { requeueAfter: left }
    log.info('deletes a certificate signing request that is old', { request: key })
    await client.delete(certificatesigningrequests, { name: key }, { preconditions: { uid: request.metadata.uid } }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  },
})

/** When a request is deleted, in milliseconds since 1970. */
function dueOf(request: CertificateSigningRequest): number {
  const certificate = request.status?.certificate
  if (!request.status?.conditions?.length) return Date.parse(request.metadata.creationTimestamp) + 24 * hour
  const after = (type: string, ms: number): number =>
    Math.min(...conditionsOf(request, type).map(({ lastUpdateTime }) => (lastUpdateTime ? Date.parse(lastUpdateTime) + ms : Infinity)))
  const answered = Math.min(after('Denied', hour), after('Failed', hour), after('Approved', certificate ? hour : 24 * hour))
  return certificate && conditionsOf(request, 'Approved').length > 0 ? Math.min(answered, expiryOf(certificate)) : answered
}

/** What cannot be read does not expire: another signer may write what it likes. */
function expiryOf(certificate: string): number {
  try {
    return certificatesFromPem(pemOf(certificate))[0]!.notAfter.getTime()
  } catch {
    return Infinity
  }
}
