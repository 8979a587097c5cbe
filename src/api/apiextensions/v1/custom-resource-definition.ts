import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import type { CustomResourceDefinition } from './types'

export const customresourcedefinitions = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', resource: 'customresourcedefinitions', namespaced: false,
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  versions: { 'apiextensions.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CustomResourceDefinition') } },
  subresources: {
    status: statusOnly(),
  },
  columns: [],
})
