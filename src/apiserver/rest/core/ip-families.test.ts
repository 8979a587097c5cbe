import { expect, test } from 'vitest'
import type { Service } from '#api/core/v1/types'
import { FieldErrors } from '#apimachinery/field-errors'
import { settleFamilies } from './ip-families'

type Spec = Service['spec']
const [v4, v6] = ['10.96.0.0/16', 'fd00::/112']
const spec = (fields: object): Spec => ({ type: 'ClusterIP', sessionAffinity: 'None', ...fields }) as Spec

function settled(fields: object, old: object | undefined, ranges: string[]): unknown {
  const service = spec(fields)
  const errors = new FieldErrors()
  const before = old && spec(old)
  return settleFamilies(service, before, ranges, errors.at('spec')) ? [service.ipFamilyPolicy, service.ipFamilies] : errors.all.map(({ field, message }) => `${field}: ${message}`)
}

const two = { clusterIP: '10.96.0.5', clusterIPs: ['10.96.0.5', 'fd00::5'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' }
test.each<[string, object, object | undefined, string[], unknown]>([
  ['one family without a wish', {}, undefined, [v4, v6], ['SingleStack', ['IPv4']]],
  ['the family of the address', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }, undefined, [v4, v6], ['SingleStack', ['IPv6']]],
  ['two where there are two', { ipFamilyPolicy: 'PreferDualStack' }, undefined, [v6, v4], ['PreferDualStack', ['IPv6', 'IPv4']]],
  ['one where there is one', { ipFamilyPolicy: 'PreferDualStack' }, undefined, [v4], ['PreferDualStack', ['IPv4']]],
  ['any where endpoints are named by hand', { clusterIP: 'None', clusterIPs: ['None'] }, undefined, [v4], ['RequireDualStack', ['IPv4', 'IPv6']]],
  ['two that nobody asked for', { ipFamilies: ['IPv4', 'IPv6'] }, undefined, [v4, v6],
    ['spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple IP families are specified']],
  ['two where there is one', { ipFamilyPolicy: 'RequireDualStack' }, undefined, [v4], ['spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services']],
  ['an address of another family', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }, undefined, [v4], ['spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster']],
  ['the second goes with the policy', { ...two, ipFamilyPolicy: 'SingleStack' }, two, [v4, v6], ['SingleStack', ['IPv4']]],
  ['the second goes without it', { ...two, ipFamilies: ['IPv4'] }, two, [v4, v6], ['spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be \'SingleStack\' to release the secondary IP family']],
  ['both stay where one family went', two, two, [v4], ['PreferDualStack', ['IPv4', 'IPv6']]],
])('%s', (_name, fields, old, ranges, expected) => {
  expect(settled(fields, old, ranges)).toEqual(expected)
})
