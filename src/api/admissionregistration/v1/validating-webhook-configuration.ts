import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, integer, nameColumn } from '../../printing'
import { nextGeneration, startGeneration } from '../../strategies'
import { semanticallyEqual } from '../../semantic-equality'
import { withLanguage } from './language'
import { defaultWebhooks, validateWebhooks } from './webhooks'
import type { ValidatingWebhookConfiguration } from './types'

export const validatingwebhookconfigurations = defineResource<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations', namespaced: false,
  categories: ['api-extensions'],
  versions: { 'admissionregistration.k8s.io/v1': { schema: withLanguage(schemaIn(() => import('./types.gen'), 'ValidatingWebhookConfiguration')) } },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,

  prepareForCreate: startGeneration,
  prepareForUpdate: (object, old) => nextGeneration(object, old, !semanticallyEqual(object.webhooks, old.webhooks)),
  defaults: ({ webhooks }) => defaultWebhooks(webhooks),
  validate: ({ webhooks }, errors) => validateWebhooks(webhooks, errors.at('webhooks')),
  columns: [nameColumn, integer('Webhooks', ({ webhooks }) => webhooks?.length), ageColumn],
})
