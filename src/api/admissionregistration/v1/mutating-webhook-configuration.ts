import { defineResource, schemaIn } from '#apimachinery/resource'
import type { MutatingWebhookConfiguration } from './types'

export const mutatingwebhookconfigurations = defineResource<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'MutatingWebhookConfiguration') } },
  columns: [],
})
