import { expect, test } from 'vitest'
import { events } from '#api/core/v1/event'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { createTestBed } from '#controller-runtime/test-bed'
import type { TestBed } from '#controller-runtime/test-bed'
import { taintEviction } from './taint-eviction'

const unreachable = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
const node = (taints: object[] = []) => ({ metadata: { name: 'a' }, spec: { taints } })
const pod = (name: string, tolerations?: object[]) => ({ metadata: { namespace: 'd', name, generation: 3 }, spec: { nodeName: 'a', ...(tolerations ? { tolerations } : {}) }, status: { phase: 'Running' } })
const tolerates = (tolerationSeconds?: number) => [{ key: unreachable.key, operator: 'Exists', effect: 'NoExecute', ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }) }]
const going = (bed: TestBed) => bed.api.all(pods).filter((p) => p.metadata.deletionTimestamp).map((p) => p.metadata.name)
const told = (bed: TestBed) => bed.api.all(events).map((e) => `${e.type} ${e.reason}: ${e.message}`)

test('pods go at once, after the time that they tolerate, or never', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node())
  bed.api.seed(pods, pod('plain'), pod('patient', tolerates(300)), pod('daemon', tolerates()), { ...pod('elsewhere'), spec: { nodeName: 'b' } })
  await bed.start(taintEviction)
  expect(going(bed)).toEqual([])
  bed.api.seed(nodes, node([unreachable]))
  await bed.idle()
  expect(going(bed)).toEqual(['plain'])
  expect(bed.api.read(pods, 'd/plain')!.status.conditions).toMatchObject([
    { type: 'DisruptionTarget', observedGeneration: 3, status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
  ])
  expect(told(bed)).toEqual(['Normal TaintManagerEviction: Marking for deletion Pod d/plain'])
  await bed.advance(299_000)
  expect(going(bed)).toEqual(['plain'])
  await bed.advance(1000)
  expect(going(bed)).toEqual(['plain', 'patient'])
  expect(bed.clock.pending).toBe(0)
})

test('a node that comes back keeps its pods; a second taint does not start the time anew', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node([unreachable]))
  bed.api.seed(pods, pod('patient', tolerates(300)))
  await bed.start(taintEviction)
  await bed.advance(200_000)
  bed.api.seed(nodes, node())
  await bed.advance(200_000)
  expect(going(bed)).toEqual([])
  expect(told(bed)).toEqual(['Normal TaintManagerEviction: Cancelling deletion of Pod d/patient'])
  bed.api.seed(nodes, node([unreachable]))
  await bed.advance(200_000)
  bed.api.seed(nodes, node([unreachable, { ...unreachable, value: 'x' }]))
  await bed.advance(101_000)
  expect(going(bed)).toEqual(['patient'])
})

test('a pod that is put onto a tainted node goes as well, and a taint without NoExecute drives nobody away', async () => {
  await using bed = createTestBed()
  bed.api.seed(nodes, node([{ key: 'x', effect: 'NoSchedule' }]))
  await bed.start(taintEviction)
  bed.api.seed(pods, pod('one'))
  await bed.idle()
  expect(going(bed)).toEqual([])
  bed.api.seed(nodes, node([{ key: 'x', effect: 'NoExecute' }]))
  bed.api.seed(pods, pod('two'))
  await bed.idle()
  expect(going(bed)).toEqual(['one', 'two'])
})
