import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { DecodeError } from '../../schema/decode-error'
import { decodeTable } from '../../schema/table'
import { decodeMessage } from './decode'
import { encodeMessage } from './encode'
import { envelopeAround, openEnvelope, putVarint, sealEnvelope } from './envelope'
import { Reader } from './reader'
import { watchFrame } from './watch-frame'

const structs = decodeTable('test/v1', [], [
  'Thing\ttext s 1\tpointer s 2 p\tcount i 3\tbig l 4 p\tflag b 5\tratio d 6 p\tdata B 7\tat t 8\tnow T 9 p\tsize q 10\tport n 11 p\traw u 12\tinner .Inner 13\tlist *s 14\tnumbers *l 15\tlabels %s 16'
    + '\tlimits %q 17\textra %*s 18\tchildren *.Thing 19\tnamed %.Inner 20\tschema (.Inner|b) 21\tmany (.Inner|*.Inner) 22\tverbs *s 40.1 a',
  'Inner\tname s 1 a\thost s 2.1\tpath s 2.2.3 p',
].join('\n'))
const thing = structs['Thing']!
const inner = structs['Inner']!

const hex = (text: string): Uint8Array => Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (byte) => parseInt(byte, 16))
const shown = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
const there = (object: object): unknown => decodeMessage(thing, encodeMessage(thing, object))

describe('bytes of messages', () => {
  test.each([
    ['text and its length', { text: 'aü' }, '0a 03 61 c3 bc'],
    ['a pointer to nothing is written', { pointer: '' }, '12 00'],
    ['negative numbers are 64 bits wide', { count: -1 }, '18 ff ff ff ff ff ff ff ff ff 01'],
    ['large numbers', { big: 300 }, '20 ac 02'],
    ['a double', { ratio: 1.5 }, '31 00 00 00 00 00 00 f8 3f'],
    ['base64 becomes bytes', { data: 'AQI=' }, '3a 02 01 02'],
    ['a time has seconds, and nanoseconds that are zero', { at: '1970-01-01T00:00:01Z' }, '42 04 08 01 10 00'],
    ['a time of microseconds', { now: '1970-01-01T00:00:01.000002Z' }, '4a 05 08 01 10 d0 0f'],
    ['a quantity', { size: '1' }, '52 03 0a 01 31'],
    ['a port by number', { port: 80 }, '5a 06 08 00 10 50 1a 00'],
    ['a port by name', { port: 'a' }, '5a 07 08 01 10 00 1a 01 61'],
    ['JSON', { raw: [1] }, '62 05 0a 03 5b 31 5d'],
    ['messages in messages', { inner: { name: '', host: 'h', path: 'p' } }, '6a 0c 0a 00 12 08 0a 01 68 12 03 1a 01 70'],
    ['numbers one by one', { numbers: [1, 2] }, '78 01 78 02'],
    ['maps by key', { labels: { b: '2', a: '1' } }, '82 01 06 0a 01 61 12 01 31 82 01 06 0a 01 62 12 01 32'],
    ['lists in maps', { extra: { a: ['x', 'y'] } }, '92 01 0b 0a 01 61 12 06 0a 01 78 0a 01 79'],
    ['either a flag', { schema: false }, 'aa 01 02 08 00'],
    ['or what implies it', { schema: { name: 'n' } }, 'aa 01 07 08 01 12 03 0a 01 6e'],
    ['either one', { many: { name: 'n' } }, 'b2 01 05 0a 03 0a 01 6e'],
    ['or several', { many: [{ name: 'n' }] }, 'b2 01 05 12 03 0a 01 6e'],
    ['a list in a message of its own', { verbs: ['a'] }, 'c2 02 03 0a 01 61'],
  ])('%s', (_, object, bytes) => {
    expect(shown(encodeMessage(thing, object))).toBe(bytes)
    expect(decodeMessage(thing, hex(bytes))).toEqual(object)
  })

  test('fields go out in the order of their numbers', () => {
    expect(shown(encodeMessage(thing, { count: 1, text: 'a' }))).toBe('0a 01 61 18 01')
  })
  test('what JSON leaves out is left out: zero values, times that are not set', () => {
    expect(decodeMessage(thing, hex('0a 00 18 00 28 00 42 00 4a 00 12 00 20 00'))).toEqual({ pointer: '', big: 0 })
  })
  test('any JSON may be zero', () => {
    expect(there({ raw: 0, schema: false })).toEqual({ raw: 0, schema: false })
  })
  test('times have no fractions of a second, whatever was sent', () => {
    expect(decodeMessage(thing, hex('42 05 08 01 10 d0 0f'))).toEqual({ at: '1970-01-01T00:00:01Z' })
  })
  test('packed numbers', () => {
    expect(decodeMessage(thing, hex('7a 03 01 ac 02'))).toEqual({ numbers: [1, 300] })
  })
  test('a message in two parts is one', () => {
    expect(decodeMessage(thing, hex('6a 03 0a 01 6e 6a 05 12 03 0a 01 68'))).toEqual({ inner: { name: 'n', host: 'h' } })
  })
  test('unknown fields of every layout are passed over', () => {
    expect(decodeMessage(thing, hex('9a 06 01 78 98 06 ac 02 99 06 00 00 00 00 00 00 00 00 9d 06 00 00 00 00 0a 01 61'))).toEqual({ text: 'a' })
  })
  test('a key and a value may be left out', () => {
    expect(decodeMessage(thing, hex('82 01 00'))).toEqual({ labels: { '': '' } })
    expect(decodeMessage(thing, hex('8a 01 03 0a 01 61'))).toEqual({ limits: { a: '0' } })
  })
  test('__proto__ is a key like any other', () => {
    const { labels } = there({ labels: JSON.parse('{"__proto__":"x"}') as object }) as { labels: object }
    expect(Object.keys(labels)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
  })
})

describe('what is no message', () => {
  test.each([
    ['0a 05 61', 'unexpected EOF'], ['18', 'unexpected EOF'], ['31 00', 'unexpected EOF'], ['08 01', 'proto: wrong wireType = 0 for field Text'], ['00', 'proto: illegal tag 0 (wire type 0)'],
    ['f4 06', 'proto: Thing: wiretype end group for non-group'], ['f3 06', 'proto: illegal wireType 3'], ['18 ff ff ff ff ff ff ff ff ff ff 01', 'proto: integer overflow'],
    ['0a ff ff ff ff ff ff ff ff ff 01', 'proto: negative length found during unmarshaling'], ['62 03 0a 01 7b', 'unexpected end of JSON input'],
  ])('%s: %s', (bytes, message) => {
    expect(() => decodeMessage(thing, hex(bytes))).toThrow(new DecodeError(message))
  })
  test('too deep', () => {
    let bytes = new Uint8Array()
    for (let i = 0; i < 600; i++) {
      const next = new Uint8Array(bytes.length + 8)
      next.set([0x9a, 0x01])
      const at = putVarint(next, 2, bytes.length)
      next.set(bytes, at)
      bytes = next.slice(0, at + bytes.length)
    }
    expect(() => decodeMessage(thing, bytes)).toThrow('nested deeper than')
  })
  test('whatever the bytes are, they are read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeMessage(thing, bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }))
  })
})

describe('round trips', () => {
  const filled = fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' })
  const name = fc.string({ maxLength: 8 })
  const innerObject = fc.record({ name, host: filled, path: name }, { requiredKeys: ['name'] })
  const { tree } = fc.letrec<{ tree: object }>((tie) => ({
    tree: fc.record({
      text: filled, pointer: name, count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((value) => value !== 0), big: fc.maxSafeInteger(), flag: fc.constant(true),
      ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0), data: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      at: fc.date({ min: new Date('0002-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((date) => `${date.toISOString().slice(0, 19)}Z`),
      now: fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((date) => `${date.toISOString().slice(0, 23)}123Z`),
      size: fc.constantFrom('0', '100m', '1Gi'), port: fc.oneof(fc.integer({ min: -1, max: 65535 }), filled), raw: fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      inner: innerObject, list: fc.array(name, { minLength: 1, maxLength: 4 }), numbers: fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 4 }), labels: fc.dictionary(filled, name, { minKeys: 1, maxKeys: 4 }),
      extra: fc.dictionary(name, fc.array(name, { maxLength: 3 }), { minKeys: 1, maxKeys: 3 }), children: fc.array(tie('tree'), { minLength: 1, maxLength: 2 }),
      named: fc.dictionary(name, innerObject, { minKeys: 1, maxKeys: 3 }), schema: fc.oneof(fc.boolean(), innerObject), many: fc.oneof(innerObject, fc.array(innerObject, { minLength: 1, maxLength: 3 })),
      verbs: fc.array(name, { minLength: 1, maxLength: 3 }),
    }, { requiredKeys: [] }),
  }))

  test('what was written is read', () => {
    fc.assert(fc.property(tree, (object) => {
      expect(there(object)).toEqual(JSON.parse(JSON.stringify(object)))
    }))
  })
  test('embedded messages', () => {
    fc.assert(fc.property(innerObject, (object) => {
      expect(decodeMessage(inner, encodeMessage(inner, object))).toEqual({ ...object })
    }))
  })
  test('messages larger than the buffer, and the next one after them', () => {
    const large = { text: 'x'.repeat(3 << 20), list: Array.from({ length: 40_000 }, (_, i) => `item-${i}`) }
    expect(there(large)).toEqual(large)
    expect(there({ text: 'a' })).toEqual({ text: 'a' })
  })
})

describe('envelopes', () => {
  test('say what is in them', () => {
    const sealed = sealEnvelope('apps/v1', 'Deployment', hex('0a 00'))
    expect(shown(sealed)).toBe('6b 38 73 00 0a 15 0a 07 61 70 70 73 2f 76 31 12 0a 44 65 70 6c 6f 79 6d 65 6e 74 12 02 0a 00 1a 00 22 00')
    expect(openEnvelope(sealed)).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment', contentType: '', raw: hex('0a 00') })
  })
  test('may be written around a message that comes in pieces', () => {
    const message = new Uint8Array(300).fill(1)
    const { head, tail } = envelopeAround('v1', 'PodList', message.length)
    expect([...head, ...message, ...tail]).toEqual([...sealEnvelope('v1', 'PodList', message)])
  })
  test.each([['', 'empty data'], ['7b 7d', 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]'], ['6b 38 73 00', 'empty body'], ['6b 38 73 00 0a 09', 'unexpected EOF']])('%j: %s', (bytes, message) => {
    expect(() => openEnvelope(hex(bytes))).toThrow(message)
  })
  test('frames of a watch begin with their length', () => {
    const frame = watchFrame('ADDED', hex('6b 38 73 00'))
    expect(shown(frame)).toBe('00 00 00 0f 0a 05 41 44 44 45 44 12 06 0a 04 6b 38 73 00')
    const reader = new Reader(frame, 4)
    expect([reader.tag(), reader.string(), reader.tag()]).toEqual([10, 'ADDED', 18])
  })
})
