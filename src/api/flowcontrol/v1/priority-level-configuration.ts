import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import type { PriorityLevelConfiguration } from './types'
import { validateConditions, validatePriorityLevel } from './validation'

export const prioritylevelconfigurations = defineResource<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration', resource: 'prioritylevelconfigurations', namespaced: false,
  versions: { 'flowcontrol.apiserver.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'PriorityLevelConfiguration') } },
  metadataChecks: { whole: 1, update: 0 },
  subresources: {
    status: statusOnly({ validate: ({ status }, errors) => validateConditions(status.conditions, errors.at('status', 'conditions')) }),
  },

  ...generationAndStatus<PriorityLevelConfiguration>(() => ({})),
  validate: validatePriorityLevel,
  columns: [
    nameColumn,
    column('Type', ({ spec }) => spec.type),
    column('NominalConcurrencyShares', ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>'),
    column('Queues', ({ spec }) => spec.limited?.limitResponse.queuing?.queues ?? '<none>'),
    column('HandSize', ({ spec }) => spec.limited?.limitResponse.queuing?.handSize ?? '<none>'),
    column('QueueLengthLimit', ({ spec }) => spec.limited?.limitResponse.queuing?.queueLengthLimit ?? '<none>'),
    ageColumn,
  ],
})
