import { describe, expect, test } from 'vitest'
import { deployment } from '#apimachinery/apply/test-schema'
import { applyStrategicMergePatch } from './strategic-merge-patch'

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
const live = frozen({
  metadata: { name: 'd', finalizers: ['a.b/1', 'a.b/2', 'a.b/3'], labels: { app: 'a' } },
  spec: {
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
    template: {
      spec: {
        containers: [
          { name: 'a', image: 'a:1', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], ports: [{ containerPort: 80, name: 'http' }, { containerPort: 81 }], args: ['x', 'y'] },
          { name: 'b', image: 'b:1' },
        ],
        volumes: [{ name: 'v', emptyDir: {} }, { name: 'w', configMap: { name: 'q' } }],
        tolerations: [{ key: 't', operator: 'Exists' }],
        nodeSelector: { a: 'b' },
      },
    },
  },
})
type Live = typeof live
const patched = (patch: unknown): Live => applyStrategicMergePatch(live, patch, deployment) as unknown as Live
const podSpec = (spec: object): Live['spec']['template']['spec'] => patched({ spec: { template: { spec } } }).spec.template.spec
const containers = (...list: object[]): Live['spec']['template']['spec']['containers'] => podSpec({ containers: list }).containers
const first = (changes: object): unknown => containers({ name: 'a', ...changes })[0]
const messageOf = (patch: unknown): string => {
  try {
    patched(patch)
  } catch (error) {
    return `${(error as { code: number }).code} ${(error as Error).message}`
  }
  return 'applied'
}

describe('lists of maps', () => {
  test('an item merges with the one of its key', () => {
    expect(first({ image: 'a:2' })).toEqual({ ...live.spec.template.spec.containers[0], image: 'a:2' })
  })
  test('items of the same key merge further down, new ones are added', () => {
    expect(first({ env: [{ name: 'B', value: '3' }, { name: 'C', value: '4' }] })).toMatchObject({
      env: [{ name: 'A', value: '1' }, { name: 'B', value: '3' }, { name: 'C', value: '4' }],
    })
  })
  test('a patch without order puts its new items first, as the original does', () => {
    expect(containers({ name: 'n', image: 'n' }).map((c) => c.name)).toEqual(['n', 'a', 'b'])
  })
  test('$patch: delete removes an item', () => {
    expect(containers({ name: 'a', $patch: 'delete' }).map((c) => c.name)).toEqual(['b'])
  })
  test('$patch: replace replaces the list', () => {
    expect(containers({ $patch: 'replace' }, { name: 'z' })).toEqual([{ name: 'z' }])
  })
  test('$setElementOrder orders what both have', () => {
    const spec = podSpec({ '$setElementOrder/containers': [{ name: 'n' }, { name: 'b' }, { name: 'a' }], containers: [{ name: 'n', image: 'n:1' }] })
    expect(spec.containers.map((c) => c.name)).toEqual(['n', 'b', 'a'])
  })
  test('a number is a merge key too', () => {
    expect(first({ ports: [{ containerPort: 80, name: 'web' }] })).toMatchObject({ ports: [{ containerPort: 80, name: 'web' }, { containerPort: 81 }] })
  })
})

describe('lists of scalars', () => {
  test('merge without duplicates', () => {
    expect(patched({ metadata: { finalizers: ['a.b/2', 'a.b/4'] } }).metadata.finalizers).toEqual(['a.b/1', 'a.b/2', 'a.b/4', 'a.b/3'])
  })
  test('$deleteFromPrimitiveList removes', () => {
    expect(patched({ metadata: { '$deleteFromPrimitiveList/finalizers': ['a.b/2'] } }).metadata.finalizers).toEqual(['a.b/1', 'a.b/3'])
  })
  test('$setElementOrder alone reorders', () => {
    expect(patched({ metadata: { '$setElementOrder/finalizers': ['a.b/3', 'a.b/1', 'a.b/2'] } }).metadata.finalizers).toEqual(['a.b/3', 'a.b/1', 'a.b/2'])
  })
  test('without a merge key they are replaced', () => {
    expect(first({ args: ['z'] })).toMatchObject({ args: ['z'] })
    expect(podSpec({ tolerations: [{ key: 'u' }] }).tolerations).toEqual([{ key: 'u' }])
  })
})

describe('maps', () => {
  test('merge, atomic ones too, unless told to replace', () => {
    expect(podSpec({ nodeSelector: { k: 'v' } }).nodeSelector).toEqual({ a: 'b', k: 'v' })
    expect(podSpec({ nodeSelector: { $patch: 'replace', k: 'v' } }).nodeSelector).toEqual({ k: 'v' })
    expect(podSpec({ nodeSelector: { $patch: 'delete' } }).nodeSelector).toEqual({})
  })
  test('null removes, and is dropped from what is new', () => {
    expect(patched({ metadata: { labels: { app: null, z: 'y' } } }).metadata.labels).toEqual({ z: 'y' })
    expect(patched({ metadata: { annotations: { x: null, y: 'z' } } }).metadata).toMatchObject({ annotations: { y: 'z' } })
  })
  test('$retainKeys drops what it does not list', () => {
    expect(patched({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }).spec.strategy).toEqual({ type: 'Recreate' })
    expect(podSpec({ volumes: [{ name: 'w', $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] }).volumes).toEqual([{ name: 'v', emptyDir: {} }, { name: 'w', emptyDir: {} }])
  })
})

test('shares what it does not touch', () => {
  const result = patched({ metadata: { labels: { app: 'b' } } })
  expect(result.spec).toBe(live.spec)
  expect(containers({ name: 'b', image: 'b:2' })[0]).toBe(live.spec.template.spec.containers[0])
})

test.each<[string, unknown, string]>([
  ['an item without its key', { spec: { template: { spec: { containers: [{ image: 'x' }] } } } }, '500 map: map[image:x] does not contain declared merge key: name'],
  ['an unknown directive', { metadata: { labels: { $patch: 'x' } } }, '500 unknown patch type: x in map: map[$patch:x]'],
  ['retainKeys that is no list', { spec: { strategy: { $retainKeys: 'x' } } }, '400 invalid patch format of retainKeys'],
  ['retainKeys that misses a field', { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } }, '400 invalid patch format of retainKeys'],
  ['an order without a field', { metadata: { $setElementOrder: [] } }, '400 invalid patch format of setElementOrder list'],
  ['a list with a list in it', { metadata: { finalizers: [['x']] } }, '500 list element types are not identical: [[a.b/1 a.b/2 a.b/3] [[x]]]'],
  ['a list as the patch', [], '400 json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['an order that contradicts the list', { metadata: { '$setElementOrder/finalizers': ['x', 'y'], finalizers: ['y', 'x'] } }, "500 The order in patch list:\n[y x]\n doesn't match $setElementOrder list:\n[x y]\n"],
])('refuses %s', (_, patch, message) => {
  expect(messageOf(patch)).toBe(message)
})
