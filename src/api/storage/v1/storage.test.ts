import { expect, test } from 'vitest'
import { created, decoded, refusals, updateRefusals } from '../../testing/written'
import { csidrivers } from './csi-driver'
import { csinodes } from './csi-node'
import { csistoragecapacities } from './csi-storage-capacity'
import { storageclasses } from './storage-class'
import { volumeattachments } from './volume-attachment'
import { volumeattributesclasses } from './volume-attributes-class'

test('a class keeps what volumes were made by', async () => {
  const before = { provisioner: 'a.b/c', parameters: { a: 'b' }, reclaimPolicy: 'Delete' }
  expect(await updateRefusals(storageclasses, before, { provisioner: 'x.y/z', parameters: { b: 'd', a: 'c' }, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' })).toEqual([
    'parameters: Invalid value: {"a":"c","b":"d"}: field is immutable', 'provisioner: Invalid value: "x.y/z": field is immutable', 'reclaimPolicy: Invalid value: "Retain": field is immutable',
    'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
  ])
  expect(await updateRefusals(volumeattributesclasses, { driverName: 'a', parameters: { a: 'b' } }, { driverName: 'b', parameters: { a: 'c' } })).toEqual([
    'driverName: Forbidden: updates to driverName are forbidden.', 'parameters: Forbidden: updates to parameters are forbidden.',
  ])
})

test('topologies say each thing once, with labels that stay', async () => {
  const expressions = (...values: string[]) => ({ matchLabelExpressions: [{ key: 'failure-domain.beta.kubernetes.io/zone', values }] })
  const body = { provisioner: 'a', allowedTopologies: [expressions('a', 'b'), expressions('b', 'a')] }
  expect(await refusals(storageclasses, body)).toEqual(['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'])
  expect(storageclasses.warnings!(await created(storageclasses, body), undefined)[0]).toBe(
    'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  )
})

test('drivers', async () => {
  expect(await refusals(csidrivers, { spec: { serviceAccountTokenInSecrets: true } })).toEqual([
    'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
  ])
  expect(await updateRefusals(csidrivers, { spec: {} }, { spec: { attachRequired: false, fsGroupPolicy: 'File' } })).toEqual(['spec.attachedRequired: Invalid value: false: field is immutable'])
  expect(csidrivers.warnings!(await created(csidrivers, { spec: { tokenRequests: [{ audience: 'a' }] } }), undefined)).toHaveLength(1)
})

test('what a node says of its drivers', async () => {
  expect(await refusals(csinodes, { spec: { drivers: [{ name: 'd', nodeID: 'n', topologyKeys: ['a', 'a'] }] } })).toEqual(['spec.drivers[0]: Duplicate value: "a"'])
  const driver = (nodeID: string, count: number) => ({ spec: { drivers: [{ name: 'd', nodeID, allocatable: { count } }] } })
  expect(await updateRefusals(csinodes, driver('n', 1), driver('n', 2))).toEqual([])
  expect(await updateRefusals(csinodes, driver('n', 1), driver('m', 1))).toEqual(['spec.drivers: Invalid value: {"Name":"d","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable'])
})

test('attachments: their source, and what is said of them', async () => {
  const attachment = (source: object, status: object = {}) => ({ spec: { attacher: 'd', nodeName: 'n', source }, status })
  expect(await refusals(volumeattachments, attachment({ persistentVolumeName: '' }))).toEqual([
    'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName', expect.stringContaining('spec.source.persistentVolumeName: Invalid value: ""'),
  ])
  expect(await refusals(volumeattachments, attachment({ inlineVolumeSpec: { capacity: { storage: '1Gi' }, nfs: { server: 's', path: '/' } } }))).toEqual([
    'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes', 'spec.source.inlineVolumeSpec.accessModes: Required value',
  ])
  const status = volumeattachments.subresources['status'] as never
  expect(await updateRefusals(volumeattachments, attachment({ persistentVolumeName: 'a' }), attachment({ persistentVolumeName: 'a' }, { attached: false, attachError: { errorCode: -1 } }), status)).toEqual([
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ])
  const labelled = await decoded(volumeattachments, { ...attachment({ persistentVolumeName: 'a' }), metadata: { labels: { a: 'b' } } })
  const { prepareForUpdate } = volumeattachments.subresources['status'] as unknown as typeof volumeattachments
  prepareForUpdate!(labelled, await decoded(volumeattachments, attachment({ persistentVolumeName: 'a' })), {} as never)
  expect(labelled.metadata.labels).toBeUndefined()
})

test('what does not change is shown as the original does', async () => {
  const attachment = (nodeName: string) => ({ spec: { attacher: 'a.b', nodeName, source: { persistentVolumeName: 'pv' } } })
  expect(await updateRefusals(volumeattachments, attachment('m'), attachment('n'))).toEqual([
    'spec: Invalid value: {"Attacher":"a.b","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"n"}: field is immutable',
  ])
  const capacity = (nodeTopology?: object) => ({ storageClassName: 's', ...(nodeTopology ? { nodeTopology } : {}) })
  expect(await updateRefusals(csistoragecapacities, capacity(), capacity({ matchExpressions: [{ values: ['v'], operator: 'In', key: 'k' }], matchLabels: { b: '1', a: '2' } }))).toEqual([
    'nodeTopology: Invalid value: {"matchLabels":{"a":"2","b":"1"},"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}: field is immutable',
  ])
})
