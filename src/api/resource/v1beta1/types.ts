// The resource/v1beta1 types in wire form. Owned by hand; CONTRIBUTING.md says what the tags mean.
import type { NodeSelector } from '#api/core/v1/types'
import type { Int64, ListMap, Quantity, RawExtension, Time } from '#apimachinery/meta/v1/scalars'
import type { Condition, ObjectMeta } from '#apimachinery/meta/v1/types'

export interface AllocatedDeviceStatus {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @required @always */ pool: string
  /** @proto 3 @required @always */ device: string
  /** @proto 7 @pointer */ shareID?: string
  /** @proto 4 @always null */ conditions?: ListMap<Condition, 'type'>
  /** @proto 5 @pointer */ data?: RawExtension
  /** @proto 6 */ networkData?: NetworkDeviceData
}

export interface AllocationResult {
  /** @proto 1 @always */ devices: DeviceAllocationResult
  /** @proto 3 */ nodeSelector?: NodeSelector
  /** @proto 5 @pointer */ allocationTimestamp?: Time
}

export interface BasicDevice {
  /** @proto 1 */ attributes?: Record<string, DeviceAttribute>
  /** @proto 2 */ capacity?: Record<string, DeviceCapacity>
  /** @proto 3 @atomic */ consumesCounters?: DeviceCounterConsumption[]
  /** @proto 4 @pointer */ nodeName?: string
  /** @proto 5 */ nodeSelector?: NodeSelector
  /** @proto 6 @pointer */ allNodes?: boolean
  /** @proto 7 @atomic */ taints?: DeviceTaint[]
  /** @proto 8 @pointer */ bindsToNode?: boolean
  /** @proto 9 @atomic */ bindingConditions?: string[]
  /** @proto 10 @atomic */ bindingFailureConditions?: string[]
  /** @proto 11 @pointer */ allowMultipleAllocations?: boolean
  /** @proto 12 */ nodeAllocatableResourceMappings?: Record<string, NodeAllocatableResourceMapping>
}

export interface CELDeviceSelector {
  /** @proto 1 @required @always */ expression: string
}

export interface CapacityRequestPolicy {
  /** @proto 1 @always null */ default?: Quantity
  /** @proto 3 @atomic */ validValues?: Quantity[]
  /** @proto 4 */ validRange?: CapacityRequestPolicyRange
}

export interface CapacityRequestPolicyRange {
  /** @proto 1 @required @pointer */ min: Quantity
  /** @proto 2 @pointer */ max?: Quantity
  /** @proto 3 @pointer */ step?: Quantity
}

export interface CapacityRequirements {
  /** @proto 1 */ requests?: Record<string, Quantity>
}

export interface Counter {
  /** @proto 1 @required @always */ value: Quantity
}

export interface CounterSet {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required */ counters: Record<string, Counter>
}

export interface Device {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 */ basic?: BasicDevice
}

export interface DeviceAllocationConfiguration {
  /** @proto 1 @required @always */ source: string
  /** @proto 2 @atomic */ requests?: string[]
  /** @proto 3.1 */ opaque?: OpaqueDeviceConfiguration
}

export interface DeviceAllocationResult {
  /** @proto 1 @atomic */ results?: DeviceRequestAllocationResult[]
  /** @proto 2 @atomic */ config?: DeviceAllocationConfiguration[]
}

export interface DeviceAttribute {
  /** @proto 2 @pointer */ int?: Int64
  /** @proto 3 @pointer */ bool?: boolean
  /** @proto 4 @pointer */ string?: string
  /** @proto 5 @pointer */ version?: string
  /** @proto 6 @atomic */ ints?: Int64[]
  /** @proto 7 @atomic */ bools?: boolean[]
  /** @proto 8 @atomic */ strings?: string[]
  /** @proto 9 @atomic */ versions?: string[]
}

export interface DeviceCapacity {
  /** @proto 1 @required @always */ value: Quantity
  /** @proto 2 */ requestPolicy?: CapacityRequestPolicy
}

export interface DeviceClaim {
  /** @proto 1 @always null @atomic */ requests?: DeviceRequest[]
  /** @proto 2 @atomic */ constraints?: DeviceConstraint[]
  /** @proto 3 @atomic */ config?: DeviceClaimConfiguration[]
}

export interface DeviceClaimConfiguration {
  /** @proto 1 @atomic */ requests?: string[]
  /** @proto 2.1 */ opaque?: OpaqueDeviceConfiguration
}

export interface DeviceClass {
  apiVersion: 'resource.k8s.io/v1beta1'
  kind: 'DeviceClass'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: DeviceClassSpec
}

export interface DeviceClassConfiguration {
  /** @proto 1.1 */ opaque?: OpaqueDeviceConfiguration
}

export interface DeviceClassSpec {
  /** @proto 1 @atomic */ selectors?: DeviceSelector[]
  /** @proto 2 @atomic */ config?: DeviceClassConfiguration[]
  /** @proto 4 @pointer */ extendedResourceName?: string
}

export interface DeviceConstraint {
  /** @proto 1 @atomic */ requests?: string[]
  /** @proto 2 @pointer */ matchAttribute?: string
  /** @proto 3 @pointer */ distinctAttribute?: string
}

export interface DeviceCounterConsumption {
  /** @proto 1 @required @always */ counterSet: string
  /** @proto 2 @required */ counters: Record<string, Counter>
}

export interface DeviceRequest {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @always */ deviceClassName?: string
  /** @proto 3 @atomic */ selectors?: DeviceSelector[]
  /** @proto 4 */ allocationMode?: string
  /** @proto 5 */ count?: Int64
  /** @proto 6 @pointer */ adminAccess?: boolean
  /** @proto 7 @atomic */ firstAvailable?: DeviceSubRequest[]
  /** @proto 8 @atomic */ tolerations?: DeviceToleration[]
  /** @proto 9 */ capacity?: CapacityRequirements
}

export interface DeviceRequestAllocationResult {
  /** @proto 1 @required @always */ request: string
  /** @proto 2 @required @always */ driver: string
  /** @proto 3 @required @always */ pool: string
  /** @proto 4 @required @always */ device: string
  /** @proto 5 @pointer */ adminAccess?: boolean
  /** @proto 6 @atomic */ tolerations?: DeviceToleration[]
  /** @proto 7 @atomic */ bindingConditions?: string[]
  /** @proto 8 @atomic */ bindingFailureConditions?: string[]
  /** @proto 9 @pointer */ shareID?: string
  /** @proto 10 */ consumedCapacity?: Record<string, Quantity>
}

export interface DeviceSelector {
  /** @proto 1 */ cel?: CELDeviceSelector
}

export interface DeviceSubRequest {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ deviceClassName: string
  /** @proto 3 @atomic */ selectors?: DeviceSelector[]
  /** @proto 4 @default "ExactCount" */ allocationMode?: string
  /** @proto 5 */ count?: Int64
  /** @proto 7 @atomic */ tolerations?: DeviceToleration[]
  /** @proto 8 */ capacity?: CapacityRequirements
}

export interface DeviceTaint {
  /** @proto 1 @required @always */ key: string
  /** @proto 2 */ value?: string
  /** @proto 3 @required @always */ effect: string
  /** @proto 4 @pointer */ timeAdded?: Time
}

export interface DeviceToleration {
  /** @proto 1 */ key?: string
  /** @proto 2 @default "Equal" */ operator?: string
  /** @proto 3 */ value?: string
  /** @proto 4 */ effect?: string
  /** @proto 5 @pointer */ tolerationSeconds?: Int64
}

export interface NetworkDeviceData {
  /** @proto 1 */ interfaceName?: string
  /** @proto 2 @atomic */ ips?: string[]
  /** @proto 3 */ hardwareAddress?: string
}

export interface NodeAllocatableResourceMapping {
  /** @proto 1 @pointer */ capacityKey?: string
  /** @proto 2 @pointer */ allocationMultiplier?: Quantity
}

export interface OpaqueDeviceConfiguration {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @required @always null */ parameters: RawExtension
}

export interface ResourceClaim {
  apiVersion: 'resource.k8s.io/v1beta1'
  kind: 'ResourceClaim'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ResourceClaimSpec
  /** @proto 3 @always */ status: ResourceClaimStatus
}

export interface ResourceClaimConsumerReference {
  /** @proto 1 */ apiGroup?: string
  /** @proto 3 @required @always */ resource: string
  /** @proto 4 @required @always */ name: string
  /** @proto 5 @required @always */ uid: string
}

export interface ResourceClaimSpec {
  /** @proto 1 @always */ devices: DeviceClaim
}

export interface ResourceClaimStatus {
  /** @proto 1 */ allocation?: AllocationResult
  /** @proto 2 @merge uid */ reservedFor?: ListMap<ResourceClaimConsumerReference, 'uid'>
  /** @proto 4 */ devices?: ListMap<AllocatedDeviceStatus, 'driver' | 'device' | 'pool' | 'shareID'>
}

export interface ResourceClaimTemplate {
  apiVersion: 'resource.k8s.io/v1beta1'
  kind: 'ResourceClaimTemplate'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ResourceClaimTemplateSpec
}

export interface ResourceClaimTemplateSpec {
  /** @proto 1 @always */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ResourceClaimSpec
}

export interface ResourcePool {
  /** @proto 1 @required @always */ name: string
  /** @proto 2 @required @always */ generation: Int64
  /** @proto 3 @required @always */ resourceSliceCount: Int64
}

export interface ResourceSlice {
  apiVersion: 'resource.k8s.io/v1beta1'
  kind: 'ResourceSlice'
  /** @proto 1 */ metadata: ObjectMeta
  /** @proto 2 @required @always */ spec: ResourceSliceSpec
}

export interface ResourceSliceSpec {
  /** @proto 1 @required @always */ driver: string
  /** @proto 2 @required @always */ pool: ResourcePool
  /** @proto 3 */ nodeName?: string
  /** @proto 4 */ nodeSelector?: NodeSelector
  /** @proto 5 */ allNodes?: boolean
  /** @proto 6 @atomic */ devices?: Device[]
  /** @proto 7 @pointer */ perDeviceNodeSelection?: boolean
  /** @proto 8 @atomic */ sharedCounters?: CounterSet[]
}
