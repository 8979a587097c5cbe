import { expect, test } from 'vitest'
import { persistentvolumeclaims, persistentvolumes, pods } from '#api/index'
import { isNotFound } from '#client/index'
import { refusal, serve } from './cluster'
import { liveStatus } from './lifecycle'

const served = serve()

test('[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API', async () => {
  const { client } = served
  const name = { namespace: await served.namespace(), name: 'one' }
  const volume = { name: 'data', csi: { driver: 'twin.example.com', volumeAttributes: { a: 'b' } } }
  await client.create(pods, { metadata: name, spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] }], volumes: [volume] } })
  expect((await client.get(pods, name)).spec.volumes).toEqual([volume])
  expect((await client.list(pods, { namespace: name.namespace })).items).toHaveLength(1)
  await client.patch(pods, name, { metadata: { labels: { patched: 'yes' } } }, { type: 'strategic' })
  expect((await client.get(pods, name)).metadata.labels).toEqual({ patched: 'yes' })
  await client.delete(pods, name, { gracePeriodSeconds: 0 })
  expect(isNotFound(await refusal(client.get(pods, name)))).toBe(true)
})

/** A volume of no driver that runs, and a claim that may have it. */
async function pair(suffix: string) {
  const { client } = served
  const namespace = await served.namespace()
  const labels = { pair: suffix }
  const volume = { name: `volume-${suffix}` }
  const claim = { namespace, name: `claim-${suffix}` }
  const storageClassName = `class-${suffix}`
  await client.create(persistentvolumes, {
    metadata: { ...volume, labels },
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, storageClassName, persistentVolumeReclaimPolicy: 'Retain', csi: { driver: 'twin.example.com', volumeHandle: 'of-a-test' } },
  })
  await client.create(persistentvolumeclaims, { metadata: { ...claim, labels }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName } })
  return { namespace, labels, volume, claim }
}

test('[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC', async () => {
  const { client, cluster } = served
  const { namespace, volume, claim } = await pair('life')
  await cluster.until(persistentvolumeclaims, claim, function isBound({ status }) { return status?.phase === 'Bound' })
  const bound = await cluster.until(persistentvolumes, volume.name, function isBound({ status }) { return status?.phase === 'Bound' })
  expect(bound.spec.claimRef).toMatchObject(claim)
  const labelSelector = 'pair=life'
  expect((await client.list(persistentvolumes, { labelSelector })).items).toHaveLength(1)
  expect((await client.list(persistentvolumeclaims, { namespace, labelSelector })).items).toHaveLength(1)
  for (const patched of [await client.patch(persistentvolumes, volume, { metadata: { labels: { patched: 'yes' } } }, { type: 'merge' }), await client.patch(persistentvolumeclaims, claim, { metadata: { labels: { patched: 'yes' } } }, { type: 'merge' })])
    expect(patched.metadata.labels).toEqual({ pair: 'life', patched: 'yes' })
  await client.delete(persistentvolumeclaims, claim)
  await cluster.untilGone(persistentvolumeclaims, { namespace })
  await cluster.until(persistentvolumes, volume.name, function isReleased({ status }) { return status?.phase === 'Released' })
  await client.delete(persistentvolumes, volume)
  await cluster.untilGone(persistentvolumes, volume.name)

  const again = await pair('collection')
  await cluster.until(persistentvolumeclaims, again.claim, ({ status }) => status?.phase === 'Bound')
  await client.deleteCollection(persistentvolumeclaims, { namespace: again.namespace, labelSelector: 'pair=collection' })
  await cluster.untilGone(persistentvolumeclaims, { namespace: again.namespace })
  await client.deleteCollection(persistentvolumes, { labelSelector: 'pair=collection' })
  await cluster.untilGone(persistentvolumes, { labelSelector: 'pair=collection' })
})

test('[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status', async () => {
  const { client, cluster } = served
  const { volume, claim } = await pair('status')
  await cluster.until(persistentvolumeclaims, claim, ({ status }) => status?.phase === 'Bound')
  const condition = { type: 'Twin', status: 'True', reason: 'Test', message: 'said by a test' }
  await liveStatus(served, persistentvolumeclaims, claim, { status: { conditions: [condition] } })
  await liveStatus(served, persistentvolumes, volume, { status: { reason: 'Test' } })
  await client.delete(persistentvolumeclaims, claim)
  await client.delete(persistentvolumes, volume)
})
