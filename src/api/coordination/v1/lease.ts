import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import type { FieldErrors } from '#apimachinery/field-errors'
import { isQualifiedName } from '#apimachinery/names'
import { report } from '../../field-checks'
import type { Lease } from './types'

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', namespaced: true,
  versions: { 'coordination.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'Lease') } },
  metadataChecks: { whole: 0, update: 1 },
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,

  prepareForCreate: (lease, context) => dropDisabled(lease, undefined, context),
  prepareForUpdate: dropDisabled,
  validate({ spec }, errors) {
    const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec
    const at = errors.at('spec')
    if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) at.at('leaseDurationSeconds').invalid(leaseDurationSeconds, 'must be greater than 0')
    if (leaseTransitions !== undefined && leaseTransitions < 0) at.at('leaseTransitions').invalid(leaseTransitions, 'must be greater than or equal to 0')
    if (strategy !== undefined) validateStrategy(strategy, at.at('strategy'))
    if (preferredHolder && !strategy) at.at('preferredHolder').forbidden('may only be specified if `strategy` is defined')
  },

  columns: [nameColumn, column('Holder', ({ spec }) => spec.holderIdentity ?? ''), ageColumn],
})

function dropDisabled({ spec }: Lease, old: Lease | undefined, { enabled }: WriteContext): void {
  if (enabled('CoordinatedLeaderElection')) return
  for (const field of ['strategy', 'preferredHolder'] as const) if (old?.spec[field] === undefined) delete spec[field]
}

/** One of Kubernetes' own, or a name with somebody else's domain. The field is told twice in the original. */
export function validateStrategy(strategy: string, errors: FieldErrors): void {
  if (strategy.includes('/')) report(errors, 'strategy', strategy, isQualifiedName(strategy))
  else if (strategy !== 'OldestEmulationVersion') errors.at('strategy').notSupported(strategy, ['OldestEmulationVersion'])
}
