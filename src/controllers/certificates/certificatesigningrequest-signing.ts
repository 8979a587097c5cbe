import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequestStatus } from '#api/certificates/v1/types'
import { formatTime } from '#apimachinery/time'
import type { KeyPair } from '#component-base/certs/issue'
import { parseRequest, signRequest } from '#component-base/certs/request'
import type { CertificateRequest } from '#component-base/certs/request'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Controller } from '#controller-runtime/controller'
import { updateStatus } from '#controller-runtime/update-status'
import { clientUsagesProblem, isApproved, isFailed, kubeletClientProblem, kubeletServingProblem, pemOf, signers } from './requests'

export interface SigningOptions {
  /** `--cluster-signing-cert-file` and `-key-file`: what signs. */
  authority: KeyPair
  /** `--cluster-signing-duration`, by default a year. Requests may ask for less. */
  durationSeconds?: number
}

/** What a signer checks; undefined: the request is signed. */
const problems: Readonly<Record<string, (request: CertificateRequest, usages: readonly string[]) => string | undefined>> = {
  [signers.kubeletServing]: kubeletServingProblem,
  [signers.kubeletClient]: kubeletClientProblem,
  [signers.apiserverClient]: (_request, usages) => clientUsagesProblem(usages),
  [signers.legacyUnknown]: () => undefined,
}

const year = 365 * 24 * 3600
/** Twice the five minutes by which certificates are backdated. */
const shortestSeconds = 600

/** Signs approved requests of the cluster's own signers. Those of other signers are for others. */
export function certificateSigningRequestSigning({ authority, durationSeconds = year }: SigningOptions): Controller {
  return defineController({
    name: 'certificatesigningrequest-signing-controller',
    serviceAccount: 'certificate-controller',
    watches: [on(certificatesigningrequests)],
    writes: [statusOf(certificatesigningrequests)],

    async reconcile(key, { cached, client, clock }) {
      const request = cached(certificatesigningrequests).get(key)
      if (!request || request.status?.certificate || !isApproved(request) || isFailed(request)) return
      const { signerName, usages = [], expirationSeconds } = request.spec
      const check = problems[signerName]
      if (!check) return
      const parsed = parseRequest(pemOf(request.spec.request))
      const problem = check(parsed, usages)
      const now = clock.now()
      let status: CertificateSigningRequestStatus
      if (problem !== undefined) {
        const at = formatTime(now)
        const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: problem, lastUpdateTime: at, lastTransitionTime: at }
        status = { ...request.status, conditions: [...(request.status?.conditions ?? []), failed] }
      } else {
        const ttlSeconds = expirationSeconds === undefined || expirationSeconds > durationSeconds ? durationSeconds : Math.max(expirationSeconds, shortestSeconds)
        const certificate = signRequest(parsed, { usages, ttlSeconds, now }, authority)
        status = { ...request.status, certificate: Buffer.from(certificate).toString('base64') }
      }
      await updateStatus(client, certificatesigningrequests, request, status)
    },
  })
}
