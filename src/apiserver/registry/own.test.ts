import { expect, test } from 'vitest'
import { structs } from '#api/core/v1/types.gen'
import { applyDefaults, normalize } from '#apimachinery/schema/normalize'
import { deepFreeze } from '#base/clone'
import type { KubeObject } from '#apimachinery/object'
import type { Struct } from '#apimachinery/schema/schema'
import { decodeStored, encodeStored, encodeWithParts } from '../encoding/stored-form'
import { DeepWriters, ownUpper } from './own'

const live = (): KubeObject => deepFreeze({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b', labels: { x: 'ä' } },
  spec: { containers: [{ name: 'c', image: 'ü', resources: {} }], nodeSelector: { y: 'z' } }, status: {},
}) as unknown as KubeObject

test('the upper two levels are ours, what lies below is shared', () => {
  const old = live() as never as { metadata: { labels: object }; spec: { containers: object } }
  const own = ownUpper(old as never, 'upper') as never as typeof old & { spec: { nodeName?: string } }
  own.spec.nodeName = 'n'
  expect(old.spec).not.toHaveProperty('nodeName')
  expect(own.spec.containers).toBe(old.spec.containers)
  expect(own.metadata.labels).toBe(old.metadata.labels)
})

test('what is shared is copied out of the bytes, and reads as if it had been written anew', () => {
  const old = live()
  const { bytes, parts } = encodeWithParts(old, undefined, undefined)
  const changed = ownUpper(old, 'upper') as never as { metadata: { labels?: object }; status: { message?: string } }
  changed.metadata.labels = { x: 'ö' }
  changed.status.message = 'é'
  const known = { object: old, bytes, parts }
  expect(Buffer.from(encodeWithParts(changed as never, '[]', known).bytes).toString()).toBe(Buffer.from(encodeStored(changed as never, '[]')).toString())
  expect(decodeStored({ kind: 'Pod', apiVersion: 'v1' } as never, encodeWithParts(changed as never, '[]', known).bytes, 7, false)).toMatchObject({ status: { message: 'é' }, spec: old['spec' as never] })
})

test('normalizing leaves what is shared alone, and judges what has moved', () => {
  const old = live() as never as { spec: { containers: object[]; nodeSelector: object } }
  const own = ownUpper(old as never, 'upper') as never as typeof old
  normalize(structs.Pod as Struct, own, { defaults: true, before: old })
  expect(own.spec.containers).toBe(old.spec.containers)
  const moved = ownUpper(old as never, 'upper') as never as typeof old
  moved.spec.nodeSelector = old.spec.containers
  expect(() => normalize(structs.Pod as Struct, moved, { defaults: true, before: old })).toThrow(/cannot unmarshal array/)
})

test('where metadata are enough, all else is the very same', () => {
  const old = live() as never as { metadata: object; spec: object; status: object }
  const own = ownUpper(old as never, 'metadata') as never as typeof old
  expect(own.metadata).not.toBe(old.metadata)
  expect(own.spec).toBe(old.spec)
  expect(own.status).toBe(old.status)
})

test('defaults come to what changed, and what is shared is not looked at', () => {
  const old = live() as never as { spec: { containers: object[] } }
  const own = ownUpper(old as never, 'upper') as never as { spec: { containers: { terminationMessagePath?: string }[]; restartPolicy?: string } }
  own.spec.containers = [own.spec.containers[0]!, { name: 'new' } as object]
  applyDefaults(structs.Pod as Struct, own, old)
  expect(own.spec.restartPolicy).toBe('Always')
  expect(own.spec.containers[0]).toBe(old.spec.containers[0])
  expect(own.spec.containers[1]!.terminationMessagePath).toBe('/dev/termination-log')
})

test('an endpoint whose hooks write deeper gets more of its own for a while', () => {
  const writers = new DeepWriters()
  expect(writers.after(new Error('x'), 'apps/things/', 'metadata')).toBe(undefined)
  expect(writers.ownFor('apps/things/')).toBe('metadata')
  expect(writers.after(new TypeError('frozen'), 'apps/things/', 'metadata')).toBe('upper')
  expect(writers.ownFor('apps/things/')).toBe('upper')
  expect(writers.after(new TypeError('frozen'), 'apps/things/', 'upper')).toBe('all')
  expect(writers.after(new TypeError('a mistake'), 'apps/things/', 'all')).toBe(undefined)
  expect(writers.ownFor('apps/things/')).toBe('all')
  expect(writers.ownFor('apps/others/')).toBe('metadata')
  for (let i = 0; i < 300; i++) writers.ownFor('apps/things/')
  expect(writers.ownFor('apps/things/')).toBe('metadata')
})
