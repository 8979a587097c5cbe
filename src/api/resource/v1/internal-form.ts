// The original's messages show its internal form of a claim and of what belongs to it: Go's names, and every field.
import type { NodeSelectorTerm } from '#api/core/v1/types'
import type {
  CapacityRequirements, DeviceAttribute, DeviceClaim, DeviceClaimConfiguration, DeviceSelector, DeviceToleration, ExactDeviceRequest, ResourceClaimSpec, ResourceClaimTemplateSpec,
} from './types'

const listOf = <T>(list: readonly T[] | undefined | null, part: (item: T) => unknown): unknown => list?.map(part) ?? null

export const internalClaim = ({ devices }: ResourceClaimSpec): unknown => ({ Devices: internalDevices(devices) })

/** Metadata is the same in every form, and stands beside the spec. */
export const internalTemplate = ({ metadata, spec }: ResourceClaimTemplateSpec): unknown => ({ ...asWritten(metadata), Spec: internalClaim(spec) })

const metadataOrder = [
  'name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds',
  'labels', 'annotations', 'ownerReferences', 'finalizers', 'managedFields',
] as const

/** In the order in which the original writes it, whatever the order in which it came. */
function asWritten(metadata: ResourceClaimTemplateSpec['metadata'] = {} as never): object {
  const written: Record<string, unknown> = {}
  for (const field of metadataOrder) {
    const value = metadata[field]
    if (value === undefined || value === null) continue
    written[field] = field === 'labels' || field === 'annotations' ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
  }
  return written
}

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
const internalConfiguration = ({ opaque }: Pick<DeviceClaimConfiguration, 'opaque'>): object => ({
  Opaque: opaque ? { Driver: opaque.driver, Parameters: opaque.parameters ?? null } : null,
})

export const internalAttribute = ({ int, bool, string, version, ints, bools, strings, versions }: DeviceAttribute): unknown => ({
  IntValue: int ?? null, BoolValue: bool ?? null, StringValue: string ?? null, VersionValue: version ?? null,
  IntValues: ints ?? null, BoolValues: bools ?? null, StringValues: strings ?? null, VersionValues: versions ?? null,
})

export const internalDeviceId = ({ driver = '', pool = '', device = '', shareID = '' }: { driver?: string; pool?: string; device?: string; shareID?: string }): unknown => ({
  Driver: driver, Pool: pool, Device: device, ShareID: shareID,
})

export function internalTerms(terms: readonly NodeSelectorTerm[] | undefined | null): unknown {
  const requirements = (list: NodeSelectorTerm['matchFields']): unknown => listOf(list, ({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null }))
  return listOf(terms, ({ matchExpressions, matchFields }) => ({ MatchExpressions: requirements(matchExpressions), MatchFields: requirements(matchFields) }))
}
