// What schedulers, controllers and drivers may write down about a claim.
import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { eachOf, eachOnce } from '../../bounded-lists'
import { validateConditions } from '../../conditions'
import { interfaceAddress } from '../../ip-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { immutable } from '../../strategies'
import { validateNodeSelector } from '../../core/v1/affinity-validation'
import { requestNames, validateReferences, validateRequestReference, type RequestNames } from './device-claims'
import { validateConfiguration, validateRaw } from './device-configuration'
import { internalDeviceId } from './internal-form'
import { validateBindingConditions } from './device-tolerations'
import { driverName, label, poolName, shareId } from './names'
import type {
  AllocatedDeviceStatus, AllocationResult, DeviceAllocationConfiguration, DeviceRequestAllocationResult, NetworkDeviceData, ResourceClaim, ResourceClaimConsumerReference, ResourceClaimStatus,
} from './types'

const mostConsumers = 256
const mostResults = 32
/** Those of the class and those of the claim. */
const mostConfigurations = 64
const mostConditions = 8
const longestData = 10 * 1024

/** `driver/pool/device`, and the share where a device has several. */
const idOf = ({ driver, pool, device, shareID }: { driver: string; pool: string; device: string; shareID?: string }): string => `${driver}/${pool}/${device}${shareID ? `/${shareID}` : ''}`
const allocated = ({ allocation }: ResourceClaimStatus): Set<string> => new Set((allocation?.devices.results ?? []).map(idOf))

/** What a driver said of a device goes with the device's allocation. */
export function dropDeallocated({ status }: ResourceClaim, old: ResourceClaim): void {
  if (!status.devices) return
  const gone = allocated(old.status)
  for (const id of allocated(status)) gone.delete(id)
  status.devices = status.devices.filter((device) => !gone.has(idOf(device)))
  if (status.devices.length === 0) delete status.devices
}

export function validateClaimStatus({ spec, status, metadata }: ResourceClaim, old: ResourceClaim, errors: FieldErrors): void {
  const { reservedFor = [], allocation, devices } = status
  const atReserved = errors.at('reservedFor')
  eachOnce(atReserved, reservedFor, mostConsumers, validateConsumer, ({ uid }) => uid)
  const known = allocated(status)
  eachOnce(errors.at('devices'), devices, -1, (device, at) => validateDeviceStatus(device, known, at), idOf, internalDeviceId)
  if (reservedFor.length > 0) {
    if (!allocation) atReserved.forbidden('may not be specified when `allocated` is not set')
    else if (metadata.deletionTimestamp && reservedFor.some((consumer) => !old.status.reservedFor?.some((before) => semanticallyEqual(before, consumer)))) {
      atReserved.forbidden('new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set')
    }
  }
  if (allocation && old.status.allocation) immutable(errors, 'allocation', allocation, old.status.allocation)
  else if (allocation) validateAllocation(allocation, requestNames(spec.devices), errors.at('allocation'))
}

function validateConsumer({ resource, name, uid }: ResourceClaimConsumerReference, errors: FieldErrors): void {
  if (!resource) errors.at('resource').required()
  if (!name) errors.at('name').required()
  if (!uid) errors.at('uid').required()
}

function validateAllocation({ devices, nodeSelector }: AllocationResult, names: RequestNames, errors: FieldErrors): void {
  const at = errors.at('devices')
  eachOf(at.at('results'), devices.results, mostResults, (result, here) => validateResult(result, names, here))
  eachOf(at.at('config'), devices.config, mostConfigurations, (config, here) => validateAllocatedConfiguration(config, names, here))
  if (nodeSelector) validateNodeSelector(nodeSelector, errors.at('nodeSelector'))
}

function validateResult(result: DeviceRequestAllocationResult, names: RequestNames, errors: FieldErrors): void {
  validateRequestReference(errors.at('request'), result.request, names)
  validateDeviceName(result, errors)
  validateBindingConditions(result, errors)
  if (result.shareID !== undefined) shareId(errors.at('shareID'), result.shareID)
}

function validateDeviceName({ driver, pool, device }: { driver: string; pool: string; device: string }, errors: FieldErrors): void {
  driverName(driver, errors)
  poolName(errors, 'pool', pool)
  label(errors.at('device'), device)
}

function validateAllocatedConfiguration(config: DeviceAllocationConfiguration, names: RequestNames, errors: FieldErrors): void {
  const sources = ['FromClaim', 'FromClass']
  if (!config.source) errors.at('source').required()
  else if (!sources.includes(config.source)) errors.at('source').notSupported(config.source, sources)
  validateReferences(errors.at('requests'), config.requests, names)
  validateConfiguration(config, errors)
}

function validateDeviceStatus(device: AllocatedDeviceStatus, known: ReadonlySet<string>, errors: FieldErrors): void {
  validateDeviceName(device, errors)
  if (device.shareID !== undefined) shareId(errors.at('shareID'), device.shareID)
  if (!known.has(idOf(device))) errors.invalid(internalDeviceId(device), 'must be an allocated device in the claim')
  const conditions = device.conditions ?? []
  if (conditions.length > mostConditions) errors.at('conditions').tooMany(conditions.length, mostConditions)
  validateConditions(errors.at('conditions'), conditions)
  if (device.data !== undefined && device.data !== null) validateRaw(errors.at('data'), device.data, longestData)
  if (device.networkData) validateNetworkData(device.networkData, errors.at('networkData'))
}

function validateNetworkData({ interfaceName = '', hardwareAddress = '', ips }: NetworkDeviceData, errors: FieldErrors): void {
  if (byteLength(interfaceName) > 256) errors.at('interfaceName').tooLong(256)
  if (byteLength(hardwareAddress) > 128) errors.at('hardwareAddress').tooLong(128)
  const list = errors.at('ips')
  eachOnce(list, ips, 16, (ip, _at, i) => interfaceAddress(list, i, ip), (ip) => ip)
}
