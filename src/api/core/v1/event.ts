import { defineResource, schemaIn } from '#apimachinery/resource'
import type { Event } from './types'

export const events = defineResource<Event>({
  group: '', version: 'v1', kind: 'Event', resource: 'events', namespaced: true,
  shortNames: ['ev'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Event') } },
  columns: [],
})
