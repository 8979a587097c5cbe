import { X509Certificate } from 'node:crypto'
import { messageOf } from '#base/error-message'

type NetworkError = Error & { code?: string; address?: string; port?: number; hostname?: string; host?: string; cert?: { subjectaltname?: string; valid_from?: string; valid_to?: string; raw?: Buffer } }

/** What went wrong on the way, as Go's network stack words it: people search for those texts. */
export function goNetworkError(thrown: unknown, now: number): string {
  if (!(thrown instanceof Error)) return messageOf(thrown)
  const error = thrown as NetworkError
  const code = error.code ?? ''
  const dialed = error.address === undefined ? 'dial tcp' : `dial tcp ${error.address.includes(':') ? `[${error.address}]` : error.address}:${error.port ?? 0}`
  switch (code) {
    case 'ECONNREFUSED':
      return `${dialed}: connect: connection refused`
    case 'EHOSTUNREACH':
      return `${dialed}: connect: no route to host`
    case 'ENETUNREACH':
      return `${dialed}: connect: network is unreachable`
    case 'ETIMEDOUT':
      return `${dialed}: i/o timeout`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${error.hostname ?? ''}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`
    case 'ECONNRESET':
      // Closed in good order before an answer came, or torn down.
      return error.message.includes('hang up') ? 'EOF' : 'read: connection reset by peer'
    case 'EPIPE':
      return 'write: broken pipe'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${untrusted}${wrongName(error)}`
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `${untrusted}certificate has expired or is not yet valid: ${outOfTime(error, code, now)}`
    default:
      if (unknownAuthority.has(code)) return `${untrusted}certificate signed by unknown authority`
      if (/wrong.version.number/i.test(error.message)) return 'http: server gave HTTP response to HTTPS client'
      return error.message.trim()
  }
}

const untrusted = 'tls: failed to verify certificate: x509: '
const unknownAuthority = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_SIGNATURE_FAILURE',
])

function wrongName({ host = '', cert }: NetworkError): string {
  const names = (cert?.subjectaltname ?? '').split(', ').filter(Boolean).map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
  if (names.length === 0) return 'certificate relies on legacy Common Name field, use SANs instead'
  return `certificate is valid for ${names.join(', ')}, not ${host.replace(/\.$/, '')}`
}

const seconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`

function outOfTime({ cert }: NetworkError, code: string, now: number): string {
  const known = cert?.raw && new X509Certificate(cert.raw)
  const expired = code === 'CERT_HAS_EXPIRED'
  const limit = known && Date.parse(expired ? known.validTo : known.validFrom)
  return `current time ${seconds(now)} is ${expired ? 'after' : 'before'}${limit ? ` ${seconds(limit)}` : ' its time'}`
}
