import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyMergePatch } from '#apimachinery/patch/merge-patch'
import { applyStrategicMergePatch } from '#apimachinery/patch/strategic-merge-patch'
import { sameJson } from '#apimachinery/patch/json-patch'
import { applyPatch } from './apply'
import type { Applier, FieldWriter, JsonObject } from './contract'
import { difference, has, intersection, pathsOf, setOf, showPath, union, without, type FieldSet } from './field-set'
import { podSpec, widget } from './test-schema'
import { createManagedFields, updateManagedFields } from './update'

const time = '2026-11-01T10:00:00Z'
const writer = (manager: string): FieldWriter => ({ manager, apiVersion: 'x/v1', schema: widget, time })
const applier = (manager: string, force = false): Applier => ({ ...writer(manager), kind: 'Widget', force })

describe('sets of paths', () => {
  const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', 'v:"x"'), { minLength: 1, maxLength: 4 })
  const set = fc.array(path, { maxLength: 12 }).map((paths) => ({ set: setOf(...paths), paths: new Set(paths.map((p) => p.join(' '))) }))
  const members = (fields: FieldSet): Set<string> => new Set(Array.from(pathsOf(fields), (p) => p.join(' ')))
  test('behave as sets of texts do', () => {
    fc.assert(fc.property(set, set, (a, b) => {
      expect(members(a.set)).toEqual(a.paths)
      expect(members(union(a.set, b.set))).toEqual(new Set([...a.paths, ...b.paths]))
      expect(members(intersection(a.set, b.set))).toEqual(new Set([...a.paths].filter((p) => b.paths.has(p))))
      expect(members(difference(a.set, b.set))).toEqual(new Set([...a.paths].filter((p) => !b.paths.has(p))))
      expect(members(without(a.set, b.set))).toEqual(new Set([...a.paths].filter((p) => ![...b.paths].some((q) => p === q || p.startsWith(`${q} `)))))
      for (const p of a.paths) expect(has(a.set, p.split(' '))).toBe(true)
    }))
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'd')
const value = fc.constantFrom('1', '2')
const map = fc.dictionary(name, value, { maxKeys: 3 })
const spec = fc.record({
  size: fc.integer({ min: 1, max: 3 }),
  tags: fc.uniqueArray(name, { maxLength: 4 }),
  items: fc.uniqueArray(fc.record({ name, v: value }, { requiredKeys: ['name'] }), { selector: (item) => item.name, maxLength: 4 }),
  list: fc.array(value, { maxLength: 2 }), atom: map, gran: map,
}, { requiredKeys: [] })
const config = (of: object): JsonObject => ({ apiVersion: 'x/v1', kind: 'Widget', metadata: { name: 'w' }, spec: of })

interface State { object: JsonObject | undefined; managed: string }
const applyTo = ({ object, managed }: State, of: object, manager: string, force = true): State => {
  const applied = applyPatch(object, managed, config(of), applier(manager, force))
  return { object: applied.object, managed: applied.managedFields }
}
const ownersOf = (managed: string): { manager: string; fieldsV1: FieldSet }[] => (managed === '' ? [] : JSON.parse(managed)) as { manager: string; fieldsV1: FieldSet }[]

describe('apply', () => {
  test('twice is once', () => {
    fc.assert(fc.property(spec, spec, (first, second) => {
      const once = applyTo(applyTo({ object: undefined, managed: '' }, first, 'one'), second, 'two')
      const again = applyPatch(once.object, once.managed, config(second), applier('two'))
      expect(again.changed).toBe(false)
      expect(again.object).toBe(once.object)
      expect(again.managedFields).toBe(once.managed)
    }))
  })
  test('one manager alone gets what it applied last, and nothing else', () => {
    fc.assert(fc.property(spec, spec, (first, second) => {
      const after = applyTo(applyTo({ object: undefined, managed: '' }, first, 'one'), second, 'one')
      const fresh = applyTo({ object: undefined, managed: '' }, second, 'one')
      expect(stripEmpty(after.object)).toEqual(stripEmpty(fresh.object))
    }))
  })
  test('what a manager applied is there, and it owns it; force leaves no disagreement', () => {
    fc.assert(fc.property(spec, spec, (first, second) => {
      const after = applyTo(applyTo({ object: undefined, managed: '' }, first, 'one'), second, 'two')
      expect(() => applyTo(after, second, 'three', false)).not.toThrow()
    }))
  })
  test('without force it either changes nothing of others or says what', () => {
    fc.assert(fc.property(spec, spec, (first, second) => {
      const state = applyTo({ object: undefined, managed: '' }, first, 'one')
      const before = ownersOf(state.managed)
      try {
        const after = applyTo(state, second, 'two', false)
        expect(ownersOf(after.managed).filter((e) => e.manager === 'one')).toEqual(before)
      } catch (error) {
        const { causes } = (error as { status: { details: { causes: { field: string }[] } } }).status.details
        const owned = before.flatMap((e) => Array.from(pathsOf(e.fieldsV1), showPath))
        for (const { field } of causes) expect(owned).toContain(field)
      }
    }))
  })
})

describe('create', () => {
  test('the text of one walk is that of a comparison with an empty object', () => {
    fc.assert(fc.property(spec, map, (of, labels) => {
      const object = { ...config(of), metadata: { name: 'w', labels }, status: { any: of } }
      // A path of two parts takes the general way.
      expect(createManagedFields(object, writer('m'))).toBe(createManagedFields(object, { ...writer('m'), resetFields: [['no', 'such']] }))
    }))
  })
})

describe('update', () => {
  test('no path has two owners that never applied, and none is owned that is not there', () => {
    fc.assert(fc.property(spec, spec, spec, (first, second, third) => {
      let managed = createManagedFields(config(first), writer('m1'))
      managed = updateManagedFields(config(first), managed, config(second), writer('m2'))
      managed = updateManagedFields(config(second), managed, config(third), writer('m3'))
      const paths = ownersOf(managed).flatMap((e) => Array.from(pathsOf(e.fieldsV1), showPath))
      expect(new Set(paths).size).toBe(paths.length)
      const all = ownersOf(createManagedFields(config(third), writer('all'))).flatMap((e) => Array.from(pathsOf(e.fieldsV1), showPath))
      for (const path of paths) expect(all).toContain(path)
    }))
  })
})

test('a merge patch made of two objects leads from one to the other', () => {
  const json = fc.dictionary(name, fc.oneof(value, map, fc.array(value, { maxLength: 2 })), { maxKeys: 4 })
  const patchOf = (from: Record<string, unknown>, to: Record<string, unknown>): Record<string, unknown> => ({
    ...Object.fromEntries(Object.keys(from).filter((key) => !(key in to)).map((key) => [key, null])),
    ...Object.fromEntries(Object.entries(to).map(([key, v]) => [key, isMap(v) && isMap(from[key]) ? patchOf(from[key], v) : v])),
  })
  fc.assert(fc.property(json, json, (from, to) => sameJson(applyMergePatch(from, patchOf(from, to)), to)))
})

describe('strategic merge', () => {
  const container = fc.record({ name, image: value, args: fc.array(value, { maxLength: 2 }) }, { requiredKeys: ['name'] })
  const podSpecs = fc.uniqueArray(container, { selector: (c) => c.name, maxLength: 4 }).map((containers) => ({ containers }))
  test('an object laid over itself is itself', () => {
    fc.assert(fc.property(podSpecs, (of) => {
      expect(applyStrategicMergePatch(of, of, podSpec)).toEqual(of)
    }))
  })
  test('has the items of both, in the order of the patch where it asks for one', () => {
    fc.assert(fc.property(podSpecs, podSpecs, (live, patch) => {
      // The original refuses to order nothing.
      fc.pre(live.containers.length + patch.containers.length > 0)
      const order = patch.containers.map((c) => ({ name: c.name }))
      const merged = applyStrategicMergePatch(live, { ...patch, '$setElementOrder/containers': order }, podSpec) as typeof live
      const names = merged.containers.map((c) => c.name)
      expect(new Set(names)).toEqual(new Set([...live.containers, ...patch.containers].map((c) => c.name)))
      expect(names.filter((n) => order.some((o) => o.name === n))).toEqual(order.map((o) => o.name))
      for (const c of patch.containers) expect(merged.containers.find((m) => m.name === c.name)).toMatchObject(c)
    }))
  })
})

const isMap = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v)

/** Lists and maps without content come and go with their last item. */
function stripEmpty(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(stripEmpty)
  if (!isMap(v)) return v
  return Object.fromEntries(Object.entries(v).map(([key, x]) => [key, stripEmpty(x)] as const).filter(([, x]) => !(typeof x === 'object' && x !== null && Object.keys(x).length === 0)))
}
