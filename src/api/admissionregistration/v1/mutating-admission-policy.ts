import { defineResource, schemaIn } from '#apimachinery/resource'
import { oneOf } from '../../field-checks'
import { ageColumn, column, integer, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { generationOnly } from '../../strategies'
import { validateConditions, validateMutations, validateVariables } from './expressions'
import { withLanguage } from './language'
import { defaultMatch, paramKindText, validateMutable } from './match-resources'
import { validatePolicy } from './policies'
import type { MutatingAdmissionPolicy } from './types'

export const mutatingadmissionpolicies = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: {
    'admissionregistration.k8s.io/v1': { schema: withLanguage(schemaIn(() => import('./types.gen'), 'MutatingAdmissionPolicy')) },
    ...sameShape('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', {
      v1beta1: { deprecatedIn: 37, replaced: true, schema: withLanguage(schemaIn(() => import('#api/admissionregistration/v1beta1/types.gen'), 'MutatingAdmissionPolicy')) },
      v1alpha1: { deprecatedIn: 35, schema: withLanguage(schemaIn(() => import('#api/admissionregistration/v1alpha1/types.gen'), 'MutatingAdmissionPolicy')) },
    }),
  },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,

  ...generationOnly<MutatingAdmissionPolicy>(),
  defaults: ({ spec }) => defaultMatch(spec.matchConstraints),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const context = validatePolicy(spec, at)
    validateMutable(spec.matchConstraints, at.at('matchConstraints'))
    validateConditions(spec.matchConditions, context, at.at('matchConditions'))
    validateVariables(spec.variables, context, at.at('variables'))
    if (!spec.mutations?.length) at.at('mutations').required('mutations must contain at least one item')
    validateMutations(spec.mutations, context, at.at('mutations'))
    oneOf(at, 'reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never'])
  },
  columns: [nameColumn, integer('Mutations', ({ spec }) => spec.mutations?.length), column('ParamKind', ({ spec }) => paramKindText(spec.paramKind)), ageColumn],
})
