import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { plainColumns } from '../../printing'
import { bumpGenerationWhenSpecChanges, carryStatus, startGeneration } from '../../strategies'
import { checkApproval, checkDefinition, checkDefinitionUpdate, checkName } from './definition-validation'
import type { CustomResourceDefinition } from './types'

export const customresourcedefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  versions: { 'apiextensions.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CustomResourceDefinition') } },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly(),
  },

  defaults({ spec }) {
    const { names, conversion } = spec
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase()
      names.listKind ||= `${names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    const service = conversion?.webhook?.clientConfig?.service
    if (service) service.port ??= 443
  },
  prepareForCreate(definition) {
    startGeneration(definition)
    const stored = (definition.spec.versions ?? []).filter((version) => version.storage).slice(0, 1).map((version) => version.name)
    definition.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: stored } as unknown as CustomResourceDefinition['status']
  },
  prepareForUpdate(definition, old) {
    carryStatus(definition, old)
    bumpGenerationWhenSpecChanges(definition, old)
    // What may rest in the store under a version stays on record until somebody has rewritten it all.
    const stored = definition.spec.versions.find((version) => version.storage)?.name
    const known = definition.status.storedVersions ?? []
    if (stored && !known.includes(stored)) definition.status = { ...definition.status, storedVersions: [...known, stored] }
  },
  validate: checkDefinition,
  validateCreate(definition, errors) {
    checkName(definition, errors)
    checkApproval(definition, errors)
  },
  validateUpdate(definition, old, errors) {
    checkDefinitionUpdate(definition, old, errors)
    if (definition.metadata.annotations?.['api-approved.kubernetes.io'] !== old.metadata.annotations?.['api-approved.kubernetes.io']) checkApproval(definition, errors)
  },
  resetFields: [['status']],
  columns: plainColumns,
})
