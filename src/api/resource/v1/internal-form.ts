// The original's messages show its internal form of a claim and of what belongs to it: Go's names, and every field.
import type { NodeSelectorTerm } from '#api/core/v1/types'
import type { CapacityRequirements, DeviceAttribute, DeviceClaim, DeviceClaimConfiguration, DeviceSelector, DeviceToleration, ExactDeviceRequest, ResourceClaimSpec, ResourceClaimTemplateSpec } from './types'

const listOf = <T>(list: readonly T[] | undefined | null, part: (item: T) => unknown): unknown => list?.map(part) ?? null

export const internalClaim = ({ devices }: ResourceClaimSpec): unknown => ({ Devices: internalDevices(devices) })

/** Metadata is the same in every form, and stands beside the spec. */
export const internalTemplate = ({ metadata, spec }: ResourceClaimTemplateSpec): unknown => ({ ...metadata, Spec: internalClaim(spec) })

function internalDevices({ requests, constraints, config }: DeviceClaim): unknown {
  return {
    Requests: listOf(requests, ({ name, exactly, firstAvailable }) => ({
      Name: name, Exactly: exactly ? { ...internalStart(exactly), AdminAccess: exactly.adminAccess ?? null, ...internalEnd(exactly) } : null,
      FirstAvailable: listOf(firstAvailable, (one) => ({ Name: one.name, ...internalStart(one), ...internalEnd(one) })),
    })),
    Constraints: listOf(constraints, (one) => ({ Requests: one.requests ?? null, MatchAttribute: one.matchAttribute ?? null, DistinctAttribute: one.distinctAttribute ?? null })),
    Config: listOf(config, (one) => ({ Requests: one.requests ?? null, ...internalConfiguration(one) })),
  }
}

type Asked = Pick<ExactDeviceRequest, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'tolerations' | 'capacity'>

const internalStart = ({ deviceClassName, selectors, allocationMode = '', count = 0 }: Asked): object => ({
  DeviceClassName: deviceClassName, Selectors: listOf(selectors, internalSelector), AllocationMode: allocationMode, Count: count,
})
const internalEnd = ({ tolerations, capacity }: Asked): object => ({ Tolerations: listOf(tolerations, internalToleration), Capacity: internalCapacity(capacity) })

const internalSelector = ({ cel }: DeviceSelector): unknown => ({ CEL: cel ? { Expression: cel.expression } : null })
const internalToleration = ({ key = '', operator = '', value = '', effect = '', tolerationSeconds }: DeviceToleration): unknown => ({
  Key: key, Operator: operator, Value: value, Effect: effect, TolerationSeconds: tolerationSeconds ?? null,
})
const internalCapacity = (capacity: CapacityRequirements | undefined): unknown => (capacity ? { Requests: capacity.requests ?? null } : null)
const internalConfiguration = ({ opaque }: Pick<DeviceClaimConfiguration, 'opaque'>): object => ({ Opaque: opaque ? { Driver: opaque.driver, Parameters: opaque.parameters ?? null } : null })

export const internalAttribute = ({ int = null, bool = null, string = null, version = null, ints = null, bools = null, strings = null, versions = null }: Nullable<DeviceAttribute>): unknown => ({
  IntValue: int, BoolValue: bool, StringValue: string, VersionValue: version, IntValues: ints, BoolValues: bools, StringValues: strings, VersionValues: versions,
})
type Nullable<T> = { readonly [K in keyof T]: T[K] | null }

export const internalDeviceId = ({ driver = '', pool = '', device = '', shareID = '' }: { driver?: string; pool?: string; device?: string; shareID?: string }): unknown => ({
  Driver: driver, Pool: pool, Device: device, ShareID: shareID,
})

export function internalTerms(terms: readonly NodeSelectorTerm[] | undefined | null): unknown {
  const requirements = (list: NodeSelectorTerm['matchFields']): unknown => listOf(list, ({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null }))
  return listOf(terms, ({ matchExpressions, matchFields }) => ({ MatchExpressions: requirements(matchExpressions), MatchFields: requirements(matchFields) }))
}
