// What the original says of volumes, claims, services, nodes and accounts, told by sending the same to both.
import { describe, expect, test } from 'vitest'
import { created, decoded, refusals, updateRefusals } from '../../testing/written'
import { endpoints } from './endpoints'
import { limitranges } from './limit-range'
import { nodes } from './node'
import { persistentvolumes } from './persistent-volume'
import { persistentvolumeclaims } from './persistent-volume-claim'
import { pods } from './pod'
import { services } from './service'
import { serviceaccounts } from './service-account'

const pod = (spec: object): { spec: object } => ({ spec: { containers: [{ name: 'c', image: 'i' }], ...spec } })
const second = 'Forbidden: may not specify more than 1 volume type'

test.each<[string, object, string[]]>([
  ['two sources, in one order', { volumes: [{ name: 'v', secret: { secretName: 's' }, hostPath: { path: '/x' } }] }, [`spec.volumes[0].secret: ${second}`]],
  ['sources of other names', { volumes: [{ name: 'v', hostPath: { path: '/x' }, cephfs: {}, downwardAPI: {} }] }, [`spec.volumes[0].cephFS: ${second}`, `spec.volumes[0].downwarAPI: ${second}`]],
  ['half a huge page', { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1', 'hugepages-2Mi': '1Mi' } } }] },
    ['limits', 'requests'].map((sort) => `spec.containers[0].resources.${sort}[hugepages-2Mi]: Invalid value: "1Mi": 1Mi is not positive integer multiple of hugepages-2Mi`)],
  ['rules and no policy', { initContainers: [{ name: 'i', image: 'i', restartPolicyRules: [{}] }] },
    ['spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used']],
  ['less than its containers', { resources: { requests: { cpu: '1' } }, containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '2' } } }] },
    ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2']],
  ['an overhead of anything', { overhead: { k: '1' } }, [
    'spec.overhead.limits[k]: Invalid value: "k": must be a standard resource type or fully qualified', 'spec.overhead.limits[k]: Invalid value: "k": must be a standard resource for containers',
  ]],
])('a pod with %s', async (_name, spec, expected) => {
  expect(await refusals(pods, pod(spec))).toEqual(expected)
})

test('what containers ask for completes what the pod asks for', async () => {
  const resources = { limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } }
  const { spec } = await created(pods, pod({ terminationGracePeriodSeconds: -5, resources: { limits: { memory: '1Gi' } }, containers: [{ name: 'c', image: 'i', resources }, { name: 'd', image: 'i', resources }] }))
  expect(spec.resources).toEqual({ limits: { memory: '1Gi', 'hugepages-2Mi': '8Mi' }, requests: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '8Mi' } })
  expect(spec.terminationGracePeriodSeconds).toBe(1)
})

describe('a volume', () => {
  const volume = (spec: object): { spec: object } => ({ spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec } })
  test.each<[string, object, string[]]>([
    ['of two sources', { csi: { driver: 'a.b', volumeHandle: 'h' }, hostPath: { path: '/x', type: 'X' } }, [
      'spec.hostPath.type: Unsupported value: "X": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"', `spec.csi: ${second}`,
    ]],
    ['by iSCSI', { iscsi: { targetPortal: 'p', iqn: 'x', lun: 0, secretRef: {} } }, ['spec.iscsi.iqn: Invalid value: "x": must be valid format', 'spec.iscsi.secretRef.name: Required value']],
    ['of no namespace', { cinder: { volumeID: 'v', secretRef: { name: 'a' } } }, ['spec.cinder.secretRef.namespace: Required value']],
  ])('%s', async (_name, spec, expected) => {
    expect(await refusals(persistentvolumes, volume(spec))).toEqual(expected)
  })
  test('that changes is told everything twice', async () => {
    const hostPath = { path: '/x' }
    const told = 'spec.volumeMode: Unsupported value: "": supported values: "Block", "Filesystem"'
    expect(await updateRefusals(persistentvolumes, volume({ hostPath }), volume({ hostPath, volumeMode: '' }))).toEqual([told, told, 'volumeMode: Invalid value: "": field is immutable'])
  })
})

describe('a claim', () => {
  const claim = (spec: object): { spec: object } => ({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
  test('of two sources that differ', async () => {
    const [dataSource, dataSourceRef] = ['x', 'y'].map((name) => ({ kind: 'PersistentVolumeClaim', name }))
    expect(await refusals(persistentvolumeclaims, claim({ dataSource, dataSourceRef }))).toEqual(['spec: Invalid value: {}: must match dataSourceRef'])
  })
  test('names every resize by a known status', async () => {
    const status = persistentvolumeclaims.subresources['status'] as never
    expect(await updateRefusals(persistentvolumeclaims, claim({}), { ...claim({}), status: { allocatedResourceStatuses: { cpu: 'X' } } }, status)).toEqual([
      'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    ])
  })
})

test('services are warned of what is ignored', async () => {
  const warnings = async (spec: object): Promise<string[]> => services.warnings!(await created(services, { spec: { ports: [{ port: 80 }], ...spec } }), undefined)
  expect(await warnings({ clusterIP: 'None', loadBalancerIP: '1.2.3.4' })).toEqual(['spec.loadBalancerIP is ignored for headless services'])
  expect(await warnings({ externalIPs: ['01.2.3.4'], trafficDistribution: 'PreferClose' })).toEqual([
    'spec.externalIPs[0]: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"', 'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ])
})

test('a service of a name has no address', async () => {
  expect(await refusals(services, { spec: { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.0.0.1' } })).toEqual(['spec.clusterIPs: Forbidden: may not be set for ExternalName services'])
})

test('the older of two fields of a node is the one that counts', async () => {
  expect((await decoded(nodes, { spec: { podCIDR: '10.1.0.0/24', podCIDRs: ['10.2.0.0/24'] } })).spec.podCIDRs).toEqual(['10.1.0.0/24'])
})

test('secrets of an account are names', async () => {
  expect((await created(serviceaccounts, { secrets: [{ kind: 'Secret', name: 's', namespace: 'n' }, {}] })).secrets).toEqual([{ name: 's' }, {}])
})

test('an address that is none is told twice', async () => {
  expect(await refusals(endpoints, { subsets: [{ addresses: [{ ip: '' }] }] })).toEqual([
    'subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)', 'subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address',
  ])
})

test('a limit range without a name gets one', async () => {
  expect((await created(limitranges, { metadata: { name: '' }, spec: { limits: [] } })).metadata.name).toMatch(/^[0-9a-f-]{36}$/)
})

describe('a pod is told of a status', () => {
  const reported = async (status: object, spec: object = {}): Promise<string[]> =>
    updateRefusals(pods, pod(spec), { ...pod(spec), status: { phase: 'Pending', qosClass: 'BestEffort', ...status } }, pods.subresources['status'] as never)
  test.each<[string, object, string[]]>([
    ['whose address is none', { podIP: 'x' }, ['status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
    ['of two hosts', { hostIP: '1.2.3.4', hostIPs: [{ ip: '1.2.3.5' }, { ip: '1.2.3.4' }] }, [
      'status.hostIPs[0].ip: Invalid value: "1.2.3.5": must be equal to `hostIP`', 'status.hostIPs: Invalid value: [{"IP":"1.2.3.5"},{"IP":"1.2.3.4"}]: may specify no more than one IP for each IP family',
    ]],
    ['of devices that it did not ask for', { containerStatuses: [{ name: 'c', allocatedResourcesStatus: [{ name: 'a.b/c', resources: [{ resourceID: 'r', health: 'X' }] }] }] }, [
      "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"a.b/c\": must match one of the container's resource requests",
      'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "X": supported values: "Healthy", "Unhealthy", "Unknown"',
    ]],
    ['of a claim for nobody', { extendedResourceClaimStatus: { resourceClaimName: 'x', requestMappings: [{ containerName: 'd', resourceName: 'a.b/c', requestName: 'r' }] } },
      ['status.extendedResourceClaimStatus.requestMappings[0].containerName: Invalid value: "d": must match the name of an entry in spec.initContainers.name or spec.containers.name']],
  ])('%s', async (_name, status, expected) => {
    expect(await reported(status)).toEqual(expected)
  })
})

describe('a resize', () => {
  const requests = (cpu: string): object => ({ resources: { requests: { cpu } } })
  const sized = (own: string, init: string, whole?: string): { spec: object } =>
    pod({ containers: [{ name: 'c', image: 'i', ...requests(own) }], initContainers: [{ name: 'i', image: 'i', ...requests(init) }], ...(whole ? requests(whole) : {}) })
  const resized = (before: object, after: object): Promise<string[]> => updateRefusals(pods, before as never, after as never, pods.subresources['resize'] as never)
  test('of containers, init containers and the pod', async () => {
    expect(await resized(sized('1', '1', '4'), sized('2', '2', '5'))).toEqual([])
  })
  test('takes nothing away from the pod', async () => {
    expect(await resized(sized('1', '1', '4'), sized('1', '1'))).toEqual(['spec.resources: Forbidden: pod-level resources cannot be removed'])
  })
  test('asks for nothing else for the pod', async () => {
    expect(await resized(sized('1', '1', '4'), { spec: { ...sized('1', '1').spec, resources: { requests: { cpu: '4', 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } } } }))
      .toEqual(['spec: Forbidden: only cpu and memory resources are mutable at pod-level'])
  })
})
