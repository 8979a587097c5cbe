import { defineResource, schemaIn } from '#apimachinery/resource'
import type { MutatingAdmissionPolicyBinding } from './types'

export const mutatingadmissionpolicybindings = defineResource<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding', resource: 'mutatingadmissionpolicybindings', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'MutatingAdmissionPolicyBinding') } },
  columns: [],
})
