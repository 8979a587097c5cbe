import { isDomainPrefixedPath, isPathSegmentName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { dnsLabel, dnsSubdomain, report } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { generationOnly, immutable } from '../../strategies'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { IngressClass, IngressClassParametersReference } from './types'

export const ingressclasses = defineResource<IngressClass>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', resource: 'ingressclasses', namespaced: false,
  versions: { 'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'IngressClass') } },

  ...generationOnly<IngressClass>(),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    const controller = spec.controller ?? ''
    if (controller.length > 250) at.at('controller').tooLong(250)
    if (!controller) at.at('controller').required()
    else for (const { value, message } of isDomainPrefixedPath(controller)) at.at('controller').invalid(value, message)
    if (spec.parameters) validateParameters(spec.parameters, at.at('parameters'))
  },
  validateUpdate: ({ spec }, old, errors) => immutable(errors.at('spec'), 'controller', spec.controller ?? '', old.spec.controller),

  columns: [
    { ...nameColumn, value: ({ metadata }) => (metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true' ? `${metadata.name} (default)` : metadata.name) },
    column('Controller', ({ spec }) => spec.controller ?? ''),
    column('Parameters', ({ spec: { parameters } }) => {
      if (!parameters) return '<none>'
      return `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`
    }),
    ageColumn,
  ],
})

function validateParameters({ apiGroup, kind, name, scope, namespace }: IngressClassParametersReference, errors: FieldErrors): void {
  if (apiGroup !== undefined) dnsSubdomain(errors, 'apiGroup', apiGroup)
  for (const [field, value] of [['kind', kind], ['name', name]] as const) {
    if (!value) errors.at(field).required()
    else report(errors, field, value, isPathSegmentName(value))
  }
  if (scope === undefined) return errors.at('scope').required()
  if (scope !== 'Namespace' && scope !== 'Cluster') errors.at('scope').notSupported(scope, ['Cluster', 'Namespace'])
  else if (scope === 'Namespace') {
    if (namespace === undefined) errors.at('namespace').required("`parameters.scope` is set to 'Namespace'")
    else dnsLabel(errors, 'namespace', namespace)
  } else if (namespace !== undefined) errors.at('namespace').forbidden("`parameters.scope` is set to 'Cluster'")
}
