import { describe, expect, test } from 'vitest'
import { context, created, decoded, refusals, updateRefusals, type Body } from '../../testing/written'
import type { Strategy } from '#apimachinery/resource'
import { deviceclasses } from './device-class'
import { resourceclaims } from './resource-claim'
import { resourceclaimtemplates } from './resource-claim-template'
import { resourceslices } from './resource-slice'
import type { ResourceClaim } from './types'

const gpu = { name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }
const claim = (devices: object, more: object = {}): Body => ({ spec: { devices: { requests: [gpu], ...devices } }, ...more })
const opaque = (parameters: unknown): object => ({ opaque: { driver: 'gpu.example.com', parameters } })

describe('ResourceClaim', () => {
  test('a sound claim, its defaults', async () => {
    expect(await refusals(resourceclaims, claim({}))).toEqual([])
    const { spec } = await created(resourceclaims, claim({}))
    expect(spec.devices.requests![0]!.exactly).toMatchObject({ allocationMode: 'ExactCount', count: 1 })
  })

  test.each<[string, object, string[]]>([
    ['constraint without an attribute', { constraints: [{}] }, ['spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set']],
    ['attribute without a domain', { constraints: [{ matchAttribute: 'model' }] }, ['spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash']],
    ['reference to nobody', { constraints: [{ requests: ['b', 'b'], matchAttribute: 'a.b/c' }] }, [
      "spec.devices.constraints[0].requests[0]: Invalid value: \"b\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      "spec.devices.constraints[0].requests[1]: Invalid value: \"b\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      'spec.devices.constraints[0].requests[1]: Duplicate value: "b"',
    ]],
    ['configuration of nothing', { config: [{}] }, ['spec.devices.config[0].opaque: Required value']],
    ['parameters that are no object', { config: [opaque([1])] }, ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object']],
    ['long parameters', { config: [opaque({ a: 'x'.repeat(10 * 1024) })] }, ['spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes']],
    ['the same request twice', { requests: [gpu, gpu] }, ['spec.devices.requests[1]: Duplicate value: "gpu"']],
    ['a toleration', { requests: [{ name: 'gpu', exactly: { deviceClassName: 'c', tolerations: [{ operator: 'Exists', value: 'x' }, { operator: 'Like', effect: 'Often' }] } }] }, [
      'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "x": must be empty for operator `Exists`',
      'spec.devices.requests[0].exactly.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
      'spec.devices.requests[0].exactly.tolerations[1].effect: Unsupported value: "Often": supported values: "NoExecute", "NoSchedule", "None"',
    ]],
  ])('%s', async (_, devices, expected) => expect(await refusals(resourceclaims, claim(devices))).toEqual(expected))

  test('a request and its alternatives can be named', async () => {
    const requests = [{ name: 'gpu', firstAvailable: [{ name: 'big', deviceClassName: 'c' }] }]
    expect(await refusals(resourceclaims, claim({ requests, constraints: [{ requests: ['gpu/big', 'gpu'], matchAttribute: 'a.b/c' }] }))).toEqual([])
  })

  const status = resourceclaims.subresources['status'] as unknown as Strategy<ResourceClaim>
  const result = { request: 'gpu', driver: 'd.example.com', pool: 'p', device: 'x' }
  const allocation = { devices: { results: [result] } }
  const judged = async (before: object, after: object, metadata: object = {}): Promise<string[]> => {
    const old = await decoded(resourceclaims, claim({}, { status: before, metadata }))
    const errors: string[] = []
    const updated = await decoded(resourceclaims, claim({}, { status: after, metadata }))
    status.prepareForUpdate?.(updated, old, context)
    const { FieldErrors } = await import('#apimachinery/field-errors')
    const found = new FieldErrors()
    status.validateUpdate?.(updated, old, found, context)
    for (const { field, message } of found.all) errors.push(`${field}: ${message}`)
    return errors
  }

  test('allocations are judged when they come and do not change', async () => {
    expect(await judged({}, { allocation })).toEqual([])
    expect(await judged({}, { allocation: { devices: { results: [{ ...result, request: 'other', pool: 'A', shareID: 'x' }], config: [{ source: 'FromMoon', ...opaque({}) }] } } })).toEqual([
      "status.allocation.devices.results[0].request: Invalid value: \"other\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
      expect.stringContaining('status.allocation.devices.results[0].pool: Invalid value: "A"'),
      'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
      'status.allocation.devices.config[0].source: Unsupported value: "FromMoon": supported values: "FromClaim", "FromClass"',
    ])
    expect(await judged({ allocation }, { allocation: { devices: { results: [{ ...result, device: 'y' }] } } })).toEqual([expect.stringContaining('status.allocation: Invalid value')])
  })

  test('who may reserve a claim', async () => {
    const consumer = { resource: 'pods', name: 'a', uid: '1' }
    expect(await judged({}, { reservedFor: [consumer] })).toEqual(['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'])
    expect(await judged({ allocation }, { allocation, reservedFor: [consumer] }, { deletionTimestamp: '2026-11-01T10:00:00Z' })).toEqual([
      'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    ])
    expect(await judged({ allocation }, { allocation, reservedFor: [{ ...consumer, name: '' }, consumer] })).toEqual(['status.reservedFor[0].name: Required value', 'status.reservedFor[1]: Duplicate value: "1"'])
  })

  test('what drivers say of devices goes with the allocation', async () => {
    const devices = [{ driver: 'd.example.com', pool: 'p', device: 'x', networkData: { ips: ['10.0.0.5/24'] } }]
    expect(await judged({ allocation }, { allocation, devices })).toEqual([])
    expect(await judged({ allocation }, { allocation, devices: [{ ...devices[0], device: 'z', networkData: { ips: ['10.0.0.5', '10.0.0.005/24'] } }] })).toEqual([
      'status.devices[0]: Invalid value: {"Driver":"d.example.com","Pool":"p","Device":"z","ShareID":""}: must be an allocated device in the claim',
      'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.5": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'status.devices[0].networkData.ips[1]: Invalid value: "10.0.0.005/24": must be in canonical form ("10.0.0.5/24")',
    ])
    const old = await decoded(resourceclaims, claim({}, { status: { allocation, devices } }))
    const next = await decoded(resourceclaims, claim({}, { status: { devices } }))
    status.prepareForUpdate?.(next, old, context)
    expect(next.status).toEqual({})
  })

  test('the spec does not change', async () => {
    expect(await updateRefusals(resourceclaims, claim({}), claim({ requests: [{ name: 'g', exactly: { deviceClassName: 'c', selectors: [{ cel: { expression: 'true' } }], capacity: { requests: { m: '1' } } } }] }))).toEqual([
      'spec: Invalid value: {"Devices":{"Requests":[{"Name":"g","Exactly":{"DeviceClassName":"c","Selectors":[{"CEL":{"Expression":"true"}}],"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":{"Requests":{"m":"1"}}},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
    ])
  })
})

test('templates are judged as claims are, and do not change', async () => {
  const template = (requests: object[], metadata: object = {}): Body => ({ spec: { metadata, spec: { devices: { requests } } } })
  expect(await refusals(resourceclaimtemplates, template([{ name: 'gpu' }], { labels: { 'a b': '' } }))).toEqual([
    expect.stringContaining('spec.metadata.labels: Invalid value: "a b"'), 'spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ])
  expect(await refusals(resourceclaimtemplates, template([gpu], { uid: 'u', finalizers: ['a/b'], deletionGracePeriodSeconds: 0 }))).toEqual([
    'spec.metadata.uID: Forbidden: cannot be set', 'spec.metadata.finalizers: Forbidden: cannot be set', 'spec.metadata.deletionGracePeriodSeconds: Forbidden: cannot be set',
  ])
  expect(await updateRefusals(resourceclaimtemplates, template([gpu]), template([gpu], { annotations: { c: 'd' }, labels: { b: '1', a: '2' } }))).toEqual([expect.stringMatching(/^spec: Invalid value: \{"labels":\{"a":"2","b":"1"\},"annotations":\{"c":"d"\},"Spec":\{"Devices":\{.*: field is immutable$/)])
})

test('classes', async () => {
  const spec = { selectors: [{}], config: [opaque(undefined)], extendedResourceName: 'cpu' }
  expect(await refusals(deviceclasses, { spec })).toEqual([
    'spec.selectors[0].cel: Required value', 'spec.config[0].opaque.parameters: Required value', 'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
  ])
  expect((await updateRefusals(deviceclasses, { spec: {} }, { spec: { extendedResourceName: 'example.com/gpu' } }))).toEqual([])
})

describe('ResourceSlice', () => {
  const pool = { name: 'p', generation: 1, resourceSliceCount: 1 }
  const slice = (more: object): Body => ({ spec: { driver: 'd.example.com', pool, nodeName: 'n', ...more } })

  test('what it says of nodes and pools', async () => {
    expect(await refusals(resourceslices, slice({ devices: [{ name: 'a' }] }))).toEqual([])
    expect(await refusals(resourceslices, slice({ nodeName: undefined, pool: { name: '', generation: -1, resourceSliceCount: 0 } }))).toEqual([
      'spec.pool.name: Required value', 'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero', 'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
    ])
    expect(await refusals(resourceslices, slice({ allNodes: true }))).toEqual([
      'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
    ])
    expect(await updateRefusals(resourceslices, slice({}), slice({ nodeName: 'm' }))).toEqual(['spec.nodeName: Invalid value: "m": field is immutable'])
  })

  test.each<[string, object, string[]]>([
    ['attributes', { attributes: { 'a.b/c': { string: 'x' }, none: {}, two: { int: 1, bool: true }, v: { version: '1.0' }, '9': { int: 0 } } }, [
      'spec.devices[0].attributes: Invalid value: "9": a valid C identifier must start with alphabetic character or \'_\', followed by a string of alphanumeric characters or \'_\' (e.g. \'my_name\',  or \'MY_NAME\',  or \'MyName\', regex used for validation is \'[A-Za-z_][A-Za-z0-9_]*\')',
      'spec.devices[0].attributes[none]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes[two]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
      'spec.devices[0].attributes[v].version: Invalid value: "1.0": must be a string compatible with semver.org spec 2.0.0',
    ]],
    ['capacity of a device that is not shared', { capacity: { memory: { value: '1Gi', requestPolicy: { default: '1' } } } }, ['spec.devices[0].capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true']],
    ['policy of shared capacity', { allowMultipleAllocations: true, capacity: { m: { value: '10', requestPolicy: { default: '3', validRange: { min: '4', max: '12', step: '3' } } } } }, [
      'spec.devices[0].capacity[m].requestPolicy.validRange.min: Invalid value: "3": default is less than min: 4',
      'spec.devices[0].capacity[m].requestPolicy.validRange.max: Invalid value: "12": max is larger than capacity value: 10',
      'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "3": value is not a multiple of a given step (3) from (4)',
      'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "12": value is not a multiple of a given step (3) from (4)',
    ]],
    ['nodes of its own', { nodeName: 'n' }, ['spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec']],
    ['taints', { taints: [{ key: 'a', effect: 'Sometimes' }] }, ['spec.devices[0].taints[0].effect: Unsupported value: "Sometimes": supported values: "NoExecute", "NoSchedule", "None"']],
    ['conditions', { bindingConditions: ['a'] }, ['spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions']],
    ['counters', { consumesCounters: [{ counterSet: 'c', counters: {} }] }, ['spec.devices[0].consumesCounters[0].counters: Required value']],
  ])('%s', async (_, device, expected) => expect(await refusals(resourceslices, slice({ devices: [{ name: 'a', ...device }] }))).toEqual(expected))

  test('taints have a time, and fields behind closed gates go', async () => {
    const body = slice({ devices: [{ name: 'a', taints: [{ key: 'a', effect: 'None' }], attributes: { a: { ints: [1] } } }] })
    expect((await created(resourceslices, body)).spec.devices![0]).toMatchObject({ taints: [{ timeAdded: context.now }], attributes: { a: { ints: [1] } } })
    const object = await decoded(resourceslices, body)
    resourceslices.prepareForCreate!(object, { ...context, enabled: (gate) => gate !== 'DRAListTypeAttributes' })
    expect(object.spec.devices![0]!.attributes).toEqual({ a: {} })
    resourceslices.prepareForUpdate!(object, object, { ...context, enabled: () => false })
    expect(object.spec.devices![0]!.taints).toHaveLength(1)
  })

  test('a driver in upper case is warned about', async () => {
    expect(resourceslices.warnings!(await created(resourceslices, slice({ driver: 'D.example.com' })), undefined)).toHaveLength(1)
  })
})
