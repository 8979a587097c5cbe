import { describe, expect, test } from 'vitest'
import type { ApiError } from '#apimachinery/api-error'
import { applyPatch } from './apply'
import type { Applied, Applier, JsonObject } from './contract'
import { scaleFromParent, scaleToParent } from './scale'
import { configMap, deployment, field, int, struct, text, widget } from './test-schema'
import { updateManagedFields } from './update'

const time = '2026-11-01T10:00:00Z'
const later = '2026-11-01T11:00:00Z'
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen)
    Object.freeze(value)
  }
  return value
}
const kinds = { ConfigMap: { apiVersion: 'v1', schema: configMap }, Deployment: { apiVersion: 'apps/v1', schema: deployment }, Widget: { apiVersion: 'x.io/v1', schema: widget } }
type Kind = keyof typeof kinds
const applier = (kind: Kind, manager: string, options: Partial<Applier> = {}): Applier => ({ ...kinds[kind], kind, manager, time, force: false, resetFields: [['status']], ...options })
const config = (kind: Kind, rest: object): JsonObject => frozen({ apiVersion: kinds[kind].apiVersion, kind, metadata: { name: 'o' }, ...rest })

/** An object and its entries, on which managers act one after another. */
function subject(kind: Kind): {
  apply(manager: string, rest: object, options?: Partial<Applier>): Applied
  put(manager: string, rest: object): void
  readonly object: Record<string, unknown>
  owned(): Record<string, object>
  times(): Record<string, string | undefined>
} {
  let object: JsonObject | undefined
  let managed = ''
  const list = (): { manager: string; time?: string; fieldsV1: object }[] => (managed === '' ? [] : (JSON.parse(managed) as []))
  return {
    apply(manager, rest, options) {
      const applied = applyPatch(object, managed, config(kind, rest), applier(kind, manager, options))
      object = frozen(applied.object)
      managed = applied.managedFields
      return applied
    },
    put(manager, rest) {
      const updated = config(kind, rest)
      managed = updateManagedFields(object!, managed, updated, { ...kinds[kind], manager, time })
      object = updated
    },
    get object() {
      return object as Record<string, unknown>
    },
    owned: () => Object.fromEntries(list().map((e) => [e.manager, e.fieldsV1])),
    times: () => Object.fromEntries(list().map((e) => [e.manager, e.time])),
  }
}
function failure(act: () => unknown): ApiError['status'] {
  try {
    act()
  } catch (error) {
    return (error as ApiError).status
  }
  throw new Error('nothing was thrown')
}

describe('ownership', () => {
  test('a field that is no longer applied goes, unless somebody else has it', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1', b: '1' } })
    s.apply('two', { data: { b: '1' } })
    s.apply('one', { data: {} })
    expect(s.object.data).toEqual({ b: '1' })
    expect(s.owned()).toEqual({ one: { 'f:data': {} }, two: { 'f:data': { 'f:b': {} } } })
  })
  test('an apply that changes nothing keeps object and time', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1' } })
    const before = s.object
    expect(s.apply('one', { data: { a: '1' } }, { time: later }).changed).toBe(false)
    expect(s.object).toBe(before)
    expect(s.times()).toEqual({ one: time })
  })
  test('a first apply that changes nothing has no time', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1' } })
    s.apply('two', { data: { a: '1' } })
    expect(s.times()).toEqual({ one: time, two: undefined })
  })
  test('what nobody tracked belongs to before-first-apply', () => {
    const live = config('ConfigMap', { data: { a: '1' } })
    const { managedFields } = applyPatch(live, '', config('ConfigMap', { data: { b: '2' } }), applier('ConfigMap', 'one'))
    expect((JSON.parse(managedFields) as { manager: string; operation: string; fieldsV1: object }[]).map((e) => [e.manager, e.operation, e.fieldsV1])).toEqual([
      ['one', 'Apply', { 'f:data': { 'f:b': {} } }],
      ['before-first-apply', 'Update', { 'f:data': { '.': {}, 'f:a': {} } }],
    ])
  })
  test('an update takes fields from appliers', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1', b: '1' } })
    s.put('editor', { data: { a: '2', b: '1' } })
    expect(s.owned()).toEqual({ one: { 'f:data': { 'f:b': {} } }, editor: { 'f:data': { 'f:a': {} } } })
  })
  test('resetFields: applied, but never owned', () => {
    const s = subject('Deployment')
    s.apply('one', { spec: { replicas: 1 }, status: { replicas: 7 } })
    expect(s.owned()).toEqual({ one: { 'f:spec': { 'f:replicas': {} } } })
  })
})

describe('conflicts', () => {
  test('one: the message names manager and field', () => {
    const s = subject('Deployment')
    s.apply('one', { spec: { replicas: 1 } })
    s.put('scaler', { ...s.object, spec: { ...(s.object.spec as object), replicas: 2 } })
    expect(failure(() => s.apply('one', { spec: { replicas: 3 } }))).toMatchObject({
      code: 409, reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "scaler" using apps/v1', field: '.spec.replicas' }] },
    })
  })
  test('several: grouped by manager', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1', b: '1' } })
    s.apply('two', { data: { c: '1' } })
    expect(failure(() => s.apply('three', { data: { a: 'x', b: 'x', c: 'x' } })).message)
      .toBe('Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "two":\n- .data.c')
  })
  test('the same value is no conflict', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1' } })
    s.apply('two', { data: { a: '1' } })
    expect(s.owned()).toEqual({ one: { 'f:data': { 'f:a': {} } }, two: { 'f:data': { 'f:a': {} } } })
  })
  test('force takes the field away', () => {
    const s = subject('ConfigMap')
    s.apply('one', { data: { a: '1', b: '1' } })
    s.apply('two', { data: { a: '2' } }, { force: true })
    expect(s.object.data).toEqual({ a: '2', b: '1' })
    expect(s.owned()).toEqual({ one: { 'f:data': { 'f:b': {} } }, two: { 'f:data': { 'f:a': {} } } })
  })
})

describe('lists and maps', () => {
  const template = (...containers: object[]): object => ({ spec: { template: { spec: { containers } } } })
  const containersOf = (s: { object: unknown }): { name: string }[] => (s.object as { spec: { template: { spec: { containers: [] } } } }).spec.template.spec.containers

  test('items of two managers live side by side, also inside of items', () => {
    const s = subject('Deployment')
    s.apply('one', template({ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }))
    s.apply('two', template({ name: 'c', env: [{ name: 'B', value: '2' }] }, { name: 'x', image: 'x' }))
    expect(containersOf(s)).toEqual([{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }, { name: 'x', image: 'x' }])
    s.apply('two', {})
    expect(containersOf(s)).toEqual([{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }])
  })
  test('a key takes its default, and the item has one identity before and after defaulting', () => {
    const s = subject('Deployment')
    s.apply('one', template({ name: 'c', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] }))
    expect(JSON.stringify(s.owned())).toContain(JSON.stringify('k:{"containerPort":80,"protocol":"TCP"}'))
    s.apply('one', template({ name: 'c', ports: [{ containerPort: 80, protocol: 'TCP' }] }))
    expect(containersOf(s)).toEqual([{ name: 'c', ports: [{ containerPort: 80, protocol: 'TCP' }] }])
  })
  test.each<[string, string[], string[], string[]]>([
    ['new items follow the old', ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c']],
    ['the configuration orders what both have', ['a', 'b', 'c'], ['c', 'a'], ['c', 'a']],
    ['new items keep their place between shared ones', ['a', 'b'], ['a', 'x', 'b'], ['a', 'x', 'b']],
  ])('order: %s', (_, first, second, expected) => {
    const s = subject('Deployment')
    s.apply('one', template(...first.map((name) => ({ name }))))
    s.apply('one', template(...second.map((name) => ({ name }))))
    expect(containersOf(s).map((c) => c.name)).toEqual(expected)
  })
  test("order: others' items stay where they are", () => {
    const s = subject('Widget')
    s.apply('one', { spec: { tags: ['a', 'b', 'c'] } })
    s.apply('two', { spec: { tags: ['c', 'x', 'a'] } })
    expect((s.object.spec as { tags: string[] }).tags).toEqual(['b', 'c', 'x', 'a'])
  })
  test('atomic lists and maps have one owner', () => {
    const s = subject('Widget')
    s.apply('one', { spec: { list: ['a'], atom: { a: 'b' } } })
    expect(failure(() => s.apply('two', { spec: { list: ['b'], atom: { c: 'd' } } })).details?.causes?.map((c) => c.field)).toEqual(['.spec.atom', '.spec.list'])
    s.apply('one', { spec: { list: ['z'] } })
    expect(s.object.spec).toEqual({ list: ['z'] })
  })
  test('unknown fields that are kept are owned entry by entry', () => {
    const s = subject('Widget')
    s.apply('ctl', { status: { x: 1, deep: { y: [1] } } }, { subresource: 'status', resetFields: [['spec']] })
    expect(s.owned()).toEqual({ ctl: { 'f:status': { 'f:x': {}, 'f:deep': { '.': {}, 'f:y': {} } } } })
  })
})

describe('refusals', () => {
  const messageOf = (kind: Kind, rest: object): string => {
    const { code, message } = failure(() => applyPatch(undefined, '', config(kind, rest), applier(kind, 'm')))
    return `${code} ${message}`
  }
  test.each<[Kind, object, string]>([
    ['ConfigMap', { kind: 'Secret' }, '400 invalid object type: /v1, Kind=Secret'],
    ['Deployment', { apiVersion: 'apps/v2' }, '400 invalid object type: apps/v2, Kind=Deployment'],
    ['ConfigMap', { metadata: { managedFields: [] } }, '400 metadata.managedFields must be nil'],
    ['ConfigMap', { data: { a: 5 } }, '500 failed to create typed patch object (/o; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:5}'],
    ['ConfigMap', { foo: 1 }, '500 failed to create typed patch object (/o; /v1, Kind=ConfigMap): .foo: field not declared in schema'],
    ['ConfigMap', { data: [] }, '500 failed to create typed patch object (/o; /v1, Kind=ConfigMap): .data: expected map, got &{[]}'],
    ['Deployment', { spec: { replicas: 'x', paused: 1 } }, '500 failed to create typed patch object (/o; apps/v1, Kind=Deployment): errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.paused: expected boolean, got &{1}'],
    ['Widget', { spec: { items: [{ v: '1' }] } }, '500 failed to create typed patch object (/o; x.io/v1, Kind=Widget): .spec.items: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)'],
    ['Widget', { spec: { items: [{ name: 'a' }, { name: 'a' }] } }, '500 failed to create typed patch object (/o; x.io/v1, Kind=Widget): .spec.items: duplicate entries for key [name="a"]'],
    ['Widget', { spec: { tags: ['a', 'a'] } }, '500 failed to create typed patch object (/o; x.io/v1, Kind=Widget): .spec.tags: duplicate entries for key [="a"]'],
  ])('%s %j', (kind, rest, message) => {
    expect(messageOf(kind, rest)).toBe(message)
  })
})

describe('kubectl, from its own apply to the server\'s', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const clientSide = (data: object): object => ({
    metadata: { name: 'o', annotations: { [annotation]: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'o' }, data }) } }, data,
  })
  const start = (): ReturnType<typeof subject> => {
    const s = subject('ConfigMap')
    s.apply('seed', {})
    s.apply('kubectl-client-side-apply', clientSide({ a: '1', b: '2' }))
    return s
  }
  test('takes over what it applied before, and keeps the annotation up to date', () => {
    const s = start()
    s.apply('kubectl', { data: { a: '2' } })
    expect(s.object.data).toEqual({ a: '2', b: '2' })
    expect((s.object.metadata as { annotations: Record<string, string> }).annotations[annotation])
      .toBe('{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"o"}}\n')
  })
  test('not what somebody else has changed since', () => {
    const s = start()
    s.put('editor', { metadata: s.object.metadata, data: { a: 'edited', b: '2' } })
    expect(failure(() => s.apply('kubectl', { data: { a: '3', b: '3' } })).details?.causes?.map((c) => c.field)).toEqual(['.data.a'])
  })
})

test('a version that is no longer served is dropped, another one is compared in its own terms', () => {
  const v2 = struct('T', { apiVersion: text, kind: text, metadata: struct('M', { name: text }), spec: struct('S', { count: field(int) }) })
  const v1 = struct('T', { apiVersion: text, kind: text, metadata: struct('M', { name: text }), spec: struct('S', { size: field(int) }) })
  const convert: Applier['convert'] = (object, apiVersion) => {
    if (apiVersion === 'x/v0') return undefined
    const spec = (object.spec ?? {}) as { size?: number; count?: number }
    const value = spec.size ?? spec.count
    const name = apiVersion === 'x/v1' ? 'size' : 'count'
    return { schema: apiVersion === 'x/v1' ? v1 : v2, object: { ...object, apiVersion, ...(value === undefined ? {} : { spec: { [name]: value } }) } }
  }
  const entry = (manager: string, apiVersion: string, name: string): object => ({ manager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': { [`f:${name}`]: {} } } })
  const live = { apiVersion: 'x/v2', kind: 'T', metadata: { name: 't' }, spec: { count: 1 } }
  const managed = JSON.stringify([entry('gone', 'x/v0', 'old'), entry('old', 'x/v1', 'size')])
  const as = (manager: string): Applier => ({ manager, apiVersion: 'x/v2', kind: 'T', schema: v2, time, force: false, convert })
  expect(failure(() => applyPatch(live, managed, { ...live, spec: { count: 2 } }, as('new'))).message).toBe('Apply failed with 1 conflict: conflict with "old": .spec.size')
  const same = applyPatch(live, managed, { ...live, spec: {} }, as('old'))
  expect(same.object.spec).toEqual({})
  expect((JSON.parse(same.managedFields) as { manager: string }[]).map((e) => e.manager)).toEqual(['old'])
})

describe('scale', () => {
  const paths = { 'apps/v1': ['spec', 'replicas'] }
  const entry = (manager: string, operation: string, apiVersion: string, fields: object, subresource?: string): object => ({
    manager, operation, apiVersion, fieldsType: 'FieldsV1', fieldsV1: fields, ...(subresource ? { subresource } : {}),
  })
  const parent = JSON.stringify([entry('one', 'Apply', 'apps/v1', { 'f:spec': { 'f:paused': {}, 'f:replicas': {} } })])
  test('shows who owns the replicas', () => {
    expect(JSON.parse(scaleFromParent(parent, paths))).toEqual([entry('one', 'Apply', 'autoscaling/v1', { 'f:spec': { 'f:replicas': {} } })])
  })
  test('who scales takes the replicas from their owner', () => {
    const scaled = JSON.stringify([entry('hpa', 'Update', 'autoscaling/v1', { 'f:spec': { 'f:replicas': {} } }, 'scale')])
    expect(JSON.parse(scaleToParent(parent, scaled, 'apps/v1', paths))).toEqual([
      entry('one', 'Apply', 'apps/v1', { 'f:spec': { 'f:paused': {} } }),
      entry('hpa', 'Update', 'apps/v1', { 'f:spec': { 'f:replicas': {} } }, 'scale'),
    ])
  })
  test('nothing stolen, nothing changed', () => {
    expect(JSON.parse(scaleToParent(parent, scaleFromParent(parent, paths), 'apps/v1', paths))).toEqual(JSON.parse(parent))
  })
})
