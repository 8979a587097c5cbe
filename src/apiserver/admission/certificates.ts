import { isDeepStrictEqual } from 'node:util'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { parseRequest } from '#component-base/certs/request'
import type { UserInfo } from '../authentication/authenticator'
import type { Authorizer } from '../authorization/authorizer'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

/** Whether somebody may `approve` or `sign` for a signer, by its name or by `domain/*`. */
async function mayActFor(authorizer: Authorizer, user: UserInfo, verb: 'approve' | 'sign' | 'attest', signer: string): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0]}/*`]) {
    const { verdict } = await authorizer.authorize({
      isResource: true, verb, path: '', group: 'certificates.k8s.io', version: '*', resource: 'signers', subresource: '', namespace: '', name, user,
    })
    if (verdict === 'allow') return true
  }
  return false
}

/** Only who may `approve` for the signer approves or denies a request. */
export function certificateApproval({ authorizer }: { authorizer: Authorizer }): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && subresource === 'approval' && isFor(resource, '', certificatesigningrequests),
    async validate(request) {
      // The old one's signer: the write itself might name another.
      const { signerName } = (request.old as CertificateSigningRequest).spec
      if (await mayActFor(authorizer, request.user, 'approve', signerName)) return
      throw refuse(request, `user not permitted to approve requests with signerName ${JSON.stringify(signerName)}`)
    },
  }
}

/** Only who may `sign` for the signer writes the certificate or the conditions. */
export function certificateSigning({ authorizer }: { authorizer: Authorizer }): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && subresource === 'status' && isFor(resource, '', certificatesigningrequests),
    async validate(request) {
      const [after, before] = [request.object as CertificateSigningRequest, request.old as CertificateSigningRequest]
      if (after.status?.certificate === before.status?.certificate && isDeepStrictEqual(after.status?.conditions ?? [], before.status?.conditions ?? [])) return
      if (await mayActFor(authorizer, request.user, 'sign', before.spec.signerName)) return
      throw refuse(request, `user not permitted to sign requests with signerName ${JSON.stringify(before.spec.signerName)}`)
    },
  }
}

const trustBundles = { group: 'certificates.k8s.io', resource: 'clustertrustbundles' }

/** Only who may `attest` for a signer says whom to trust in its name. */
export function clusterTrustBundleAttest({ authorizer }: { authorizer: Authorizer }): AdmissionPlugin {
  const contents = ({ metadata: { ownerReferences: _o, finalizers: _f, managedFields: _m, ...metadata }, ...rest }: KubeObject): unknown => ({ metadata, ...rest })
  return {
    name: 'ClusterTrustBundleAttest',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, trustBundles),
    async validate(request) {
      const bundle = request.object as KubeObject & { readonly spec: { readonly signerName?: string } }
      const signer = bundle.spec.signerName
      // The garbage collector takes owners away.
      if (!signer || (request.old && isDeepStrictEqual(contents(bundle), contents(request.old)))) return
      if (!(await mayActFor(authorizer, request.user, 'attest', signer))) throw refuse(request, `user not permitted to attest for signerName ${JSON.stringify(signer)}`)
    },
  }
}

const clientSigner = 'kubernetes.io/kube-apiserver-client'

/** Nobody becomes a superuser by certificate. */
export function certificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, certificatesigningrequests),
    validate(request) {
      const { spec } = request.object as CertificateSigningRequest
      if (spec.signerName !== clientSigner) return
      if (subjectIn(request, spec.request, 'failed to parse CSR').organizations.includes('system:masters')) {
        throw refuse(request, `use of ${clientSigner} signer with system:masters group is not allowed`)
      }
    },
  }
}

/** @param encoded base64 of PEM, as the object holds it. */
export function subjectIn(request: AdmissionRequest, encoded: string, failure: string): { commonName: string; organizations: readonly string[] } {
  try {
    return parseRequest(Buffer.from(encoded, 'base64').toString('latin1')).subject
  } catch (error) {
    throw refuse(request, `${failure}: ${(error as Error).message}`)
  }
}
