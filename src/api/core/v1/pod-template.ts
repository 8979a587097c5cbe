import { defineResource, schemaIn } from '#apimachinery/resource'
import { containerColumns, column, formatLabels, nameColumn } from '../../printing'
import { nextGeneration, startGeneration } from '../../strategies'
import { semanticallyEqual } from '../../semantic-equality'
import { defaultPodSpec } from './pod-defaults'
import { withGatedTemplate } from './pod-gates'
import { validatePodTemplateSpec } from './pod-template-spec'
import { podTemplateWarnings } from './pod-warnings'
import type { PodTemplate } from './types'

export const podtemplates = defineResource<PodTemplate>({
  group: '', version: 'v1', kind: 'PodTemplate', resource: 'podtemplates', namespaced: true,
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'PodTemplate') } },
  metadataChecks: { whole: 0, update: 1 },

  ...withGatedTemplate<PodTemplate>(({ template }) => template.spec, {
    prepareForCreate: startGeneration,
    prepareForUpdate: (object, old) => nextGeneration(object, old, !semanticallyEqual(object.template, old.template)),
  }),
  defaults: ({ template }) => defaultPodSpec(template.spec),
  validate: ({ template }, errors) => validatePodTemplateSpec(template, errors.at('template')),
  warnings: ({ template }, old) => podTemplateWarnings(template, old?.template, 'template'),

  columns: [
    nameColumn,
    ...containerColumns<PodTemplate>(({ template }) => template.spec.containers).map((shown) => ({ ...shown, priority: 0 })),
    column('Pod Labels', ({ template }) => formatLabels(template.metadata.labels)),
  ],
})
