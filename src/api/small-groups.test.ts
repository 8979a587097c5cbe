// Rules of groups that have one kind or two, by what they refuse and what they let pass.
import { expect, test } from 'vitest'
import { horizontalpodautoscalers } from './autoscaling/v2/horizontal-pod-autoscaler'
import { leases } from './coordination/v1/lease'
import { events } from './core/v1/event'
import { endpointslices } from './discovery/v1/endpoint-slice'
import { priorityclasses } from './scheduling/v1/priority-class'
import { runtimeclasses } from './node/v1/runtime-class'
import { poddisruptionbudgets } from './policy/v1/pod-disruption-budget'
import { context, created, decoded, refusals, updateRefusals } from './testing/written'

const gates = (...on: string[]) => ({ ...context, enabled: (gate: string) => on.includes(gate) })
const newer = { ...context, apiVersion: 'events.k8s.io/v1' }

test('the newer version of events is strict, the older one is not', async () => {
  const event = { involvedObject: { kind: 'Pod', namespace: 'ns' }, type: 'Sometimes', count: 1, series: { count: 1 } }
  expect(await refusals(events, event)).toEqual([])
  expect(await refusals(events, event, newer)).toEqual([
    'series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value', 'eventTime: Required value', 'type: Invalid value: "": has invalid value: Sometimes',
    'count: Invalid value: "": needs to be unset',
  ])
  const before = { metadata: { resourceVersion: '1' }, involvedObject: { kind: 'Pod', namespace: 'ns' }, reason: 'A' }
  expect(await updateRefusals(events, before, { ...before, reason: 'B' })).toEqual([])
  expect(await updateRefusals(events, before, { ...before, reason: 'B', reportingComponent: 'a', involvedObject: { kind: 'Node', namespace: 'ns' } }, events, newer)).toEqual([
    'involvedObject: Invalid value: {"Kind":"Node","Namespace":"ns","Name":"","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}: field is immutable',
    'reason: Invalid value: "B": field is immutable', 'reason: Invalid value: "B": field is immutable', 'reportingController: Invalid value: "a": field is immutable',
  ])
})

test('autoscalers: none below one without the gate, and what was let through may stay', async () => {
  const autoscaler = (more: object, apiVersion?: string) => ({ spec: { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion }, maxReplicas: 3, ...more } })
  expect(await refusals(horizontalpodautoscalers, autoscaler({ minReplicas: 0 }, 'apps/v1'), gates())).toEqual([
    'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1', 'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas',
  ])
  const external = { minReplicas: 0, metrics: [{ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '1' } } }] }
  expect(await refusals(horizontalpodautoscalers, autoscaler(external, 'apps/v1'), gates('HPAScaleToZero'))).toEqual([])
  expect(await refusals(horizontalpodautoscalers, autoscaler({}))).toEqual(['spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'])
  expect(await updateRefusals(horizontalpodautoscalers, autoscaler({}), autoscaler({ maxReplicas: 4 }))).toEqual([])
  const container = { metrics: [{ type: 'ContainerResource', containerResource: { name: 'Cpus', container: 'A', target: { type: 'Utilization', averageUtilization: 1 } } }] }
  expect(await refusals(horizontalpodautoscalers, autoscaler(container, 'apps/v1'))).toEqual([
    'spec.metrics[0].containerResource.name: Invalid value: "Cpus": must be a standard resource type or fully qualified',
    'spec.metrics[0].containerResource.name: Invalid value: "Cpus": must be a standard resource for containers', expect.stringContaining('spec.metrics[0].containerResource.container: Invalid value: "A"'),
  ])
})

test('a lease says who is to be preferred only behind its gate', async () => {
  const lease = await decoded(leases, { spec: { strategy: 'Best', preferredHolder: 'a' } })
  leases.prepareForCreate!(lease, gates())
  expect(lease.spec).toEqual({})
  expect(await refusals(leases, { spec: { strategy: 'Best' } })).toEqual(['spec.strategy.strategy: Unsupported value: "Best": supported values: "OldestEmulationVersion"'])
})

test('slices: topology goes but its node stays, annotations do not count, what stands may stay', async () => {
  const slice = (endpoint: object, metadata: object = {}) => ({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], ...endpoint }], metadata })
  expect((await created(endpointslices, slice({ deprecatedTopology: { 'kubernetes.io/hostname': 'n' } }))).endpoints).toEqual([{ addresses: ['10.0.0.1'], conditions: {} }])
  const old = await created(endpointslices, slice({}))
  const annotated = await decoded(endpointslices, slice({}, { annotations: { a: 'b' } }))
  endpointslices.prepareForUpdate!(annotated, old, context)
  expect(annotated.metadata.generation).toBe(1)
  expect(await refusals(endpointslices, slice({ addresses: ['10.0.0.01'] }))).toEqual(['endpoints[0].addresses[0]: Invalid value: "10.0.0.01": must not have leading 0s'])
  expect(await updateRefusals(endpointslices, slice({ addresses: ['10.0.0.01'] }), slice({ addresses: ['10.0.0.01'] }))).toEqual([])
  expect(await refusals(endpointslices, { addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1'] }] })).toEqual(['endpoints[0].addresses[0]: Invalid value: "FD00::1": must be in canonical form ("fd00::1")'])
})

test('slices: what stands for nothing', async () => {
  expect(await refusals(endpointslices, { addressType: 'FQDN', endpoints: [{ addresses: [''] }], ports: [{ port: 80, protocol: '' }] })).toEqual([
    'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"', 'endpoints[0].addresses[0]: Required value',
  ])
})

test('rules without policies, and classes that change', async () => {
  const autoscaler = { spec: { scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3, behavior: { scaleUp: { policies: [] } } } }
  expect(await refusals(horizontalpodautoscalers, autoscaler)).toEqual(['spec.behavior.scaleUp.policies: Required value: must specify at least one Policy'])
  expect(await updateRefusals(priorityclasses, { value: 1 }, { value: 2_000_000_000, preemptionPolicy: 'x' })).toEqual([
    'value: Forbidden: may not be changed in an update.', 'preemptionPolicy: Invalid value: "x": field is immutable',
  ])
})

test('runtime classes and budgets', async () => {
  expect(await refusals(runtimeclasses, { handler: '', overhead: { podFixed: { cpu: '-1' } }, scheduling: { tolerations: [{ key: 'a' }, { key: 'a' }] } })).toEqual([
    'handler: Required value', expect.stringContaining('overhead.limits[cpu]: Invalid value: "-1"'), 'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"","Value":"","Effect":"","TolerationSeconds":null}',
  ])
  const budget = (status: object) => ({ spec: {}, status })
  expect(await updateRefusals(poddisruptionbudgets, budget({}), budget({ conditions: [{ type: 'A', status: 'Maybe', reason: '1', message: '' }] }), poddisruptionbudgets.subresources['status'] as never)).toEqual([
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"', 'status.conditions[0].lastTransitionTime: Required value',
    expect.stringContaining('status.conditions[0].reason: Invalid value: "1": a condition reason must start with alphabetic character'),
  ])
})
