import { expect, test } from 'vitest'
import { pods } from '#api/core/v1/pod'
import { podgroups } from '#api/scheduling/v1alpha2/pod-group'
import { createTestBed } from '#controller-runtime/test-bed'
import { podGroupProtection } from './podgroup-protection'

test('a group that is deleted stays until its last pod is over', async () => {
  await using bed = createTestBed()
  const pod = (name: string, phase: string, group = 'g') => bed.api.seed(pods, { metadata: { namespace: 'd', name, uid: name }, spec: { schedulingGroup: { podGroupName: group } }, status: { phase } })
  for (const name of ['g', 'free', 'kept']) bed.api.seed(podgroups, { metadata: { namespace: 'd', name, uid: name, finalizers: ['scheduling.k8s.io/podgroup-protection'] }, spec: { schedulingPolicy: { basic: {} } } })
  pod('runs', 'Running')
  pod('waits', 'Pending')
  pod('over', 'Succeeded', 'free')
  await bed.start(podGroupProtection)
  for (const name of ['g', 'free']) await bed.client.delete(podgroups, { namespace: 'd', name })
  await bed.idle()
  const left = () => bed.api.all(podgroups).map(({ metadata }) => metadata.name)
  expect(left()).toEqual(['g', 'kept'])
  pod('runs', 'Failed')
  await bed.idle()
  expect(left()).toEqual(['g', 'kept'])
  bed.api.vanish(pods, 'd/waits')
  await bed.idle()
  expect(left()).toEqual(['kept'])
  expect(bed.api.read(podgroups, 'd/kept')!.metadata.finalizers).toHaveLength(1)
})
