import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ObjectSubresource } from '#apimachinery/resource'
import { ageColumn, column, humanDuration, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { signerName } from '../../signer-names'
import { problemOfCertificates } from './issued-certificates'
import { readSigningRequest } from './signing-request'
import type { CertificateSigningRequest, CertificateSigningRequestCondition, CertificateSigningRequestStatus } from './types'

type Request = CertificateSigningRequest
const legacySigner = 'kubernetes.io/legacy-unknown'
const usages = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature',
  'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc',
  'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
]

const approval: ObjectSubresource<Request> = {
  sort: 'object',
  metadataChecks: { whole: 1, update: 1 },
  resetFields: [['spec'], ['status', 'certificate']],
  prepareForUpdate(request, old, { now }) {
    request.spec = old.spec
    const conditions = request.status.conditions
    request.status = { ...old.status }
    if (conditions) request.status.conditions = conditions
    else delete request.status.conditions
    stampConditions(request.status, old.status, now)
  },
  validate: validateConditions,
  validateUpdate: (request, old, errors) => validateStatusUpdate(request, old, { decides: true, issues: false }, errors),
}
const status: ObjectSubresource<Request> = {
  sort: 'object',
  metadataChecks: { whole: 1, update: 1 },
  resetFields: [['spec'], ['status', 'conditions']],
  prepareForUpdate(request, old, { now }) {
    request.spec = old.spec
    // Signers may say that they failed, but who is approved is decided elsewhere.
    const decided = (old.status.conditions ?? []).filter(isDecision)
    const others = (request.status.conditions ?? []).filter((condition) => !isDecision(condition))
    const conditions = [...decided, ...others]
    if (conditions.length > 0) request.status.conditions = conditions
    else delete request.status.conditions
    stampConditions(request.status, old.status, now)
  },
  validate: validateConditions,
  validateUpdate: (request, old, errors) => validateStatusUpdate(request, old, { decides: false, issues: true }, errors),
}

export const certificatesigningrequests = defineResource<Request>({
  group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', resource: 'certificatesigningrequests', namespaced: false,
  shortNames: ['csr'],
  versions: { 'certificates.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CertificateSigningRequest') } },
  subresources: { approval, status },
  // Whatever a path may hold: looked at for every kind.
  validateName: () => [],

  prepareForCreate(request, { user }) {
    // Who asks is known from the connection, never from the request.
    const { spec } = request
    spec.username = user.name
    if (user.uid) spec.uid = user.uid
    else delete spec.uid
    spec.groups = [...user.groups]
    if (user.extra && Object.keys(user.extra).length > 0) spec.extra = Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]]))
    else delete spec.extra
    request.status = {}
  },
  prepareForUpdate(request, old) {
    request.spec = old.spec
    request.status = old.status
  },
  resetFields: [['spec', 'uid'], ['spec', 'username'], ['spec', 'groups'], ['spec', 'extra'], ['status']],
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const wrong = problemOfRequest(spec.request)
    if (wrong) at.at('request').invalid(spec.request ?? null, wrong)
    const given = spec.usages ?? []
    if (given.length === 0) at.at('usages').required()
    for (const [i, usage] of given.entries()) {
      if (!usages.includes(usage)) at.at('usages', i).notSupported(usage, usages)
      if (given.indexOf(usage) < i) at.at('usages', i).duplicate(usage)
    }
    if (spec.signerName === legacySigner) at.at('signerName').invalid(legacySigner, 'the legacy signerName is not allowed via this API version')
    else signerName(at, 'signerName', spec.signerName)
    if (spec.expirationSeconds !== undefined && spec.expirationSeconds < 600) {
      at.at('expirationSeconds').invalid(spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')
    }
  },

  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', ({ spec }) => spec.signerName || '<none>'),
    column('Requestor', ({ spec }) => spec.username ?? ''),
    column('RequestedDuration', ({ spec }) => (spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000))),
    column('Condition', conditionText),
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
})

const isDecision = ({ type }: CertificateSigningRequestCondition): boolean => type === 'Approved' || type === 'Denied'

/** Whether its own key signed it is looked at where there is something to verify signatures with: when it is made, by the API server. */
function problemOfRequest(request: string | null | undefined): string | undefined {
  try {
    readSigningRequest(request)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function stampConditions(now: CertificateSigningRequestStatus, old: CertificateSigningRequestStatus, time: string): void {
  for (const condition of now.conditions ?? []) {
    const before = old.conditions?.find((other) => other.type === condition.type)
    condition.lastUpdateTime ??= time
    if (condition.lastTransitionTime) continue
    condition.lastTransitionTime = before && before.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : time
  }
}

function validateConditions({ status: { conditions = [] } }: Request, errors: FieldErrors): void {
  const at = errors.at('status', 'conditions')
  const seen = new Set<string>()
  for (const [i, { type, status: value }] of conditions.entries()) {
    if (!type) at.at(i, 'type').required()
    const known = isDecision(conditions[i]!) || type === 'Failed' ? ['True'] : ['False', 'True', 'Unknown']
    if (!value) at.at(i, 'status').required()
    else if (!known.includes(value)) at.at(i, 'status').notSupported(value, known)
    if ((type === 'Approved' && seen.has('Denied')) || (type === 'Denied' && seen.has('Approved'))) {
      at.invalid(type, 'Approved and Denied conditions are mutually exclusive')
    }
    if (seen.has(type)) at.at(i, 'type').duplicate(type)
    seen.add(type)
  }
}

function validateStatusUpdate({ status: now }: Request, { status: old }: Request, may: { decides: boolean; issues: boolean }, errors: FieldErrors): void {
  const at = errors.at('status', 'conditions')
  for (const type of ['Approved', 'Denied', 'Failed']) {
    const before = old.conditions?.find((condition) => condition.type === type)
    const after = now.conditions?.find((condition) => condition.type === type)
    if (before && !after) at.forbidden(`updates may not remove a condition of type "${type}"`)
    if (may.decides || type === 'Failed') continue
    if (!before && after) at.forbidden(`updates may not add a condition of type "${type}"`)
    else if (before && after && !semanticallyEqual(before, after)) at.forbidden(`updates may not modify a condition of type "${type}"`)
  }
  const certificate = now.certificate ?? ''
  if (certificate === (old.certificate ?? '')) return
  // What was stored before anybody looked may be replaced by the like.
  const tolerated = old.certificate ? problemOfCertificates(old.certificate) !== undefined : false
  const wrong = certificate === '' || tolerated ? undefined : problemOfCertificates(certificate)
  if (wrong) errors.at('status', 'certificate').invalid('<certificate data>', wrong)
  if (!may.issues) errors.at('status', 'certificate').forbidden('updates may not set certificate content')
  else if (old.certificate) errors.at('status', 'certificate').forbidden('updates may not modify existing certificate content')
}

function conditionText({ status: { conditions = [], certificate } }: Request): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type)
  return `${has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'}${has('Failed') ? ',Failed' : ''}${certificate ? ',Issued' : ''}`
}
