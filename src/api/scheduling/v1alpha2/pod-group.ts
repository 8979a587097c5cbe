import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { eachOnce } from '../../bounded-lists'
import { validateConditions } from '../../conditions'
import { dnsLabel, dnsSubdomain, required } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { carryStatus } from '../../strategies'
import { dropDisabled, exactlyOne, refuseChanges, validateTemplate } from './templates'
import type { PodGroup, PodGroupSpec } from './types'

const mostClaims = 4

export const podgroups = defineResource<PodGroup>({
  group: 'scheduling.k8s.io', version: 'v1alpha2', kind: 'PodGroup', resource: 'podgroups', namespaced: true,
  versions: { 'scheduling.k8s.io/v1alpha2': { schema: schemaIn(() => import('./types.gen'), 'PodGroup'), gate: 'GenericWorkload' } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    status: statusWithoutMetadata({
      prepareForUpdate(group, old, { enabled }) {
        if (!enabled('DRAWorkloadResourceClaims') && !old.spec.resourceClaims?.length) delete group.status.resourceClaimStatuses
      },
      validateUpdate: validateStatus,
    }),
  },

  prepareForCreate(group, { enabled }) {
    group.status = {}
    dropDisabled(group.spec, undefined, enabled)
    // A default, which the gate does not keep from being there.
    group.spec.disruptionMode ??= 'Pod'
  },
  prepareForUpdate(group, old, { enabled }) {
    carryStatus(group, old)
    dropDisabled(group.spec, old.spec, enabled)
  },
  resetFields: [['status']],
  validateCreate: ({ spec }, errors) => validateSpec(spec, errors.at('spec')),
  validateUpdate({ spec }, old, errors, { enabled }) {
    const at = errors.at('spec')
    if (!semanticallyEqual(spec.podGroupTemplateRef, old.spec.podGroupTemplateRef)) at.at('podGroupTemplateRef').invalid(null, 'field is immutable')
    refuseChanges(spec, old.spec, at, enabled)
  },

  columns: [
    nameColumn,
    column('Policy', ({ spec }) => (spec.schedulingPolicy.gang ? 'Gang' : 'Basic')),
    column('Workload', ({ spec }) => (spec.podGroupTemplateRef ? (spec.podGroupTemplateRef.workload?.workloadName ?? '') : '<none>')),
    column('Status', ({ status: { conditions = [] } }) => {
      const disrupted = conditions.find(({ type }) => type === 'DisruptionTarget')
      if (disrupted) return disrupted.reason
      const scheduled = conditions.find(({ type }) => type === 'PodGroupScheduled')
      return scheduled ? (scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable') : 'Pending'
    }),
    ageColumn,
  ],
})

function validateSpec(spec: PodGroupSpec, errors: FieldErrors): void {
  if (spec.podGroupTemplateRef) {
    const { workload } = spec.podGroupTemplateRef
    const at = errors.at('podGroupTemplateRef')
    exactlyOne(at, { workload })
    if (workload) {
      const atWorkload = at.at('workload')
      if (required(atWorkload, 'workloadName', workload.workloadName)) dnsSubdomain(atWorkload, 'workloadName', workload.workloadName)
      if (required(atWorkload, 'podGroupTemplateName', workload.podGroupTemplateName)) dnsLabel(atWorkload, 'podGroupTemplateName', workload.podGroupTemplateName)
    }
  }
  validateTemplate(spec, errors)
}

function validateStatus({ spec, status: { conditions, resourceClaimStatuses } }: PodGroup, _old: PodGroup, errors: FieldErrors): void {
  const at = errors.at('status')
  validateConditions(at.at('conditions'), conditions)
  for (const [i, { name }] of (resourceClaimStatuses ?? []).entries()) {
    if (!(spec.resourceClaims ?? []).some((claim) => claim.name === name)) at.at('resourceClaimStatuses', i, 'name').invalid(name, 'must match the name of an entry in `spec.resourceClaims`')
  }
  eachOnce(at.at('resourceClaimStatuses'), resourceClaimStatuses, mostClaims, ({ resourceClaimName }, atClaim) => {
    if (resourceClaimName !== undefined) dnsSubdomain(atClaim, 'resourceClaimName', resourceClaimName)
  }, ({ name }) => name, (claim) => claim)
}
