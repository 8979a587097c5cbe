import type { FieldErrors } from '#apimachinery/field-errors'
import { eachOnce } from '../../bounded-lists'
import { dnsSubdomain } from '../../field-checks'
import { immutable } from '../../strategies'
import { validateNodeSelector } from '../../core/v1/affinity-validation'
import { hasLists } from './device-attributes'
import { validateCounterSet, validateDevice } from './device-validation'
import { internalTerms } from './internal-form'
import { driverName, poolName } from './names'
import type { ResourceSliceSpec } from './types'

const mostDevices = 128
/** Where devices have taints, counters or lists. */
const mostElaborateDevices = 64
const mostCounterSets = 8
const oneOfNodes = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

export function validateSlice(spec: ResourceSliceSpec, old: ResourceSliceSpec | undefined, errors: FieldErrors): void {
  driverName(spec.driver, errors)
  const { name, resourceSliceCount, generation } = spec.pool
  const atPool = errors.at('pool')
  poolName(atPool, 'name', name)
  if (resourceSliceCount <= 0) atPool.at('resourceSliceCount').invalid(resourceSliceCount, 'must be greater than zero')
  if (generation < 0) atPool.at('generation').invalid(generation, 'must be greater than or equal to zero')
  if (old) {
    immutable(atPool, 'name', name, old.pool.name)
    immutable(errors, 'driver', spec.driver, old.driver)
    immutable(errors, 'nodeName', spec.nodeName, old.nodeName)
  }
  validateNodes(spec, errors)
  if (spec.sharedCounters && spec.devices) errors.invalid('', 'only one of `sharedCounters` or `devices` is allowed')
  const elaborate = spec.devices?.some(({ taints, consumesCounters, attributes }) => taints?.length || consumesCounters?.length || (attributes && hasLists(attributes)))
  const before = new Map((old?.devices ?? []).map((device) => [device.name, device]))
  eachOnce(errors.at('devices'), spec.devices, elaborate ? mostElaborateDevices : mostDevices, (device, at) => {
    validateDevice(device, before.get(device.name), spec.perDeviceNodeSelection === true, at)
  }, (device) => device.name)
  eachOnce(errors.at('sharedCounters'), spec.sharedCounters, mostCounterSets, validateCounterSet, (set) => set.name)
}

/** From which nodes the devices are reached: said in one of four ways. */
function validateNodes({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection }: ResourceSliceSpec, errors: FieldErrors): void {
  const set: string[] = []
  if (nodeName) {
    set.push('`nodeName`')
    dnsSubdomain(errors, 'nodeName', nodeName)
  } else if (nodeName === '') errors.at('nodeName').invalid(nodeName, 'must be either unset or set to a non-empty string')
  if (nodeSelector) {
    set.push('`nodeSelector`')
    const at = errors.at('nodeSelector')
    validateNodeSelector(nodeSelector, at)
    // One term merges with those of other slices.
    if (nodeSelector.nodeSelectorTerms?.length !== 1) at.at('nodeSelectorTerms').invalid(internalTerms(nodeSelector.nodeSelectorTerms), 'must have exactly one node selector term')
  }
  for (const [field, value] of Object.entries({ allNodes, perDeviceNodeSelection })) {
    if (value) set.push(`\`${field}\``)
    else if (value === false) errors.at(field).invalid(value, 'must be either unset or set to true')
  }
  if (set.length === 0) errors.required(oneOfNodes)
  else if (set.length > 1) errors.invalid(`{${set.join(', ')}}`, `${oneOfNodes}, but multiple fields are set`)
}
