import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { plainColumns } from '../../printing'
import { bumpGenerationWhenSpecChanges, carryStatus, startGeneration } from '../../strategies'
import { checkApproval, checkDefinition, checkDefinitionUpdate, checkName, checkNames } from './definition-validation'
import { formatWarnings } from './unrecognized-formats'
import type { CustomResourceDefinition, CustomResourceDefinitionSpec } from './types'

export const customresourcedefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  versions: { 'apiextensions.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CustomResourceDefinition') } },
  metadataChecks: { whole: 0, update: 1 },
  allowUnconditionalUpdate: false,
  subresources: {
    status: statusOnly({
      defaults: defaultStoredVersions,
      validateUpdate: ({ status }, _old, errors) => checkNames(status.acceptedNames ?? {}, errors.at('status', 'acceptedNames')),
    }),
  },

  defaults(definition) {
    const { spec } = definition
    const { names, conversion } = spec
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase()
      names.listKind ||= `${names.kind}List`
    }
    spec.conversion ??= { strategy: 'None' }
    const service = conversion?.webhook?.clientConfig?.service
    if (service) service.port ??= 443
    // Said in the original's internal form, an empty webhook is none.
    if (conversion?.webhook && !conversion.webhook.clientConfig && !conversion.webhook.conversionReviewVersions?.length) delete conversion.webhook
    defaultStoredVersions(definition)
  },
  prepareForCreate(definition) {
    startGeneration(definition)
    const stored = storageVersion(definition.spec)
    const storedVersions = stored === undefined ? [] : [stored]
    definition.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions } as unknown as CustomResourceDefinition['status']
  },
  prepareForUpdate(definition, old) {
    carryStatus(definition, old)
    bumpGenerationWhenSpecChanges(definition, old)
    // What may rest in the store under a version stays on record until somebody has rewritten it all.
    const stored = storageVersion(definition.spec)
    const known = definition.status.storedVersions ?? []
    if (stored !== undefined && !known.includes(stored)) definition.status = { ...definition.status, storedVersions: [...known, stored] }
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
  warnings: formatWarnings,
  resetFields: [['status']],
  columns: plainColumns,
})

const storageVersion = ({ versions }: CustomResourceDefinitionSpec): string | undefined => versions?.find(({ storage }) => storage)?.name

function defaultStoredVersions({ spec, status }: CustomResourceDefinition): void {
  const stored = storageVersion(spec)
  if (status && !status.storedVersions?.length && stored !== undefined) status.storedVersions = [stored]
}
