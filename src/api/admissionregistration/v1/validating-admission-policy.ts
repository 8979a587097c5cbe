import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { validateConditions as validateStatusConditions } from '../../conditions'
import { ageColumn, column, integer, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import { validateAuditAnnotations, validateConditions, validateValidations, validateVariables } from './expressions'
import { withLanguage } from './language'
import { defaultMatch, paramKindText } from './match-resources'
import { validatePolicy } from './policies'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyStatus } from './types'

export const validatingadmissionpolicies = defineResource<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', resource: 'validatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: withLanguage(schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicy')) } },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly({ validateUpdate: ({ status }, _old, errors) => validateStatus(status, errors.at('status')) }),
  },

  ...generationAndStatus<ValidatingAdmissionPolicy>(() => ({})),
  defaults: ({ spec }) => defaultMatch(spec.matchConstraints),
  validate({ metadata, spec }, errors) {
    const at = errors.at('spec')
    const context = validatePolicy(spec, at)
    validateConditions(spec.matchConditions, context, at.at('matchConditions'))
    validateVariables(spec.variables, context, at.at('variables'))
    if (!spec.validations?.length && !spec.auditAnnotations?.length) {
      const empty = 'validations or auditAnnotations must contain at least one item'
      at.at('validations').required(empty)
      at.at('auditAnnotations').required(empty)
    }
    validateValidations(spec.validations, context, at.at('validations'))
    validateAuditAnnotations(spec.auditAnnotations, metadata.name, context, at.at('auditAnnotations'))
  },
  columns: [nameColumn, integer('Validations', ({ spec }) => spec.validations?.length), column('ParamKind', ({ spec }) => paramKindText(spec.paramKind)), ageColumn],
})

function validateStatus({ typeChecking, conditions }: ValidatingAdmissionPolicyStatus, errors: FieldErrors): void {
  for (const [i, { fieldRef, warning }] of (typeChecking?.expressionWarnings ?? []).entries()) {
    const at = errors.at('typeChecking', 'expressionWarnings', i)
    if (!warning) at.at('warning').required()
    if (!fieldRef?.trim()) at.at('fieldRef').required()
  }
  validateStatusConditions(errors.at('conditions'), conditions)
}
