import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import type { FlowSchema } from './types'
import { validateConditions, validateFlowSchema } from './validation'

export const flowschemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', resource: 'flowschemas', namespaced: false,
  versions: { 'flowcontrol.apiserver.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'FlowSchema') } },
  metadataChecks: { whole: 1, update: 0 },
  subresources: {
    status: statusOnly({ validate: ({ status }, errors) => validateConditions(status.conditions, errors.at('status', 'conditions')) }),
  },

  ...generationAndStatus<FlowSchema>(() => ({})),
  validate: validateFlowSchema,
  columns: [
    nameColumn,
    column('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
    column('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence),
    column('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>'),
    ageColumn,
    column('MissingPL', ({ status }) => status.conditions?.find((condition) => condition.type === 'Dangling')?.status ?? '?'),
  ],
})
