import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { immutable } from '../../strategies'
import type { ControllerRevision } from './types'

export const controllerrevisions = defineResource<ControllerRevision>({
  group: 'apps', version: 'v1', kind: 'ControllerRevision', resource: 'controllerrevisions', namespaced: true,
  versions: { 'apps/v1': { schema: schemaIn(() => import('./types.gen'), 'ControllerRevision') } },

  validate(revision, errors) {
    if (revision.revision < 0) errors.at('revision').invalid(revision.revision, 'must be greater than or equal to 0')
  },
  validateCreate({ data }, errors) {
    const at = errors.at('data')
    if (data === undefined || data === null) at.required('data is mandatory')
    else if (typeof data !== 'object' || Array.isArray(data)) at.required('data must be a valid JSON object')
  },
  validateUpdate: (revision, old, errors) => immutable(errors, 'data', revision.data, old.data),

  columns: [
    nameColumn,
    column('Controller', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((reference) => reference.controller)
      if (!owner) return '<none>'
      const slash = owner.apiVersion.indexOf('/')
      const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`
      return `${owner.kind}${group}/${owner.name}`.replace(/^[^/]*/, (kind) => kind.toLowerCase())
    }),
    column('Revision', ({ revision }) => revision),
    ageColumn,
  ],
})
