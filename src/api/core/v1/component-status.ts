import { defineResource, schemaIn } from '#apimachinery/resource'
import { column, nameColumn } from '../../printing'
import type { ComponentCondition, ComponentStatus } from './types'

const healthy = ({ conditions }: ComponentStatus): ComponentCondition | undefined => conditions?.find((condition) => condition.type === 'Healthy')

export const componentstatuses = defineResource<ComponentStatus>({
  group: '', version: 'v1', kind: 'ComponentStatus', resource: 'componentstatuses', namespaced: false,
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ComponentStatus'), deprecated: 'v1 ComponentStatus is deprecated in v1.19+' } },

  columns: [
    nameColumn,
    column('Status', (component) => {
      const condition = healthy(component)
      return condition ? (condition.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown'
    }),
    column('Message', (component) => healthy(component)?.message ?? ''),
    column('Error', (component) => healthy(component)?.error ?? ''),
  ],
})
