import { limitranges } from '#api/core/v1/limit-range'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '#api/core/v1/types'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { canonicalQuantity, compareQuantities, quantityAsNumber } from '#apimachinery/quantity'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { podTotals } from '#component-helpers/pod-totals'
import type { ResourceList } from '#component-helpers/pod-totals'
import { isFor, refuse } from './refuse'

const annotation = 'kubernetes.io/limit-ranger'

/** Gives containers what a namespace's LimitRanges say for those that ask for nothing, and refuses what is beyond them. */
export function limitRanger({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const rangesFor = ({ namespace, old }: AdmissionRequest): readonly LimitRange[] => (old?.metadata.deletionTimestamp ? [] : objects.list(limitranges, namespace))
  return {
    name: 'LimitRanger',
    handles: (operation, resource, subresource) =>
      (operation === 'CREATE' && (isFor(resource, subresource, pods) || isFor(resource, subresource, persistentvolumeclaims)))
      || (operation === 'UPDATE' && (isFor(resource, subresource, persistentvolumeclaims) || (subresource === 'resize' && isFor(resource, '', pods)))),
    admit(request) {
      if (request.resource.resource !== 'pods') return
      for (const range of rangesFor(request)) setDefaults(request.object as Pod, range)
    },
    validate(request) {
      for (const { spec } of rangesFor(request)) {
        const wrong = (spec.limits ?? []).flatMap((limit) => (request.resource.resource === 'pods' ? checkPod(limit, request.object as Pod) : checkClaim(limit, request.object as PersistentVolumeClaim)))
        if (wrong.length > 0) throw refuse(request, wrong.length === 1 ? wrong[0]! : `[${wrong.join(', ')}]`)
      }
    },
  }
}

function setDefaults({ metadata, spec }: Pod, { spec: { limits } }: LimitRange): void {
  const ofContainers = (limits ?? []).filter(({ type }) => type === 'Container')
  const requests: ResourceList = Object.assign({}, ...ofContainers.map((limit) => limit.defaultRequest))
  const maxima: ResourceList = Object.assign({}, ...ofContainers.map((limit) => limit.default))
  const notes: string[] = []
  const fill = (container: Container, what: string): void => {
    const fillIn = (sort: 'requests' | 'limits', given: ResourceList): void => {
      const missing = Object.keys(given).filter((name) => container.resources?.[sort]?.[name] === undefined).sort()
      if (missing.length === 0) return
      container.resources = { ...container.resources, [sort]: { ...container.resources?.[sort], ...Object.fromEntries(missing.map((name) => [name, given[name]!])) } }
      notes.push(`${missing.join(', ')} ${sort.slice(0, -1)} for ${what} ${container.name}`)
    }
    fillIn('requests', requests)
    fillIn('limits', maxima)
  }
  for (const container of spec.containers ?? []) fill(container, 'container')
  for (const container of spec.initContainers ?? []) fill(container, 'init container')
  if (notes.length > 0) metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` }
}

function checkPod(limit: LimitRangeItem, pod: Pod): string[] {
  const check = (requests: ResourceList, limits: ResourceList): string[] => [
    ...each(limit.min, (name, least) => below(limit.type, name, least, requests[name], limits[name])),
    ...each(limit.max, (name, most) => above(limit.type, name, most, requests[name], limits[name])),
    ...each(limit.maxLimitRequestRatio, (name, ratio) => beyondRatio(limit.type, name, ratio, requests[name], limits[name])),
  ]
  if (limit.type === 'Pod') return check(podTotals(pod, 'requests'), podTotals(pod, 'limits'))
  if (limit.type !== 'Container') return []
  return [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) => check(resources?.requests ?? {}, resources?.limits ?? {}))
}

function checkClaim(limit: LimitRangeItem, { spec }: PersistentVolumeClaim): string[] {
  if (limit.type !== 'PersistentVolumeClaim') return []
  const requests = spec.resources?.requests ?? {}
  return [
    ...each(limit.min, (name, least) => below(limit.type, name, least, requests[name], undefined)),
    ...each(limit.max, (name, most) => {
      if (requests[name] === undefined) return `maximum ${name} usage per ${limit.type} is ${show(most)}.  No request is specified`
      return compareQuantities(requests[name], most) > 0 ? `maximum ${name} usage per ${limit.type} is ${show(most)}, but request is ${show(requests[name])}` : undefined
    }),
  ]
}

const show = (quantity: Quantity): string => canonicalQuantity(quantity)
const each = (list: ResourceList | undefined, check: (name: string, bound: Quantity) => string | undefined): string[] =>
  Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, bound]) => check(name, bound) ?? [])

function below(type: string, name: string, least: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string | undefined {
  const head = `minimum ${name} usage per ${type} is ${show(least)}`
  if (request === undefined) return `${head}.  No request is specified`
  if (compareQuantities(request, least) < 0) return `${head}, but request is ${show(request)}`
  return limit !== undefined && compareQuantities(limit, least) < 0 ? `${head}, but limit is ${show(limit)}` : undefined
}

function above(type: string, name: string, most: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string | undefined {
  const head = `maximum ${name} usage per ${type} is ${show(most)}`
  if (limit === undefined) return `${head}.  No limit is specified`
  if (compareQuantities(limit, most) > 0) return `${head}, but limit is ${show(limit)}`
  return request !== undefined && compareQuantities(request, most) > 0 ? `${head}, but request is ${show(request)}` : undefined
}

function beyondRatio(type: string, name: string, most: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string | undefined {
  const head = `${name} max limit to request ratio per ${type} is ${show(most)}`
  const [asked, allowed] = [request === undefined ? 0 : quantityAsNumber(request), limit === undefined ? 0 : quantityAsNumber(limit)]
  if (asked === 0) return `${head}, but no request is specified or request is 0`
  if (allowed === 0) return `${head}, but no limit is specified or limit is 0`
  return allowed / asked > quantityAsNumber(most) ? `${head}, but provided ratio is ${(allowed / asked).toFixed(6)}` : undefined
}
