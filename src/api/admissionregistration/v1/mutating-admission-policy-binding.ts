import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { generationOnly } from '../../strategies'
import { defaultMatch, paramText, validateMatch, validateMutable } from './match-resources'
import { validateParamRef, validatePolicyName } from './params'
import type { MutatingAdmissionPolicyBinding } from './types'

export const mutatingadmissionpolicybindings = defineResource<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding', resource: 'mutatingadmissionpolicybindings', namespaced: false,
  categories: ['api-extensions'],
  versions: {
    'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'MutatingAdmissionPolicyBinding') },
    ...sameShape('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', {
      v1beta1: { deprecatedIn: 37, replaced: true, schema: schemaIn(() => import('#api/admissionregistration/v1beta1/types.gen'), 'MutatingAdmissionPolicyBinding') },
      v1alpha1: { deprecatedIn: 35, schema: schemaIn(() => import('#api/admissionregistration/v1alpha1/types.gen'), 'MutatingAdmissionPolicyBinding') },
    }),
  },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,

  ...generationOnly<MutatingAdmissionPolicyBinding>(),
  defaults: ({ spec }) => defaultMatch(spec.matchResources),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    validatePolicyName(at, spec.policyName)
    validateParamRef(spec.paramRef, at.at('paramRef'))
    validateMatch(spec.matchResources, at.at('matchResources'))
    validateMutable(spec.matchResources, at.at('matchResources'))
  },
  columns: [nameColumn, column('PolicyName', ({ spec }) => spec.policyName ?? ''), column('ParamRef', ({ spec }) => paramText(spec.paramRef)), ageColumn],
})
