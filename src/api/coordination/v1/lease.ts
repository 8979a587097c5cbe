import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import type { Lease } from './types'

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', namespaced: true,
  versions: { 'coordination.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Lease') } },
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,

  validate({ spec }, errors) {
    const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec
    const at = errors.at('spec')
    if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) at.at('leaseDurationSeconds').invalid(leaseDurationSeconds, 'must be greater than 0')
    if (leaseTransitions !== undefined && leaseTransitions < 0) at.at('leaseTransitions').invalid(leaseTransitions, 'must be greater than or equal to 0')
    if (preferredHolder && !strategy) at.at('preferredHolder').forbidden('may only be specified if `strategy` is defined')
  },

  columns: [nameColumn, column('Holder', ({ spec }) => spec.holderIdentity ?? ''), ageColumn],
})
