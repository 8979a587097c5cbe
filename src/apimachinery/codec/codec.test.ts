import { describe, expect, test } from 'vitest'
import { cannotBeHandled, decodeBody, decodeJsonBody, mediaTypeOf, strictDecodingError, unrecognized } from './codec'
import { decodeJson } from './json'
import { maxDepth, scanJson } from './json-scan'
import { decodeYaml, encodeYaml } from './yaml'
import { DecodeError } from '../schema/decode-error'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('JSON', () => {
  test('duplicate fields are named once, in the order of the text', () => {
    const text = '{"a":{"b":1,"b":2,"b":3},"l":[{"x":1},{"x":1,"x":2}],"a":{"\\u0062":1,"b":2},"text":"\\"b\\":1,\\"b\\":2"}'
    const duplicates: string[] = []
    expect(decodeJson(text, { duplicate: (path) => duplicates.push(path) })).toEqual({ a: { b: 2 }, l: [{ x: 1 }, { x: 2 }], text: '"b":1,"b":2' })
    expect(duplicates).toEqual(['a.b', 'l[1].x', 'a'])
  })
  test('no duplicates in strings, nor where keys look alike', () => {
    const duplicates: string[] = []
    decodeJson('{"a" : "x\\":1,\\"x\\":2", "b":{"a":1}, "A":1, "c\\\\":1, "__proto__": {"a":1}}', { duplicate: (path) => duplicates.push(path) })
    expect(duplicates).toEqual([])
  })
  test('__proto__ is a field like any other', () => {
    const value = decodeJson('{"__proto__":{"polluted":true}}') as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__'])
  })
  test('integers that are rounded are told', () => {
    const found: string[] = []
    decodeJson('{"a":[9007199254740993,9007199254740992,1234567890123456],"b":1.2345678901234567890,"c":"9007199254740993"}', { inexact: (path, literal) => found.push(`${path} ${literal}`) })
    expect(found).toEqual(['a[0] 9007199254740993'])
  })
  test('too deep a text is refused', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(decodeJson(nested(maxDepth))).toBeDefined()
    expect(() => decodeJson(nested(maxDepth + 1))).toThrow('exceeded max depth')
    expect(decodeJson(`"${'['.repeat(maxDepth * 2)}"`)).toHaveLength(maxDepth * 2)
  })
  test('bytes that are no UTF-8 become replacement characters', () => {
    expect(decodeJson(Uint8Array.of(34, 0xff, 34))).toBe('\ufffd')
  })
  test.each([
    ['', 'unexpected end of JSON input'], ['{"kind": "ConfigMap",', 'unexpected end of JSON input'], ['not json', `invalid character 'o' in literal null (expecting 'u')`],
    ['{a:1}', `invalid character 'a' looking for beginning of object key string`], ['{"a" 1}', `invalid character '1' after object key`], ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1 2]', `invalid character '2' after array element`], ['[1,]', `invalid character ']' looking for beginning of value`], ['{} x', `invalid character 'x' after top-level value`],
    ['"\\x"', `invalid character 'x' in string escape code`], ['"\\u00g0"', `invalid character 'g' in \\u hexadecimal character escape`], ['"a\nb"', `invalid character '\\n' in string literal`],
    ['-a', `invalid character 'a' in numeric literal`], ['1.a', `invalid character 'a' after decimal point in numeric literal`], ['1ea', `invalid character 'a' in exponent of numeric literal`],
    ['01', `invalid character '1' after top-level value`], ["'a'", `invalid character '\\'' looking for beginning of value`], ['\ufeff{}', `invalid character 'ï' looking for beginning of value`],
  ])('%j: %s', (text, message) => {
    expect(() => decodeJson(text)).toThrow(message)
  })
  test('what JSON.parse accepts, the scanner accepts', () => {
    for (const text of ['{"a":[1,-0.5e+3,true,false,null,"\\ud83d\\ude00"],"":{}}', ' [ ] ', '"x"', '0'] ) expect(scanJson(text).duplicates).toEqual([])
  })
})

describe('YAML', () => {
  test('is read as version 1.1, as JSON knows values', async () => {
    expect(await decodeYaml('a: 010\nb: 0x1F\nc: yes\nd: 2001-01-01\ne: 1:20\nf: 1_000\ng: ~\nh: "1"\n1: one\ntrue: t\ni: 12:30:45\nbase: &x {k: v}\nm: {<<: *x, l: w}\n')).toEqual({
      a: 8, b: 31, c: true, d: '2001-01-01', e: '1:20', f: 1000, g: null, h: '1', 1: 'one', true: 't', i: '12:30:45', base: { k: 'v' }, m: { k: 'v', l: 'w' },
    })
    expect(await decodeYaml('apiVersion: v1\nkind: ConfigMap\n---\nx')).toEqual({ apiVersion: 'v1', kind: 'ConfigMap' })
    expect(await decodeYaml('')).toBeNull()
  })
  test('duplicates are told with their lines', async () => {
    const found: string[] = []
    expect(await decodeYaml('a: 1\nb:\n  c: 1\n  c: 2\na: 3\n', { duplicate: (text) => found.push(text) })).toEqual({ a: 3, b: { c: 2 } })
    expect(found).toEqual(['yaml: unmarshal errors:\n  line 5: key "a" already set in map\n  line 4: key "c" already set in map'])
  })
  test.each([['a: b: c', 'yaml: mapping values are not allowed in this context'], [':\n  - [', 'yaml: did not find expected key'], ['a: 1\nb: c: d', 'yaml: line 2: mapping values are not allowed in this context']])(
    '%j: %s', async (text, message) => {
      await expect(decodeYaml(text)).rejects.toThrow(message)
    },
  )
  test('an alias to nothing is an error', async () => {
    await expect(decodeYaml('a: *x')).rejects.toThrow(/^yaml: /)
  })
  test('is written with sorted keys', async () => {
    expect(await encodeYaml({ kind: 'Status', apiVersion: 'v1', metadata: {}, message: 'configmaps "nope" not found', list: [{ b: 1, a: 'yes' }], text: 'a\nb\n' })).toBe(
      'apiVersion: v1\nkind: Status\nlist:\n- a: "yes"\n  b: 1\nmessage: configmaps "nope" not found\nmetadata: {}\ntext: |\n  a\n  b\n',
    )
  })
})

describe('bodies and what is wrong with them', () => {
  test('media types', () => {
    expect(mediaTypeOf(undefined)).toBe('application/json')
    expect(mediaTypeOf('Application/JSON; charset=utf-8')).toBe('application/json')
    expect(mediaTypeOf('application/yaml')).toBe('application/yaml')
    expect(mediaTypeOf('application/vnd.kubernetes.protobuf')).toBe('application/vnd.kubernetes.protobuf')
    expect(() => mediaTypeOf('application/cbor')).toThrow('the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf')
  })
  test.each([
    ['{"kind": "ConfigMap",', `couldn't get version/kind; json parse error: unexpected end of JSON input ({"kind": "ConfigMap",)`],
    ['not json', `couldn't get version/kind; json parse error: invalid character 'o' in literal null (expecting 'u') (6e6f74206a736f6e)`],
    ['', `couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`],
    ['[]', `couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`],
  ])('%j is no object', (text, message) => {
    let error: unknown
    try {
      decodeJsonBody(bytes(text), true)
    } catch (thrown) {
      error = unrecognized(thrown, 'ConfigMap', bytes(text))
    }
    expect(error).toMatchObject({ code: 400, message: `the object provided is unrecognized (must be of type ConfigMap): ${message}` })
  })
  test('unknown and duplicate fields in the order of the text', () => {
    const { strict } = decodeJsonBody('{"a":{"x":1,"n":1,"n":2,"y":1},"l":[{"z":1}]}', true)
    expect(strict.withUnknown!(['a.y', 'l[0].z', 'a.x'])).toEqual(['unknown field "a.x"', 'duplicate field "a.n"', 'unknown field "a.y"', 'unknown field "l[0].z"'])
    expect(decodeJsonBody('{"a":1}', true).strict).toEqual({ texts: [] })
  })

  test('strict problems', async () => {
    const { strict, rounded } = await decodeBody(bytes('{"metadata":{"name":"a","name":"b"},"n":9007199254740993}'), 'application/json', true)
    expect(strict.texts).toEqual(['duplicate field "metadata.name"'])
    expect(rounded).toEqual(['n: 9007199254740993 is beyond 2^53 and was rounded to 9007199254740992'])
    expect(strictDecodingError(strict.texts, 'ConfigMap', 'v1').message).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "metadata.name"')
    expect(cannotBeHandled(new DecodeError('x'), 'Pod', 'v1')).toMatchObject({ code: 400, message: 'Pod in version "v1" cannot be handled as a Pod: x' })
  })
})
