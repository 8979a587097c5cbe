import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import { defaultMatch, paramText, validateMatch } from './match-resources'
import { validateParamRef, validatePolicyName } from './params'
import type { ValidatingAdmissionPolicyBinding } from './types'

export const validatingadmissionpolicybindings = defineResource<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', resource: 'validatingadmissionpolicybindings', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingAdmissionPolicyBinding') } },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,

  ...generationOnly<ValidatingAdmissionPolicyBinding>(),
  defaults: ({ spec }) => defaultMatch(spec.matchResources),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    validatePolicyName(at, spec.policyName)
    validateParamRef(spec.paramRef, at.at('paramRef'))
    validateMatch(spec.matchResources, at.at('matchResources'))
    validateActions(spec.validationActions ?? [], at.at('validationActions'))
  },
  columns: [nameColumn, column('PolicyName', ({ spec }) => spec.policyName ?? ''), column('ParamRef', ({ spec }) => paramText(spec.paramRef)), ageColumn],
})

const actions = ['Audit', 'Deny', 'Warn']

function validateActions(asked: readonly string[], errors: FieldErrors): void {
  for (const [i, action] of asked.entries()) {
    if (!actions.includes(action)) errors.at(i).notSupported(action, actions)
    if (asked.indexOf(action) < i) errors.at(i).duplicate(action)
  }
  if (asked.includes('Deny') && asked.includes('Warn')) {
    errors.invalid(asked, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)')
  }
  if (asked.length === 0) errors.required('at least one validation action is required')
}
