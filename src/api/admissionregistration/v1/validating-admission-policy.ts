import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { ValidatingAdmissionPolicy } from './types'

export const validatingadmissionpolicies = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', resource: 'validatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicy') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
