import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { canonicalCidr, isCidr, repeatsFamily } from '../../ip-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { carryStatus } from '../../strategies'
import type { ServiceCIDR } from './types'

export const servicecidrs = defineResource<ServiceCIDR>({
  group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', resource: 'servicecidrs', namespaced: false,
  versions: {
    'networking.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ServiceCIDR') },
    ...sameShape('networking.k8s.io/v1', 'ServiceCIDR', {
      v1beta1: { deprecatedIn: 34, schema: schemaIn(() => import('#api/networking/v1beta1/types.gen'), 'ServiceCIDR') },
    }),
  },
  metadataChecks: { whole: 0, update: 1 },
  subresources: { status: statusWithoutMetadata() },

  prepareForCreate(range, { enabled }) {
    if (enabled('ServiceCIDRStatusFieldWiping')) range.status = {}
  },
  prepareForUpdate(range, old, { enabled }) {
    if (enabled('ServiceCIDRStatusFieldWiping')) carryStatus(range, old)
  },
  resetFields: [['status']],
  validateCreate: ({ spec }, errors) => validateRanges(spec.cidrs ?? [], errors.at('spec', 'cidrs')),
  validateUpdate({ spec }, old, errors) {
    const [now, before] = [spec.cidrs ?? [], old.spec.cidrs ?? []]
    const at = errors.at('spec', 'cidrs')
    const grown = before.length === 1 && now.length === 2
    if (now.length !== before.length && !grown) return at.invalid(spec.cidrs ?? null, 'field is immutable')
    for (const [i, range] of before.entries()) if (now[i] !== range) at.at(i).invalid(now[i], 'field is immutable')
    if (grown) validateRanges(now, at)
  },

  columns: [nameColumn, column('CIDRs', ({ spec }) => (spec.cidrs ?? []).join(',')), ageColumn],
})

function validateRanges(ranges: readonly string[], errors: FieldErrors): void {
  if (ranges.length === 0) return errors.required('at least one CIDR required')
  if (ranges.length > 2) return errors.invalid({ CIDRs: ranges }, 'may only hold up to 2 values')
  for (const [i, range] of ranges.entries()) canonicalCidr(errors, i, range)
  if (ranges.every(isCidr) && repeatsFamily(ranges)) errors.invalid(ranges, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')
}
