import { defineResource, schemaIn, type WriteContext } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { sameShape } from '../../same-shape'
import { bumpGenerationWhenSpecChanges, startGeneration } from '../../strategies'
import { validateSlice } from './slice-validation'
import { slicesV1beta1 } from './resource-v1beta1'
import type { Device, ResourceSlice } from './types'

export const resourceslices = defineResource<ResourceSlice>({
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', resource: 'resourceslices', namespaced: false,
  answersWithDeleted: true,
  versions: {
    'resource.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceSlice') },
    ...sameShape('resource.k8s.io/v1', 'ResourceSlice', {
      v1beta2: { deprecatedIn: 36, schema: schemaIn(() => import('#api/resource/v1beta2/types.gen'), 'ResourceSlice') },
    }),
    ...slicesV1beta1,
  },
  metadataChecks: { whole: 0, update: 1 },

  prepareForCreate(slice, context) {
    startGeneration(slice)
    stampTaints(slice, context)
    dropDisabled(slice, undefined, context)
  },
  prepareForUpdate(slice, old, context) {
    stampTaints(slice, context)
    bumpGenerationWhenSpecChanges(slice, old)
    dropDisabled(slice, old, context)
  },
  defaults({ spec }) {
    for (const { nodeAllocatableResourceMappings: mappings } of spec.devices ?? []) for (const name in mappings) mappings[name]!.allocationMultiplier ??= '1'
  },
  validateCreate: ({ spec }, errors) => validateSlice(spec, undefined, errors.at('spec')),
  validateUpdate: ({ spec }, old, errors) => validateSlice(spec, old.spec, errors.at('spec')),
  warnings: ({ spec: { driver } }) => (driver === driver.toLowerCase() ? [] : [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`]),
  columns: [
    nameColumn,
    column('Node', ({ spec }) => spec.nodeName ?? ''),
    column('Driver', ({ spec }) => spec.driver),
    column('Pool', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
  selectableFields: { 'spec.nodeName': ({ spec }) => spec.nodeName ?? '', 'spec.driver': ({ spec }) => spec.driver },
})

/** Each gate's fields, in a device or in one of its attributes or capacities. Those that are in use already stay. */
const gated: readonly { gate: string; of: (device: Device) => readonly object[]; fields: readonly string[] }[] = [
  { gate: 'DRADeviceTaints', of: (device) => [device], fields: ['taints'] },
  { gate: 'DRAPartitionableDevices', of: (device) => [device], fields: ['consumesCounters', 'nodeName', 'nodeSelector', 'allNodes'] },
  { gate: 'DRADeviceBindingConditions', of: (device) => [device], fields: ['bindingConditions', 'bindingFailureConditions', 'bindsToNode'] },
  { gate: 'DRAConsumableCapacity', of: (device) => [device, ...Object.values(device.capacity ?? {})], fields: ['allowMultipleAllocations', 'requestPolicy'] },
  { gate: 'DRANodeAllocatableResources', of: (device) => [device], fields: ['nodeAllocatableResourceMappings'] },
  { gate: 'DRAListTypeAttributes', of: (device) => Object.values(device.attributes ?? {}), fields: ['bools', 'ints', 'strings', 'versions'] },
]

function dropDisabled({ spec }: ResourceSlice, old: ResourceSlice | undefined, { enabled }: WriteContext): void {
  for (const { gate, of, fields } of gated) {
    if (enabled(gate) || (old?.spec.devices ?? []).some((device) => of(device).some((part) => fields.some((field) => field in part)))) continue
    for (const device of spec.devices ?? []) for (const part of of(device) as Record<string, unknown>[]) for (const field of fields) delete part[field]
    if (gate === 'DRAPartitionableDevices' && !old?.spec.sharedCounters && old?.spec.perDeviceNodeSelection === undefined) {
      delete spec.sharedCounters
      delete spec.perDeviceNodeSelection
    }
  }
}

/** A taint without a time is one of now: it is what evictions count from. */
function stampTaints({ spec }: ResourceSlice, { now }: WriteContext): void {
  for (const { taints } of spec.devices ?? []) for (const taint of taints ?? []) taint.timeAdded ??= now
}
