import { describe, expect, test } from 'vitest'
import type { FieldWriter, JsonObject } from './contract'
import { managedFieldsError } from './managed'
import { managerName } from './manager-name'
import { configMap, deployment, mapOf, objectMeta, struct, widget } from './test-schema'
import { sameButTimes } from './times'
import { createManagedFields, updateManagedFields } from './update'
import type { Struct } from '../schema/schema'

const at = (minute: number): string => `2026-11-01T10:${String(minute).padStart(2, '0')}:00Z`
const writer = (manager: string, options: Partial<FieldWriter> & { schema?: Struct } = {}): FieldWriter => ({
  manager, apiVersion: 'v1', schema: configMap, time: at(0), resetFields: [['status']], ...options,
})
interface EntryJson { manager: string; operation: string; time?: string; fieldsV1: object; subresource?: string }
const entries = (text: string): EntryJson[] => (text === '' ? [] : (JSON.parse(text) as EntryJson[]))
const owned = (text: string): Record<string, object> => Object.fromEntries(entries(text).map((e) => [e.manager, e.fieldsV1]))
const cm = (data: Record<string, string> | undefined, metadata: object = {}): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', ...metadata }, ...(data ? { data } : {}) })

describe('create', () => {
  test('owns what it sets, but not what the server sets', () => {
    const object = cm({ b: '2', a: '1' }, { uid: 'u', resourceVersion: '1', generation: 1, creationTimestamp: at(0), namespace: 'n', labels: { x: 'y' }, finalizers: ['f'] })
    expect(createManagedFields(object, writer('kubectl'))).toBe(
      `[{"manager":"kubectl","operation":"Update","apiVersion":"v1","time":"${at(0)}","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{},"f:b":{}},"f:metadata":{"f:finalizers":{".":{},"v:\\"f\\"":{}},"f:labels":{".":{},"f:x":{}}}}}]`,
    )
  })
  test('nothing set, nothing owned', () => {
    expect(createManagedFields(cm(undefined), writer('x'))).toBe('')
  })
  test('what an empty object has too is not added by its creator; items of lists are', () => {
    const object = {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, status: { replicas: 1 },
      spec: {
        replicas: 1, selector: { matchLabels: { a: 'b' } }, strategy: { type: 'Recreate' },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i', resources: {}, args: ['x'], ports: [{ containerPort: 80, protocol: 'TCP' }] }], nodeSelector: { k: 'v' } } },
      },
    }
    expect(owned(createManagedFields(object, writer('m', { schema: deployment, apiVersion: 'apps/v1' })))).toEqual({
      m: {
        'f:spec': {
          'f:replicas': {}, 'f:selector': {}, 'f:strategy': { 'f:type': {} },
          'f:template': {
            'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"c"}': { '.': {}, 'f:args': {}, 'f:image': {}, 'f:name': {}, 'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } }, 'f:resources': {} },
              },
              'f:nodeSelector': {},
            },
          },
        },
      },
    })
  })
  test('the walk and the comparison with an empty object agree', () => {
    const object = { ...cm(undefined), spec: { size: 1, tags: ['a', 'b', 'a'], items: [{ name: 'x', v: '1' }, { name: 'w' }], atom: { a: 'b' }, gran: { a: 'b' } }, status: { deep: { x: [1] } } }
    for (const [schema, value] of [[widget, object], [configMap, cm({ a: '1' }, { annotations: { k: 'v' } })]] as const) {
      const plain = writer('m', { schema, resetFields: [] })
      // A path that is no field forces the general way.
      expect(createManagedFields(value, plain)).toBe(createManagedFields(value, { ...plain, resetFields: [['status', 'none', 'such']] }))
    }
  })
})

describe('update', () => {
  const created = createManagedFields(cm({ a: '1', b: '1' }), writer('creator'))

  test('who wrote last owns; what is empty vanishes', () => {
    const text = updateManagedFields(cm({ a: '1', b: '1' }), created, cm({ a: '2', b: '1', c: '1' }), writer('editor', { time: at(1) }))
    expect(owned(text)).toEqual({ creator: { 'f:data': { '.': {}, 'f:b': {} } }, editor: { 'f:data': { 'f:a': {}, 'f:c': {} } } })
    const all = updateManagedFields(cm({ a: '2', b: '1', c: '1' }), text, cm(undefined), writer('editor', { time: at(2) }))
    expect(all).toBe('')
  })
  test('the same manager adds to its entry and gets a new time; others keep theirs', () => {
    const text = updateManagedFields(cm({ a: '1', b: '1' }), created, cm({ a: '2', b: '1' }), writer('creator', { time: at(1) }))
    expect(entries(text).map((e) => [e.manager, e.time])).toEqual([['creator', at(1)]])
    expect(owned(text)).toEqual(owned(created))
    expect(sameButTimes(created, text)).toBe(true)
  })
  test('no change, no change', () => {
    expect(updateManagedFields(cm({ a: '1', b: '1' }), created, cm({ a: '1', b: '1' }), writer('other', { time: at(9) }))).toBe(created)
  })
  test('an object that is not tracked stays so', () => {
    expect(updateManagedFields(cm({ a: '1' }), '', cm({ a: '2' }), writer('x'))).toBe('')
  })
  test('a subresource has an entry of its own, and owns nothing of what it resets', () => {
    const base = { apiVersion: 'apps/v1', schema: deployment }
    const live = { metadata: { name: 'd' }, spec: { replicas: 1 }, status: {} }
    const text = createManagedFields(live, writer('m', base))
    const after = updateManagedFields(live, text, { ...live, spec: { replicas: 2 }, status: { conditions: [{ type: 'A', status: 'True' }] } }, writer('m', { ...base, subresource: 'status', resetFields: [['spec']], time: at(1) }))
    expect(entries(after).map((e) => [e.subresource, e.fieldsV1])).toEqual([
      [undefined, { 'f:spec': { 'f:replicas': {} } }],
      ['status', { 'f:status': { 'f:conditions': { '.': {}, 'k:{"type":"A"}': { '.': {}, 'f:status': {}, 'f:type': {} } } } }],
    ])
  })
  test('onlyFields: all else changes without an owner', () => {
    const live = { metadata: { name: 'd' }, spec: { template: { spec: { containers: [{ name: 'c', image: 'i', resources: {} }] } } } }
    const text = createManagedFields(live, writer('m', { schema: deployment }))
    const updated = { ...live, metadata: { name: 'd', labels: { a: 'b' } }, spec: { template: { spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1' } } }] } } } }
    const after = updateManagedFields(live, text, updated, writer('resizer', { schema: deployment, subresource: 'resize', onlyFields: [['spec', 'template', 'spec', 'containers', '*', 'resources']] }))
    expect(owned(after).resizer).toEqual({ 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { 'f:resources': { 'f:limits': { '.': {}, 'f:cpu': {} } } } } } } } })
  })
  test('at most ten updaters: the oldest become ancient-changes', () => {
    let data: Record<string, string> = { k0: '0' }
    let text = createManagedFields(cm(data), writer('m0'))
    for (let i = 1; i <= 12; i++) {
      const next = { ...data, [`k${i}`]: '0' }
      text = updateManagedFields(cm(data), text, cm(next), writer(`m${i}`, { time: at(i) }))
      data = next
    }
    expect(entries(text).map((e) => e.manager)).toEqual(['ancient-changes', ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((i) => `m${i}`)])
    expect(owned(text)['ancient-changes']).toEqual({ 'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } })
  })
})

describe('what clients send as managedFields', () => {
  const text = createManagedFields(cm({ a: '1' }), writer('creator'))
  const update = (given: unknown): string => updateManagedFields(cm({ a: '1' }), text, cm({ a: '1' }), writer('x'), given)
  test('[] and [{}] drop all entries', () => {
    expect(update([])).toBe('')
    expect(update([{}])).toBe('')
  })
  test('not through a subresource', () => {
    expect(updateManagedFields(cm({ a: '1' }), text, cm({ a: '1' }), writer('x', { subresource: 'status' }), [{}])).toBe(text)
  })
  test('null and what cannot be read change nothing', () => {
    expect(update(null)).toBe(text)
    expect(update([{ manager: 'm' }])).toBe(text)
  })
  test('valid entries take the place of the live ones', () => {
    const given = [{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }]
    expect(owned(update(given))).toEqual({ m: { 'f:data': { 'f:a': {} } } })
  })
  test.each<[unknown, string | undefined]>([
    [undefined, undefined],
    [[{ operation: 'X' }], 'operation must be `Apply` or `Update`'],
    [[{ operation: 'Apply' }], 'apiVersion must not be empty'],
    [[{ operation: 'Apply', apiVersion: 'v1' }], 'missing fieldsType in managed fields entry 0'],
    [[{ operation: 'Apply', apiVersion: 'v1', fieldsType: 'X' }], 'invalid fieldsType "X" in managed fields entry 0'],
    [[{ operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { a: {} } }], 'missing colon: a'],
  ])('%j is %s', (value, error) => {
    expect(managedFieldsError(value)).toBe(error)
  })
})

test.each<[string | undefined, string | undefined, string]>([
  ['me', 'kubectl/v1.36', 'me'],
  ['', 'kubectl/v1.36 (linux)', 'kubectl'],
  [undefined, undefined, ''],
  [undefined, `a\u0000b${'x'.repeat(200)}`, `ab${'x'.repeat(126)}`],
])('manager name of %j and %j', (manager, agent, name) => {
  expect(managerName(manager, agent)).toBe(name)
})

describe('what nothing is declared of', () => {
  const schema = struct('Any', { metadata: objectMeta, spec: struct('', { any: { type: 'untyped', deduced: true } }), more: mapOf({ type: 'untyped', deduced: true }) })
  const object = (any: unknown, more?: object): JsonObject => ({ apiVersion: 'v1', kind: 'Any', metadata: { name: 'a' }, spec: { any }, ...(more ? { more } : {}) }) as JsonObject
  const w = (manager: string): FieldWriter => writer(manager, { schema })

  test('maps are owned entry by entry, lists as a whole', () => {
    expect(owned(createManagedFields(object({ x: [1], y: { z: 1 } }, { a: { b: 1 }, c: 2 }), w('m')))).toEqual({
      m: { 'f:more': { '.': {}, 'f:a': { '.': {}, 'f:b': {} }, 'f:c': {} }, 'f:spec': { '.': {}, 'f:any': { '.': {}, 'f:x': {}, 'f:y': { '.': {}, 'f:z': {} } } } },
    })
    const made = createManagedFields(object({ x: [1], y: 1 }), w('m'))
    const { m, n } = owned(updateManagedFields(object({ x: [1], y: 1 }), made, object({ x: [2], y: 1 }), w('n')))
    expect([m, n]).toEqual([{ 'f:spec': { '.': {}, 'f:any': { '.': {}, 'f:y': {} } } }, { 'f:spec': { 'f:any': { 'f:x': {} } } }])
  })
  test('what turns from one kind of value into another has a new owner', () => {
    for (const [before, after] of [['x', {}], [{}, 'x'], ['x', { a: 1 }], [{ a: 1 }, 'x'], [[1], {}]]) {
      const made = createManagedFields(object(before), w('m'))
      expect(owned(updateManagedFields(object(before), made, object(after), w('n')))['n'], JSON.stringify([before, after])).toHaveProperty(['f:spec', 'f:any'])
    }
  })
})
