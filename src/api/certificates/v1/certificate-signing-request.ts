import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { CertificateSigningRequest } from './types'

export const certificatesigningrequests = defineResource<CertificateSigningRequest>({
  group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', resource: 'certificatesigningrequests', namespaced: false,
  shortNames: ['csr'],
  versions: { 'certificates.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CertificateSigningRequest') } },
  subresources: {
    approval: statusOnly(),
    status: statusOnly(),
  },
  columns: [],
})
