import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { plainColumns } from '../../printing'
import { generationAndStatus } from '../../strategies'
import type { CustomResourceDefinition } from './types'

export const customresourcedefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  versions: { 'apiextensions.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CustomResourceDefinition') } },
  subresources: {
    status: statusOnly(),
  },

  ...generationAndStatus<CustomResourceDefinition>(() => ({ conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null }) as unknown as CustomResourceDefinition['status']),
  columns: plainColumns,
})
