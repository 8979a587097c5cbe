import { isDns1123Subdomain, isPathSegmentName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { report } from '../../field-checks'
import { canonicalIpProblem } from '../../ip-checks'
import { column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { immutable } from '../../strategies'
import type { IPAddress, ParentReference } from './types'

export const ipaddresses = defineResource<IPAddress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', resource: 'ipaddresses', singular: 'ipaddress', namespaced: false,
  shortNames: ['ip'],
  versions: {
    'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'IPAddress') },
    ...sameShape('networking.k8s.io/v1', 'IPAddress', {
      v1beta1: { deprecatedIn: 34, schema: schemaIn(() => import('#api/networking/v1beta1/types.gen'), 'IPAddress') },
    }),
  },
  validateName(name) {
    const problem = canonicalIpProblem(name)
    return problem === undefined ? [] : [problem]
  },

  validate({ spec }, errors) {
    const at = errors.at('spec', 'parentRef')
    if (!spec.parentRef) return at.required()
    const { group, resource, namespace, name } = spec.parentRef
    if (group) report(at, 'group', group, isDns1123Subdomain(group))
    for (const [field, value] of [['resource', resource], ['name', name]] as const) {
      if (!value) at.at(field).required()
      else report(at, field, value, isPathSegmentName(value))
    }
    if (namespace) report(at, 'namespace', namespace, isPathSegmentName(namespace))
  },
  validateUpdate: ({ spec }, old, errors) => immutable(errors.at('spec'), 'parentRef', internalReference(spec.parentRef), internalReference(old.spec.parentRef)),

  columns: [
    nameColumn,
    column('ParentRef', ({ spec: { parentRef } }) => {
      if (!parentRef) return '<none>'
      const { group, resource, namespace, name } = parentRef
      return `${`${resource}${group ? `.${group}` : ''}`.toLowerCase()}${namespace ? `/${namespace}` : ''}/${name}`
    }),
  ],
})

/** As the original's messages show it. */
const internalReference = (reference: ParentReference | undefined): unknown =>
  reference && { Group: reference.group ?? '', Resource: reference.resource ?? '', Namespace: reference.namespace ?? '', Name: reference.name ?? '' }
