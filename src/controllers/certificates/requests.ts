import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '#api/certificates/v1/types'
import type { CertificateRequest } from '#component-base/certs/request'

export const signers = {
  apiserverClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const

export const conditionsOf = ({ status }: CertificateSigningRequest, type: string): CertificateSigningRequestCondition[] =>
  (status?.conditions ?? []).filter((condition) => condition.type === type)
export const isDecided = (request: CertificateSigningRequest): boolean => conditionsOf(request, 'Approved').length + conditionsOf(request, 'Denied').length > 0
export const isApproved = (request: CertificateSigningRequest): boolean => conditionsOf(request, 'Approved').length > 0 && conditionsOf(request, 'Denied').length === 0
export const isFailed = (request: CertificateSigningRequest): boolean => conditionsOf(request, 'Failed').some(({ status }) => !status || status === 'True')

/** PEM travels as base64. */
export const pemOf = (bytes: string): string => Buffer.from(bytes, 'base64').toString()

/** Why a request is none of a kubelet for its client certificate; undefined: it is one. */
export function kubeletClientProblem({ subject, names }: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(subject.organizations)) return 'subject organization is not system:nodes'
  if (names.dns.length > 0) return 'DNS subjectAltNames are not allowed'
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed'
  if (names.ips.length > 0) return 'IP subjectAltNames are not allowed'
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!subject.commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:'
  return usagesProblem(usages, 'client auth')
}

/** Why a request is none of a kubelet for the certificate that it serves with; undefined: it is one. */
export function kubeletServingProblem({ subject, names }: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(subject.organizations)) return 'subject organization is not system:nodes'
  if (names.dns.length === 0 && names.ips.length === 0) return 'DNS or IP subjectAltName is required'
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed'
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed'
  const problem = usagesProblem(usages, 'server auth')
  if (problem) return problem
  return subject.commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:'
}

/** Why usages are not those of a client certificate; undefined: they are. */
export function clientUsagesProblem(usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => usage !== 'digital signature' && usage !== 'key encipherment' && usage !== 'client auth')
  if (other !== undefined) return `invalid usage for client certificate: ${other}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

const isOfNodes = (organizations: readonly string[]): boolean => organizations.length === 1 && organizations[0] === 'system:nodes'

/** Key encipherment is for RSA alone, and may be left out. */
function usagesProblem(usages: readonly string[], purpose: 'client auth' | 'server auth'): string | undefined {
  const asked = new Set(usages)
  const needed = ['digital signature', purpose]
  const fits = needed.every((usage) => asked.has(usage)) && (asked.size === 2 || (asked.size === 3 && asked.has('key encipherment')))
  return fits ? undefined : `usages did not match [${[...needed, 'key encipherment'].sort().join(' ')}]`
}
