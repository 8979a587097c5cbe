import type { FieldErrors } from '#apimachinery/field-errors'
import { isPathSegmentName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { eachOnce } from '../../bounded-lists'
import { dnsLabel, dnsSubdomain, report, required } from '../../field-checks'
import { ageColumn, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { dropDisabled, validateTemplate } from './templates'
import type { PodGroupTemplate, Workload, WorkloadSpec } from './types'

const mostTemplates = 8

export const workloads = defineResource<Workload>({
  group: 'scheduling.k8s.io', version: 'v1alpha2', kind: 'Workload', resource: 'workloads', namespaced: true,
  versions: { 'scheduling.k8s.io/v1alpha2': { schema: schemaIn(() => import('./types.gen'), 'Workload'), gate: 'GenericWorkload' } },
  metadataChecks: { whole: 0, update: 1 },

  prepareForCreate({ spec }, { enabled }) {
    for (const template of spec.podGroupTemplates ?? []) drop(template, undefined, enabled)
  },
  prepareForUpdate({ spec }, old, { enabled }) {
    for (const [i, template] of (spec.podGroupTemplates ?? []).entries()) drop(template, old.spec.podGroupTemplates?.[i], enabled)
  },
  validateCreate({ spec }, errors) {
    validateOwner(spec, errors.at('spec'))
    validateTemplates(spec, errors.at('spec'))
  },
  validateUpdate({ spec }, old, errors) {
    const at = errors.at('spec')
    if (!semanticallyEqual(spec.controllerRef, old.spec.controllerRef)) at.at('controllerRef').invalid(null, 'field is immutable')
    if (semanticallyEqual(spec.podGroupTemplates, old.spec.podGroupTemplates)) return
    at.at('podGroupTemplates').invalid(null, 'field is immutable')
    const count = spec.podGroupTemplates?.length ?? 0
    if (count === 0) at.at('podGroupTemplates').required()
    else if (count > mostTemplates) at.at('podGroupTemplates').tooMany(count, mostTemplates)
  },

  columns: [nameColumn, ageColumn],
})

/** In a template, that there are no constraints is written down. */
function drop(template: PodGroupTemplate, old: PodGroupTemplate | undefined, enabled: (gate: string) => boolean): void {
  dropDisabled(template, old, enabled)
  template.schedulingConstraints ??= null as never
}

function validateOwner({ controllerRef }: WorkloadSpec, errors: FieldErrors): void {
  if (!controllerRef) return
  const at = errors.at('controllerRef')
  const { apiGroup, kind, name } = controllerRef
  if (apiGroup) dnsSubdomain(at, 'apiGroup', apiGroup)
  if (required(at, 'kind', kind)) report(at, 'kind', kind, isPathSegmentName(kind))
  if (required(at, 'name', name)) report(at, 'name', name, isPathSegmentName(name))
}

function validateTemplates({ podGroupTemplates }: WorkloadSpec, errors: FieldErrors): void {
  const at = errors.at('podGroupTemplates')
  if (!podGroupTemplates?.length) return at.required()
  eachOnce(at, podGroupTemplates, mostTemplates, (template, atTemplate) => {
    if (required(atTemplate, 'name', template.name)) dnsLabel(atTemplate, 'name', template.name)
    validateTemplate(template, atTemplate)
  }, ({ name }) => name, (template) => template)
}
