import { expect, test } from 'vitest'
import type { Node, Pod } from '#api/core/v1/types'
import { refuse } from './admission'

const node = { metadata: { name: 'n' }, spec: {}, status: { allocatable: { cpu: '1', pods: '10' } } } as unknown as Node
const pod = (hostIP: string | undefined, protocol = 'TCP', hostPort = 80): Pod =>
  ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', ports: [{ hostPort, containerPort: 80, hostIP, protocol }] }] } }) as unknown as Pod

test('a port of the node belongs to one pod', () => {
  expect(refuse(pod(undefined), node, [])).toBeUndefined()
  const refusal = { reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }
  expect(refuse(pod(undefined), node, [pod('127.0.0.1')])).toEqual(refusal)
  expect(refuse(pod('127.0.0.1'), node, [pod(undefined)])).toEqual(refusal)
  for (const other of [pod('127.0.0.2'), pod('127.0.0.1', 'UDP'), pod('127.0.0.1', 'TCP', 81)]) expect(refuse(pod('127.0.0.1'), node, [other])).toBeUndefined()
})
