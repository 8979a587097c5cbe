import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ValidatingWebhookConfiguration } from './types'

export const validatingwebhookconfigurations = defineResource<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ValidatingWebhookConfiguration') } },
  columns: [],
})
