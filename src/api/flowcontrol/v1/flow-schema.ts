import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationAndStatus } from '../../strategies'
import type { FlowSchema } from './types'

export const flowschemas = defineResource<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', resource: 'flowschemas', namespaced: false,
  versions: { 'flowcontrol.apiserver.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'FlowSchema') } },
  subresources: {
    status: statusOnly(),
  },

  ...generationAndStatus<FlowSchema>(() => ({})),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    if (spec.matchingPrecedence < 1 || spec.matchingPrecedence > 10000) at.at('matchingPrecedence').invalid(spec.matchingPrecedence, 'must be between 1 and 10000 inclusive')
    if (!spec.priorityLevelConfiguration?.name) at.at('priorityLevelConfiguration', 'name').required('must reference a priority level')
  },
  columns: [
    nameColumn,
    column('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
    column('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence),
    column('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>'),
    ageColumn,
    column('MissingPL', ({ status }) => status.conditions?.find((condition) => condition.type === 'Dangling')?.status ?? '?'),
  ],
})
