import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import { defaultMatch, paramText } from './match-resources'
import type { ValidatingAdmissionPolicyBinding } from './types'

export const validatingadmissionpolicybindings = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', resource: 'validatingadmissionpolicybindings', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicyBinding') } },
  allowUnconditionalUpdate: false,

  ...generationOnly<ValidatingAdmissionPolicyBinding>(),
  defaults: ({ spec }) => defaultMatch(spec.matchResources),
  validate({ spec }, errors) {
    if (!spec.policyName) errors.at('spec', 'policyName').required()
  },
  columns: [nameColumn, column('PolicyName', ({ spec }) => spec.policyName ?? ''), column('ParamRef', ({ spec }) => paramText(spec.paramRef)), ageColumn],
})
