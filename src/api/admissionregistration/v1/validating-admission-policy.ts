import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, integer, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { defaultMatch, paramKindText } from './match-resources'
import type { ValidatingAdmissionPolicy } from './types'

export const validatingadmissionpolicies = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', resource: 'validatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicy') } },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly(),
  },

  ...generationAndStatus<ValidatingAdmissionPolicy>(() => ({})),
  defaults: ({ spec }) => defaultMatch(spec.matchConstraints),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    if (!spec.matchConstraints) at.at('matchConstraints').required()
    else if (!spec.matchConstraints.resourceRules?.length) at.at('matchConstraints', 'resourceRules').required()
    if (spec.validations?.length || spec.auditAnnotations?.length) return
    const empty = 'validations or auditAnnotations must contain at least one item'
    at.at('validations').required(empty)
    at.at('auditAnnotations').required(empty)
  },
  columns: [nameColumn, integer('Validations', ({ spec }) => spec.validations?.length), column('ParamKind', ({ spec }) => paramKindText(spec.paramKind)), ageColumn],
})
