import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ValidatingAdmissionPolicyBinding } from './types'

export const validatingadmissionpolicybindings = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', resource: 'validatingadmissionpolicybindings', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicyBinding') } },
  columns: [],
})
