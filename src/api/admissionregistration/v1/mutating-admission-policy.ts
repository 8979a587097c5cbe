import { defineResource, schemaIn } from '#apimachinery/resource'
import type { MutatingAdmissionPolicy } from './types'

export const mutatingadmissionpolicies = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'MutatingAdmissionPolicy') } },
  columns: [],
})
