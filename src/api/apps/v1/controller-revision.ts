import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ControllerRevision } from './types'

export const controllerrevisions = defineResource<ControllerRevision>({
  group: 'apps', version: 'v1', kind: 'ControllerRevision', resource: 'controllerrevisions', namespaced: true,
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'ControllerRevision') } },
  columns: [],
})
