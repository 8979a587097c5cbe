// resource.k8s.io/v1beta1: requests were flat, and what is known of a device lay in a part of its own.
import type { KubeObject } from '#apimachinery/object'
import { schemaIn, type Version } from '#apimachinery/resource'
import type * as older from '../v1beta1/types'
import { deprecation } from '../../same-shape'
import type { Device, DeviceClaim, DeviceRequest, ExactDeviceRequest, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from './types'

const [apiVersion, stored] = ['resource.k8s.io/v1beta1', 'resource.k8s.io/v1'] as const

const version = <T extends KubeObject>(kind: string, convert: { toStorage(object: never): unknown; fromStorage(object: T): unknown }): Readonly<Record<string, Version<T>>> => ({
  [apiVersion]: {
    schema: schemaIn(() => import('../v1beta1/types.gen'), kind), deprecated: deprecation(apiVersion, kind, 35),
    toStorage: (object) => convert.toStorage(object as never) as T, fromStorage: (object) => convert.fromStorage(object) as KubeObject,
  },
})

export const claimsV1beta1 = version<ResourceClaim>('ResourceClaim', {
  toStorage: ({ spec, ...rest }: older.ResourceClaim) => ({ ...rest, apiVersion: stored, spec: { ...spec, devices: devicesToStorage(spec.devices) } }),
  fromStorage: ({ spec, ...rest }) => ({ ...rest, apiVersion, spec: { ...spec, devices: devicesFromStorage(spec.devices) } }),
})

export const claimTemplatesV1beta1 = version<ResourceClaimTemplate>('ResourceClaimTemplate', {
  toStorage: ({ spec, ...rest }: older.ResourceClaimTemplate) => ({ ...rest, apiVersion: stored, spec: { ...spec, spec: { ...spec.spec, devices: devicesToStorage(spec.spec.devices) } } }),
  fromStorage: ({ spec, ...rest }) => ({ ...rest, apiVersion, spec: { ...spec, spec: { ...spec.spec, devices: devicesFromStorage(spec.spec.devices) } } }),
})

export const slicesV1beta1 = version<ResourceSlice>('ResourceSlice', {
  toStorage({ spec: { nodeName, allNodes, devices, ...spec }, ...rest }: older.ResourceSlice) {
    return { ...rest, apiVersion: stored, spec: { ...spec, ...(nodeName ? { nodeName } : {}), ...(allNodes ? { allNodes } : {}), ...(devices ? { devices: devices.map(deviceToStorage) } : {}) } }
  },
  fromStorage: ({ spec: { devices, ...spec }, ...rest }) => ({ ...rest, apiVersion, spec: { ...spec, ...(devices ? { devices: devices.map(deviceFromStorage) } : {}) } }),
})

export const deviceToStorage = ({ name, basic }: older.Device): Device => ({ name, ...basic })
export const deviceFromStorage = ({ name, ...basic }: Device): older.Device => ({ name, basic })

const devicesToStorage = ({ requests, ...rest }: older.DeviceClaim): DeviceClaim => ({ ...rest, ...(requests ? { requests: requests.map(requestToStorage) } : requests === undefined ? {} : { requests }) })
const devicesFromStorage = ({ requests, ...rest }: DeviceClaim): older.DeviceClaim => ({ ...rest, ...(requests ? { requests: requests.map(requestFromStorage) } : requests === undefined ? {} : { requests }) })

/** A request that says anything about devices is an exact one, whether or not that is enough. */
function requestToStorage({ name, firstAvailable, deviceClassName = '', ...more }: older.DeviceRequest): DeviceRequest {
  const isExact = deviceClassName !== '' || Object.values(more).some((value) => value !== undefined)
  const exactly = { deviceClassName, ...more, ...(deviceClassName === '' ? {} : { allocationMode: more.allocationMode ?? 'ExactCount' }) } as ExactDeviceRequest
  return { name, ...(isExact ? { exactly } : {}), ...(firstAvailable ? { firstAvailable } : {}) }
}

const requestFromStorage = ({ name, exactly, firstAvailable }: DeviceRequest): older.DeviceRequest => ({ name, ...(exactly ?? { deviceClassName: '' }), ...(firstAvailable ? { firstAvailable } : {}) })
