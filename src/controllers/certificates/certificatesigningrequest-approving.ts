import type { Input } from '#apimachinery/object'
import { subjectaccessreviews } from '#api/authorization/v1/subject-access-review'
import type { SubjectAccessReview } from '#api/authorization/v1/types'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { formatTime } from '#apimachinery/time'
import { clone } from '#base/clone'
import type { Client } from '#client/client'
import { parseRequest } from '#component-base/certs/request'
import { defineController, on } from '#controller-runtime/controller'
import { isDecided, kubeletClientProblem, pemOf, signers } from './requests'

/** For whom, and the right that whoever asks must have: it lets the administrator say who may join. */
const recognized = [
  { right: 'selfnodeclient', onlySelf: true, message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' },
  { right: 'nodeclient', onlySelf: false, message: 'Auto approving kubelet client certificate after SubjectAccessReview.' },
]

/** Approves the client certificates of kubelets: the first one, and those that follow it, for whoever is allowed to have them. */
export const certificateSigningRequestApproving = defineController({
  name: 'certificatesigningrequest-approving-controller',
  serviceAccount: 'certificate-controller',
  watches: [on(certificatesigningrequests)],
  writes: [{ of: certificatesigningrequests, subresource: 'approval' }, subjectaccessreviews],

  async reconcile(key, { cached, client, clock, log }) {
    const request = cached(certificatesigningrequests).get(key)
    if (!request || request.status?.certificate || isDecided(request) || request.spec.signerName !== signers.kubeletClient) return
    const parsed = parseRequest(pemOf(request.spec.request))
    if (kubeletClientProblem(parsed, request.spec.usages ?? []) !== undefined) return

    for (const { right, onlySelf, message } of recognized) {
      if (onlySelf && request.spec.username !== parsed.subject.commonName) continue
      if (!(await mayAsk(client, request, right))) continue
      const now = formatTime(clock.now())
      const copy = clone(request)
      copy.status = {
        ...copy.status,
        conditions: [...(copy.status?.conditions ?? []), { type: 'Approved', status: 'True', reason: 'AutoApproved', message, lastUpdateTime: now, lastTransitionTime: now }],
      }
      await client.update(certificatesigningrequests, copy, { subresource: 'approval' })
      return
    }
    log.debug('a kubelet asks for a certificate that it may not have', { request: key, username: request.spec.username })
  },
})

async function mayAsk(client: Client, { spec: { username, uid, groups, extra } }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const resourceAttributes = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource, version: '*' }
  const review = await client.create(subjectaccessreviews, clone({ spec: { user: username, uid, groups, extra, resourceAttributes } }) as Input<SubjectAccessReview>)
  return review.status?.allowed ?? false
}
