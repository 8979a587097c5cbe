// What both sorts of policies say.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { PolicyContext } from './expressions'
import { stated, validateMatch } from './match-resources'
import { validateParamKind } from './params'
import type { MutatingAdmissionPolicySpec, ValidatingAdmissionPolicySpec } from './types'

export function validatePolicy({ failurePolicy, paramKind, matchConstraints, variables = [] }: ValidatingAdmissionPolicySpec | MutatingAdmissionPolicySpec, errors: FieldErrors): PolicyContext {
  stated(errors, 'failurePolicy', failurePolicy, ['Fail', 'Ignore'])
  if (paramKind) validateParamKind(paramKind, errors.at('paramKind'))
  const match = errors.at('matchConstraints')
  if (!matchConstraints) match.required()
  else {
    validateMatch(matchConstraints, match)
    // Only rules say of which types the objects are.
    if (!matchConstraints.resourceRules?.length) match.at('resourceRules').required()
  }
  return { params: paramKind !== undefined, variables }
}
