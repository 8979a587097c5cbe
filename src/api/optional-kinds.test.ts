// Kinds that are served only where somebody asks for their versions: what they refuse, and what they change by themselves.
import { expect, test } from 'vitest'
import type { KubeObject } from '#apimachinery/object'
import type { ObjectSubresource, Resource } from '#apimachinery/resource'
import { builtin } from './builtin'
import { cells, context, created, refusals, updateRefusals, type Body } from './testing/written'

const kind = (name: string): Resource => builtin.find((resource) => resource.kind === name)! as Resource
const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const gang = { gang: { minCount: 2 } }
const server = { apiServerID: 'a', encodingVersion: 'apps/v1', decodableVersions: ['apps/v1'] }
const immutable = 'Invalid value: null: field is immutable'

test.each<[string, Body, string[]]>([
  ['StorageVersionMigration', { spec: { resource: { group: 'Apps', resource: '' } } }, [
    'spec.resource.resource: Required value: resource is required to be set',
    "spec.resource.group: Invalid value: \"Apps\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]],
  ['LeaseCandidate', { spec: { leaseName: 'l', binaryVersion: '1.35.0', emulationVersion: '1.36.0-beta.2', strategy: 'OldestEmulationVersion' } }, [
    'spec.binaryVersion: Invalid value: "1.35.0": must be greater than or equal to `emulationVersion`',
  ]],
  ['LeaseCandidate', { spec: { leaseName: 'l', binaryVersion: '1.36.0', emulationVersion: '1.36.0-rc.1', strategy: 'OldestEmulationVersion' } }, []],
  ['LeaseCandidate', { spec: { binaryVersion: '01.2.3', strategy: 'OldestEmulationVersion' } }, [
    'spec.leaseName: Required value', 'spec.binaryVersion: Invalid value: "01.2.3": must be a valid semantic version',
    "spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'",
  ]],
  ['ClusterTrustBundle', { spec: { signerName: 'example.com/s', trustBundle: '' } }, [
    'metadata.name: Invalid value: "a": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:', 'spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be provided',
  ]],
  ['ClusterTrustBundle', { metadata: { name: 'a:b' }, spec: { trustBundle: certificate } }, [
    'metadata.name: Invalid value: "a:b": ClusterTrustBundle without signer name must not have ":" in its name', 'spec.trustBundle: Invalid value: "<value omitted>": entry 0 does not parse as X.509',
  ]],
  ['DeviceTaintRule', { spec: { deviceSelector: { pool: '' }, taint: { key: '', effect: 'Never' } } }, [
    'spec.deviceSelector.pool: Required value', 'spec.taint.key: Invalid value: "": name part must be non-empty',
    "spec.taint.key: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    'spec.taint.effect: Unsupported value: "Never": supported values: "NoExecute", "NoSchedule", "None"',
  ]],
  ['PodGroup', { spec: { schedulingPolicy: { basic: {}, gang: { minCount: 0 } }, podGroupTemplateRef: {} } }, [
    'spec.podGroupTemplateRef: Invalid value: "": must specify one of: `workload`', 'spec.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
    'spec.schedulingPolicy.gang.minCount: Required value',
  ]],
  ['Workload', { spec: { podGroupTemplates: [{ name: 'a', schedulingPolicy: {} }] } }, ['spec.podGroupTemplates[0].schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`']],
  ['Workload', { spec: {} }, ['spec.podGroupTemplates: Required value']],
  ['ResourcePoolStatusRequest', { spec: { driver: '', poolName: 'a//b', limit: 1001 } }, [
    'spec.driver: Required value', 'spec.poolName: Invalid value: "a//b": segment 1: must not be empty', 'spec.limit: Invalid value: 1001: must be less than or equal to 1000',
  ]],
])('%s %j', async (name, body, expected) => expect(await refusals(kind(name), body)).toEqual(expected))

test.each<[string, string, Body, Body, string[]]>([
  ['StorageVersionMigration', '', { spec: { resource: { group: '', resource: 'pods' } } }, { spec: { resource: { group: '', resource: 'nodes' } } }, ['spec: Invalid value: {"Resource":{"group":"","resource":"nodes"}}: field is immutable']],
  ['StorageVersionMigration', 'status', {}, { status: { resourceVersion: '012', conditions: ['Succeeded', 'Failed'].map((type) => ({ type, status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-11-24T00:00:00Z' })) } }, [
    'status.resourceVersion: Invalid value: "012": resource version is not well formed: 012',
    expect.stringMatching(/^status\.conditions: Invalid value: .*: Both success and failed conditions cannot be true at the same time$/) as string,
  ]],
  ['StorageVersion', 'status', {}, { status: { storageVersions: [server, { ...server, encodingVersion: 'apps/V1' }] } }, [
    'status.storageVersions[1].apiServerID: Duplicate value: "a"', expect.stringContaining('status.storageVersions[1].encodingVersion: Invalid value: "apps/V1": version part: a DNS-1035 label') as string,
    'status.storageVersions[1].decodableVersions: Invalid value: ["apps/v1"]: decodableVersions must include encodingVersion apps/V1',
  ]],
  ['StorageVersion', 'status', {}, { status: { storageVersions: [server] } }, ['status.commonEncodingVersion: Invalid value: null: the common encoding version is apps/v1']],
  ['PodGroup', '', { spec: { schedulingPolicy: gang } }, { spec: { schedulingPolicy: { basic: {} }, disruptionMode: 'PodGroup' } }, [`spec.schedulingPolicy: ${immutable}`, `spec.disruptionMode: ${immutable}`]],
  ['Workload', '', { spec: { podGroupTemplates: [{ name: 'a', schedulingPolicy: gang }] } }, { spec: {} }, [`spec.podGroupTemplates: ${immutable}`, 'spec.podGroupTemplates: Required value']],
  ['LeaseCandidate', '', { spec: { leaseName: 'l', binaryVersion: '1.0.0', strategy: 'a/b' } }, { spec: { leaseName: 'm', binaryVersion: '1.0.0', strategy: 'a/b' } }, ['spec.leaseName: Invalid value: "m": field is immutable']],
])('an update of %s through "%s"', async (name, subresource, before, after, expected) => {
  const resource = kind(name)
  expect(await updateRefusals(resource, before, after, subresource === '' ? resource : (resource.subresources[subresource] as ObjectSubresource<KubeObject>))).toEqual(expected)
})

test('what gates hold back goes from groups of pods and their templates', async () => {
  const full = { schedulingPolicy: gang, schedulingConstraints: { topology: [{ key: 'k' }] }, resourceClaims: [{ name: 'c', resourceClaimName: 'x' }], disruptionMode: 'PodGroup', priorityClassName: 'p', priority: 1 }
  const off = { ...context, enabled: () => false }
  const [group, workload] = [await created(kind('PodGroup'), { spec: full }), await created(kind('Workload'), { spec: { podGroupTemplates: [{ name: 't', ...full }] } })]
  expect(group).toMatchObject({ spec: full })
  kind('PodGroup').prepareForCreate!(group, off)
  expect((group as unknown as { spec: Body }).spec).toEqual({ podGroupTemplateRef: null, schedulingPolicy: gang, disruptionMode: 'Pod' })
  kind('Workload').prepareForCreate!(workload, off)
  expect((workload as unknown as { spec: { podGroupTemplates: Body[] } }).spec.podGroupTemplates).toEqual([{ name: 't', schedulingPolicy: gang, schedulingConstraints: null }])
})

test('a taint of an administrator begins now, and again when its effect changes', async () => {
  const rules = kind('DeviceTaintRule')
  const rule = (effect: string, timeAdded?: string) => created(rules, { spec: { taint: { key: 'k', effect, ...(timeAdded ? { timeAdded } : {}) } } }) as Promise<never>
  expect(await rule('None')).toMatchObject({ spec: { taint: { timeAdded: context.now } } })
  const [old, changed, same] = [await rule('None', '2020-01-01T00:00:00Z'), await rule('NoExecute', '2020-01-01T00:00:00Z'), await rule('None', '2020-01-01T00:00:00Z')]
  rules.prepareForUpdate!(changed, old, context)
  rules.prepareForUpdate!(same, old, context)
  expect([changed, same]).toMatchObject([{ metadata: { generation: 2 }, spec: { taint: { timeAdded: context.now } } }, { metadata: { generation: 1 }, spec: { taint: { timeAdded: '2020-01-01T00:00:00Z' } } }])
})

test('columns say how far things are', async () => {
  const condition = (type: string, status = 'True') => ({ type, status, reason: 'R', message: '', lastTransitionTime: '2026-11-01T10:00:00Z' })
  const withStatus = async (name: string, body: Body, status: Body) => cells(kind(name), { ...(await created(kind(name), body)), status } as never)
  expect(await withStatus('StorageVersionMigration', { spec: { resource: { group: 'apps', resource: 'deployments' } } }, { conditions: [condition('Running', 'False'), condition('Succeeded')] })).toEqual({ Name: 'a', Resource: 'deployments.apps', Status: 'Succeeded' })
  expect(await withStatus('PodGroup', { spec: { schedulingPolicy: gang } }, { conditions: [condition('PodGroupScheduled', 'False')] })).toMatchObject({ Policy: 'Gang', Workload: '<none>', Status: 'Unschedulable' })
  expect(await withStatus('ResourcePoolStatusRequest', { spec: { driver: 'd' } }, { poolCount: 3, pools: [{ totalDevices: 4, allocatedDevices: 1 }, { totalDevices: 2, validationError: 'x' }], conditions: [condition('Complete')] }))
    .toEqual({ Name: 'a', Driver: 'd', Total: '6', Available: '0', Allocated: '1', Unavailable: '0', Errors: '1', Pools: 3, Status: 'Complete (2/3 pools)', Completed: '5m' })
})
