// Devices as drivers publish them, and the counters that they share.
import type { FieldErrors } from '#apimachinery/field-errors'
import { quantitySign } from '#apimachinery/quantity'
import { eachEntry, eachOf, eachOnce } from '../../bounded-lists'
import { dnsSubdomain } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { validateNodeSelector } from '../../core/v1/affinity-validation'
import { isNative } from '../../core/v1/resource-names'
import { countValues, validateAttribute } from './device-attributes'
import { validateSharedCapacity, validateWholeCapacity } from './device-capacity'
import { validateBindingConditions, validateTaint } from './device-tolerations'
import { attributeName, label, longestAttributeName } from './names'
import type { Counter, CounterSet, Device, DeviceCounterConsumption, NodeAllocatableResourceMapping } from './types'

const mostAttributes = 32
const mostValues = 48
const mostTaints = 16
const mostCounterSets = 2
const mostCounters = 32
const perDevice = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

export function validateDevice(device: Device, old: Device | undefined, ownNodes: boolean, errors: FieldErrors): void {
  label(errors.at('name'), device.name)
  const { attributes = {}, capacity = {} } = device
  const entries = Object.keys(attributes).length + Object.keys(capacity).length
  if (entries > mostAttributes) errors.invalid(entries, `the total number of attributes and capacities must not exceed ${mostAttributes}`)
  const values = countValues(attributes)
  if (values > mostValues) errors.invalid(values, `the total number of attribute values must not exceed ${mostValues}`)
  eachEntry(errors.at('attributes'), attributes, -1, longestAttributeName, attributeName, validateAttribute)
  eachEntry(errors.at('capacity'), capacity, -1, longestAttributeName, attributeName, device.allowMultipleAllocations ? validateSharedCapacity : validateWholeCapacity)
  if (!old || !semanticallyEqual(old.taints, device.taints)) eachOf(errors.at('taints'), device.taints, mostTaints, validateTaint)
  eachOnce(errors.at('consumesCounters'), device.consumesCounters, mostCounterSets, validateConsumption, ({ counterSet }) => counterSet)
  if (ownNodes) validateNodes(device, errors)
  else if (device.nodeName !== undefined || device.nodeSelector || device.allNodes !== undefined) {
    errors.invalid(null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec')
  }
  validateBindingConditions(device, errors)
  for (const [name, mapping] of Object.entries(device.nodeAllocatableResourceMappings ?? {})) {
    validateMapping(name, mapping, device.capacity, errors.at('nodeAllocatableResourceMappings').key(name))
  }
}

function validateNodes({ nodeName, nodeSelector, allNodes }: Device, errors: FieldErrors): void {
  const set: string[] = []
  if (nodeName) {
    set.push('`nodeName`')
    dnsSubdomain(errors, 'nodeName', nodeName)
  } else if (nodeName === '') errors.at('nodeName').invalid(nodeName, 'must not be empty')
  if (nodeSelector) {
    set.push('`nodeSelector`')
    validateNodeSelector(nodeSelector, errors.at('nodeSelector'))
  }
  if (allNodes) set.push('`allNodes`')
  else if (allNodes === false) errors.at('allNodes').invalid(allNodes, 'must be either unset or set to true')
  if (set.length === 0) errors.required(perDevice)
  else if (set.length > 1) errors.invalid(`{${set.join(', ')}}`, perDevice)
}

function validateMapping(name: string, { allocationMultiplier, capacityKey }: NodeAllocatableResourceMapping, capacity: Device['capacity'], errors: FieldErrors): void {
  if (!isNative(name)) errors.invalid(name, 'must be a node allocatable resource name')
  if (allocationMultiplier === undefined && capacityKey === undefined) return errors.invalid('', 'at least one of allocationMultiplier or capacityKey must be set')
  if (allocationMultiplier !== undefined && quantitySign(allocationMultiplier) <= 0) errors.at('allocationMultiplier').invalid(allocationMultiplier, 'must be positive')
  if (capacityKey === '') errors.at('capacityKey').invalid('', 'capacityKey must not be an empty string')
  else if (capacityKey !== undefined && !(capacity && Object.hasOwn(capacity, capacityKey))) errors.at('capacityKey').notFound(capacityKey)
}

/** Any amount that can be read is a count. */
const anyCount = (_counter: Counter): void => {}

function validateConsumption({ counterSet, counters }: DeviceCounterConsumption, errors: FieldErrors): void {
  validateCounters('counterSet', counterSet, counters, errors)
}
export function validateCounterSet({ name, counters }: CounterSet, errors: FieldErrors): void {
  validateCounters('name', name, counters, errors)
}

function validateCounters(field: string, name: string, counters: Readonly<Record<string, Counter>>, errors: FieldErrors): void {
  if (!name) errors.at(field).required()
  else label(errors.at(field), name)
  if (Object.keys(counters ?? {}).length === 0) errors.at('counters').required()
  else eachEntry(errors.at('counters'), counters, mostCounters, 63, label, anyCount)
}
