import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, integer, nameColumn } from '../../printing'
import { generationOnly } from '../../strategies'
import { defaultMatch, paramKindText } from './match-resources'
import type { MutatingAdmissionPolicy } from './types'

export const mutatingadmissionpolicies = defineResource<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'MutatingAdmissionPolicy') } },
  allowUnconditionalUpdate: false,

  ...generationOnly<MutatingAdmissionPolicy>(),
  defaults: ({ spec }) => defaultMatch(spec.matchConstraints),
  validate({ spec }, errors) {
    if (!spec.matchConstraints) errors.at('spec', 'matchConstraints').required()
    if (!spec.mutations?.length) errors.at('spec', 'mutations').required('mutations must contain at least one item')
  },
  columns: [nameColumn, integer('Mutations', ({ spec }) => spec.mutations?.length), column('ParamKind', ({ spec }) => paramKindText(spec.paramKind)), ageColumn],
})
