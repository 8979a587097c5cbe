import type { FieldErrors } from '#apimachinery/field-errors'
import { canonicalQuantity, compareQuantities, quantityMilliValue } from '#apimachinery/quantity'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { qualifiedName } from '../../field-checks'
import { plainColumns } from '../../printing'
import { containerResourceName, mayOvercommit, resourceName } from './resource-names'
import type { LimitRange, LimitRangeItem } from './types'

const standardTypes = new Set(['Pod', 'Container', 'PersistentVolumeClaim'])
const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

export const limitranges = defineResource<LimitRange>({
  group: '', version: 'v1', kind: 'LimitRange', resource: 'limitranges', namespaced: true,
  shortNames: ['limits'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'LimitRange') } },
  metadataChecks: { whole: 1, update: 0 },
  allowCreateOnUpdate: true,

  defaults({ spec }) {
    for (const item of spec.limits ?? []) if (item.type === 'Container') defaultItem(item)
  },
  // One without a name gets one that nobody has.
  prepareForCreate({ metadata }) {
    metadata.name ||= globalThis.crypto.randomUUID()
  },
  validate({ spec }, errors) {
    const seen = new Set<string>()
    for (const [i, item] of (spec.limits ?? []).entries()) {
      const at = errors.at('spec', 'limits', i)
      const before = errors.all.length
      qualifiedName(at, 'type', item.type)
      if (errors.all.length === before && !item.type.includes('/') && !standardTypes.has(item.type)) at.at('type').invalid(item.type, 'must be a standard limit type or fully qualified')
      if (seen.has(item.type)) at.at('type').duplicate(item.type)
      seen.add(item.type)
      validateItem(item, at)
    }
  },

  columns: plainColumns,
})

/** A maximum is also the default, and what a container is given it also asks for. */
function defaultItem(item: LimitRangeItem): void {
  const limits = (item.default ??= {})
  const requests = (item.defaultRequest ??= {})
  for (const name in item.max) limits[name] ??= item.max[name]!
  for (const name in limits) requests[name] ??= limits[name]!
  for (const name in item.min) requests[name] ??= item.min[name]!
  if (Object.keys(limits).length === 0) delete item.default
  if (Object.keys(requests).length === 0) delete item.defaultRequest
}

function validateItem(item: LimitRangeItem, errors: FieldErrors): void {
  const ofPod = item.type === 'Pod'
  const checkName = ofPod || item.type === 'Container' ? containerResourceName : resourceName
  const names = new Set<string>()
  for (const list of lists) {
    if (ofPod && (list === 'default' || list === 'defaultRequest')) {
      if (item[list] && Object.keys(item[list]).length > 0) errors.at(list).forbidden("may not be specified when `type` is 'Pod'")
      continue
    }
    for (const name in item[list]) {
      checkName(errors.at(list).key(name), name)
      names.add(name)
    }
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    errors.at('limits').required('either minimum or maximum storage value is required, but neither was provided')
  }
  for (const name of names) compare(item, name, errors)
}

function compare(item: LimitRangeItem, name: string, errors: FieldErrors): void {
  const [max, min, limit, request, ratio] = lists.map((list) => item[list]?.[name])
  const above = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0
  const text = (quantity: string | undefined): string => canonicalQuantity(quantity!)
  const say = (list: string, value: string | undefined, detail: string): void => errors.at(list).key(name).invalid(text(value), detail)
  if (above(min, max)) say('min', min, `min value ${text(min)} is greater than max value ${text(max)}`)
  if (above(min, request)) say('defaultRequest', request, `min value ${text(min)} is greater than default request value ${text(request)}`)
  if (above(request, max)) say('defaultRequest', request, `default request value ${text(request)} is greater than max value ${text(max)}`)
  if (above(request, limit)) say('defaultRequest', request, `default request value ${text(request)} is greater than default limit value ${text(limit)}`)
  // The next two repeat the bound instead of the value, as in the original.
  if (above(min, limit)) say('default', min, `min value ${text(min)} is greater than default value ${text(limit)}`)
  if (above(limit, max)) say('default', max, `default value ${text(limit)} is greater than max value ${text(max)}`)
  if (ratio !== undefined && compareQuantities(ratio, '1') < 0) say('maxLimitRequestRatio', ratio, `ratio ${text(ratio)} is less than 1`)
  if (ratio !== undefined && min !== undefined && max !== undefined) {
    const most = quantityMilliValue(max) / quantityMilliValue(min)
    if (quantityMilliValue(ratio) / 1000 > most) say('maxLimitRequestRatio', ratio, `ratio ${text(ratio)} is greater than max/min = ${most.toFixed(6)}`)
  }
  if (!mayOvercommit(name) && limit !== undefined && request !== undefined && compareQuantities(limit, request) !== 0) {
    say('defaultRequest', request, `default value ${text(limit)} must equal to defaultRequest value ${text(request)} in ${name}`)
  }
}
