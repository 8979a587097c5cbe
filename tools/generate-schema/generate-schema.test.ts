import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeTable } from '#apimachinery/schema/table'
import type { Structs } from '#apimachinery/schema/table'
import { emitTable } from './emit'
import { generate } from './main'
import { parseTypes } from './parse'

const scalarsImport = `import type { Bytes, Int32, Int64, Json, ListMap, ListSet, Quantity, Time } from '#apimachinery/meta/v1/scalars'\n`
const parse = (source: string) => parseTypes('src/api/x/v1/types.ts', 'x/v1', scalarsImport + source)

/** Runs the emitted module's one expression without the module around it. */
function tableOf(source: string, imports: Structs[] = []): Structs {
  const text = emitTable(parse(source))
  const quoted = text.slice(text.indexOf('`') + 2, text.lastIndexOf('`'))
  const raw = quoted.replaceAll('\\n', '\n').replaceAll('\\`', '`').replaceAll('\\\\', '\\').replace(/^\n/, '')
  return decodeTable('x/v1', imports.map((structs) => () => structs), raw)
}

describe('from types.ts to structs', () => {
  test('scalars, zero rules, defaults and protobuf numbers', () => {
    const { A } = tableOf(`export interface A {
      apiVersion: 'x/v1'
      kind: string
      /** @proto 1 @default 3 @pointer */ replicas?: Int32
      /** @proto 2.1 @required @always */ name: string
      /** @proto 3 @always null */ since?: Time
      /** @proto 4 @default "a b @c" */ text?: string
      /** @proto 5 */ mode?: 'On' | 'Off'
      /** @proto 6 @always */ 'x-size': Quantity
    }`)
    const fields = A!.fields
    expect([...fields.keys()]).toEqual(['apiVersion', 'kind', 'replicas', 'name', 'since', 'text', 'mode', 'x-size'])
    expect(fields.get('replicas')).toEqual({ name: 'replicas', schema: { type: 'int32' }, proto: [1], required: false, zero: 'keep', default: 3, retainKeys: false })
    expect(fields.get('name')).toMatchObject({ proto: [2, 1], required: true, zero: 'always', empty: '' })
    expect(fields.get('since')).toMatchObject({ schema: { type: 'time' }, zero: 'always', empty: null })
    expect(fields.get('text')!.default).toBe('a b @c')
    expect(fields.get('mode')!.schema).toEqual({ type: 'string' })
    expect(fields.get('x-size')!.empty).toBe('0')
  })

  test('lists, maps, merge keys and ownership', () => {
    const { A } = tableOf(`export interface A {
      /** @proto 1 @merge port */ ports?: ListMap<Port, 'port' | 'protocol'>
      /** @proto 2 @merge */ names?: ListSet<string>
      /** @proto 3 @atomic */ args?: string[]
      /** @proto 4 */ plain?: string[]
      /** @proto 5 @atomic */ selector?: Record<string, string>
      /** @proto 6 */ data?: Record<string, Bytes>
      /** @proto 7 @retainKeys */ port?: Port
      /** @proto 8 @granular */ owned?: Whole
      /** @proto 9 @atomic */ whole?: Port
      /** @proto 10 */ none?: Record<string, never>
    }
    export interface Port { /** @proto 1 */ port: Int32 }
    /** @atomic */
    export interface Whole { /** @proto 1 */ port: Int32 }`)
    const schema = (name: string) => A!.fields.get(name)!.schema
    expect(schema('ports')).toMatchObject({ type: 'list', listType: 'map', keys: ['port', 'protocol'], items: { name: 'Port' } })
    expect(A!.fields.get('ports')!.mergeKey).toBe('port')
    expect(schema('names')).toEqual({ type: 'list', listType: 'set', keys: [], items: { type: 'string' } })
    expect(A!.fields.get('names')!.mergeKey).toBe(true)
    expect(schema('args')).toMatchObject({ listType: 'atomic', stated: true })
    expect(schema('plain')).toEqual({ type: 'list', listType: 'atomic', keys: [], items: { type: 'string' } })
    expect(schema('selector')).toEqual({ type: 'map', atomic: true, values: { type: 'string' } })
    expect(schema('data')).toEqual({ type: 'map', atomic: false, values: { type: 'bytes' } })
    expect(A!.fields.get('port')!.retainKeys).toBe(true)
    expect(schema('owned')).toMatchObject({ name: 'Whole', atomic: false })
    expect(schema('whole')).toMatchObject({ name: 'Port', atomic: true })
    expect(schema('none')).toMatchObject({ type: 'struct', fields: new Map() })
  })

  test('circles, alternatives, and types of other groups', () => {
    const meta = decodeTable('meta/v1', [], 'ObjectMeta\tname s 1')
    const { Node, Leaf } = tableOf(
      `import type { ObjectMeta } from '#apimachinery/meta/v1/types'
      export interface Node {
        /** @proto 1 */ metadata: ObjectMeta
        /** @proto 2 */ next?: Node
        /** @proto 3 */ items?: Node | Node[] | boolean
        /** @proto 4 */ any?: Json
      }
      export interface Leaf {}`,
      [meta],
    )
    expect(Node!.fields.get('metadata')!.schema).toBe(meta['ObjectMeta'])
    expect(Node!.fields.get('next')!.schema).toBe(Node)
    expect(Node!.fields.get('items')!.schema).toMatchObject({ type: 'untyped', either: [{ name: 'Node' }, { type: 'list' }, { type: 'boolean' }] })
    expect(Leaf!.fields.size).toBe(0)
    expect(Node!.origin).toBe('x/v1')
  })
})

test.each([
  [`export interface A { /** @prot 1 */ b: string }`, 'A.b: @prot is no tag'],
  [`export interface A { /** @proto x */ b: string }`, 'A.b: @proto wants a number'],
  [`export interface A { /** @proto 1 @proto 2 */ b: string }`, 'A.b: @proto is said twice'],
  [`export interface A { b: string }`, 'A.b: has no @proto'],
  [`export interface A { /** @proto 1 */ b: number }`, 'A.b: the type TSNumberKeyword is not known'],
  [`export interface A { /** @proto 1 */ b: Missing }`, 'A.b: the type Missing is neither declared here nor imported'],
  [`export interface A { /** @proto 1 @default {x} */ b: string }`, 'A.b: @default wants a JSON value'],
  [`export interface A { /** @proto 1 @merge name */ b: string }`, 'A.b: @merge speaks about lists'],
  [`/** @proto 1 */\nexport interface A { /** @proto 1 */ b: string }`, 'A: @proto cannot stand before an interface'],
  [`export interface A { /** @proto 1 */ b: string\n /** @proto 2 */ b: string }`, 'A.b: is there twice'],
])('%s is refused', (source, message) => {
  expect(() => parse(source)).toThrow(`src/api/x/v1/types.ts: ${message}`)
})

describe('writing', () => {
  const roots: string[] = []
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true })
  })

  function tree(types: string): string {
    const root = mkdtempSync(join(tmpdir(), 'generate-schema-'))
    roots.push(root)
    for (const folder of ['src/apimachinery/meta/v1', 'src/api/x/v1']) mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, 'src/apimachinery/meta/v1/types.ts'), 'export interface ObjectMeta { /** @proto 1 */ name: string }\n')
    writeFileSync(join(root, 'src/api/x/v1/types.ts'), types)
    return root
  }

  test('only what changed is written', () => {
    const root = tree('export interface A { /** @proto 1 */ b: string }\n')
    expect(generate(root)).toHaveLength(2)
    expect(generate(root)).toEqual([])
    writeFileSync(join(root, 'src/api/x/v1/types.ts'), 'export interface A { /** @proto 2 */ b: string }\n')
    expect(generate(root)).toEqual([`${root}/src/api/x/v1/types.gen.ts`])
    expect(readFileSync(join(root, 'src/api/x/v1/types.gen.ts'), 'utf8')).toContain('A\tb s 2')
  })

  test('a reference to an interface that the other file lacks is an error', () => {
    const root = tree(`import type { Gone } from '#apimachinery/meta/v1/types'\nexport interface A { /** @proto 1 */ b: Gone }\n`)
    expect(() => generate(root)).toThrow('src/api/x/v1/types.ts: A.b: meta/v1 has no Gone')
  })
})

test('every struct of every committed types.ts decodes', async () => {
  const root = process.cwd()
  generate(root)
  const { structs } = (await import('#api/core/v1/types.gen')) as { structs: Structs }
  const seen = new Set<unknown>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    if (value instanceof Map) value.forEach(walk)
    else {
      for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key])
      if ((value as { type?: unknown }).type === 'struct') walk((value as { fields: unknown }).fields)
    }
  }
  walk(structs)
  const pod = structs['Pod']!.fields.get('spec')!.schema
  expect(pod).toMatchObject({ type: 'struct', name: 'PodSpec' })
  expect(seen.size).toBeGreaterThan(1000)
})
