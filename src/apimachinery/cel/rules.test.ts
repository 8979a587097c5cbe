import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../schema/json-schema'
import { Report } from '../schema/validation/report'
import { compileRules } from './rules'

/** What the original says of an object, on an update when there is an old one. */
const cases: readonly (readonly [schema: JsonSchema, value: unknown, old: unknown, problems: readonly string[]])[] = [
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec: Invalid value: failed rule: self.a < self.b']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', message: ' must be less ' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec: Invalid value: must be less']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', messageExpression: '"a is " + string(self.a)' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec: Invalid value: a is 3']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', messageExpression: 'string(self.a / 0)' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec: Invalid value: failed rule: self.a < self.b']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', messageExpression: String.raw`"a\nb"`, message: 'fallback' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec: Invalid value: fallback']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', reason: 'FieldValueRequired', fieldPath: '.a', message: 'm' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Required value: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 3', reason: 'FieldValueRequired', message: 'm' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Required value: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', reason: 'FieldValueForbidden', fieldPath: '.a', message: 'm' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Forbidden: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 3', reason: 'FieldValueForbidden', message: 'm' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Forbidden: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', reason: 'FieldValueDuplicate', fieldPath: '.a', message: 'm' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Duplicate value']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 3', reason: 'FieldValueDuplicate', message: 'm' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Duplicate value: 3']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a < self.b', reason: 'FieldValueInvalid', fieldPath: '.a', message: 'm' }] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Invalid value: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 3', reason: 'FieldValueInvalid', message: 'm' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3, b: 2 } }, undefined,
    ['spec.a: Invalid value: 3: m']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.size() > 5' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 'abc' } }, undefined,
    ['spec.a: Invalid value: "abc": failed rule: self.size() > 5']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.startsWith("x")' }] } } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: ['x', 'y', 'xz'] } }, undefined,
    ['spec.a[1]: Invalid value: "y": failed rule: self.startsWith("x")']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { m: { type: 'object', additionalProperties: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 3' }] } } }, 'x-kubernetes-validations': [] } } },
    { spec: { m: { 'a.b': 1, c: 5 } } }, undefined,
    ['spec.m[a.b]: Invalid value: 1: failed rule: self > 3']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a / 0 == 1' }] } } },
    { spec: { a: 3 } }, undefined,
    ['spec: Invalid value: "object": division by zero evaluating rule: self.a / 0 == 1']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, l: { type: 'array', items: { type: 'string' } } }, 'x-kubernetes-validations': [{ rule: 'self.l[self.a] == "x"' }] } } },
    { spec: { a: 3, l: [] } }, undefined,
    ['spec: Invalid value: "object": index out of bounds: 3 evaluating rule: self.l[self.a] == "x"']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a == 1' }] } } },
    { spec: {} }, undefined,
    ['spec: Invalid value: "object": no such key: a evaluating rule: self.a == 1']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { x: { 'x-kubernetes-int-or-string': true } }, 'x-kubernetes-validations': [{ rule: 'self.x + 1 == 2' }] } } },
    { spec: { x: 'a' } }, undefined,
    ['spec: Invalid value: "object": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: self.x + 1 == 2']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { x: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [{ rule: 'self < 5' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { x: 'a' } }, undefined,
    ['spec.x: Invalid value: "": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: self < 5']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, { spec: { a: 4 } },
    ['spec.a: Invalid value: 3: failed rule: self >= oldSelf']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, { spec: {} },
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, undefined,
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'oldSelf.hasValue() && self >= oldSelf.value()', optionalOldSelf: true }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, undefined,
    ['spec.a: Invalid value: 3: failed rule: oldSelf.hasValue() && self >= oldSelf.value()']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: '!oldSelf.hasValue() || self >= oldSelf.value()', optionalOldSelf: true, messageExpression: '"x" + string(oldSelf.hasValue())' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, { spec: { a: 5 } },
    ['spec.a: Invalid value: 3: failed rule: !oldSelf.hasValue() || self >= oldSelf.value()']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self != oldSelf' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, { spec: { a: 3 } },
    ['spec.a: Invalid value: 3: failed rule: self != oldSelf']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 5' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3 } }, { spec: { a: 3 } },
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 5' }] }, b: { type: 'integer' } }, 'x-kubernetes-validations': [] } } },
    { spec: { a: 3, b: 1 } }, { spec: { a: 3, b: 2 } },
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a > 5' }] } } },
    { spec: { a: 3, b: 1 } }, { spec: { a: 3, b: 2 } },
    ['spec: Invalid value: failed rule: self.a > 5']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }, { rule: 'self.v > 1' }], required: ['k'] } } }, 'x-kubernetes-validations': [] } } },
    { spec: { l: [{ k: 'a', v: 1 }, { k: 'b', v: 3 }, { k: 'c', v: 0 }] } }, { spec: { l: [{ k: 'b', v: 5 }, { k: 'a', v: 1 }] } },
    ['spec.l[1]: Invalid value: failed rule: self.v >= oldSelf.v', 'spec.l[2]: Invalid value: failed rule: self.v > 1']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { l: { type: 'array', items: { type: 'object', properties: { v: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.v > 1' }] } }, x: { type: 'integer' } }, 'x-kubernetes-validations': [] } } },
    { spec: { l: [{ v: 1 }], x: 1 } }, { spec: { l: [{ v: 1 }], x: 2 } },
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { l: { type: 'array', items: { type: 'object', properties: { v: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.v > 1' }] } }, x: { type: 'integer' } }, 'x-kubernetes-validations': [] } } },
    { spec: { l: [{ v: 1 }, { v: 2 }], x: 1 } }, { spec: { l: [{ v: 1 }], x: 2 } },
    ['spec.l[0]: Invalid value: failed rule: self.v > 1']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { m: { type: 'object', additionalProperties: { type: 'object', properties: { v: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.v > oldSelf.v' }] } } }, 'x-kubernetes-validations': [] } } },
    { spec: { m: { a: { v: 1 }, b: { v: 2 } } } }, { spec: { m: { a: { v: 1 } } } },
    ['spec.m[a]: Invalid value: failed rule: self.v > oldSelf.v']],
  [{ type: 'object', 'x-kubernetes-validations': [{ rule: 'self.metadata.name == "x"' }, { rule: 'self.metadata.name.size() < 3' }, { rule: 'self.apiVersion == "v1"' }], properties: {} },
    { apiVersion: 'v1', kind: 'X', metadata: { name: 'abcd' } }, undefined,
    ['<nil>: Invalid value: failed rule: self.metadata.name == "x"', '<nil>: Invalid value: failed rule: self.metadata.name.size() < 3']],
  [{ type: 'object', 'x-kubernetes-validations': [{ rule: 'self.metadata.?generateName.orValue("") == ""' }], properties: {} },
    { apiVersion: 'v1', kind: 'X', metadata: { name: 'abcd' } }, undefined,
    []],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { e: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-validations': [{ rule: 'self.metadata.name == "q"' }, { rule: 'self.kind == "Pod"' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } } }, undefined,
    ['spec.e: Invalid value: failed rule: self.metadata.name == "q"']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'string', nullable: true, 'x-kubernetes-validations': [{ rule: 'self == "x"' }] } }, 'x-kubernetes-validations': [{ rule: 'has(self.n)' }] } } },
    { spec: { n: null } }, undefined,
    ['spec: Invalid value: failed rule: has(self.n)']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { 'a-b': { type: 'integer' }, 'c.d': { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a__dash__b > self.c__dot__d' }, { rule: 'self.a__dash__b > 5', fieldPath: "['a-b']" }, { rule: 'self.a__dash__b > 5', fieldPath: '.a-b' }] } } },
    { spec: { 'a-b': 1, 'c.d': 2 } }, undefined,
    ['spec: Invalid value: failed rule: self.a__dash__b > self.c__dot__d', 'spec.a-b: Invalid value: failed rule: self.a__dash__b > 5', 'spec.a-b: Invalid value: failed rule: self.a__dash__b > 5']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { m: { type: 'object', additionalProperties: { type: 'integer' } } }, 'x-kubernetes-validations': [{ rule: 'false', fieldPath: ".m['a.b']", message: 'x' }] } } },
    { spec: { m: { 'a.b': 2 } } }, undefined,
    ['spec.m[a.b]: Invalid value: x']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { t: { type: 'string', format: 'date-time' }, d: { type: 'string', format: 'duration' } }, 'x-kubernetes-validations': [{ rule: 'self.t > timestamp("2020-01-01T00:00:00Z") && self.d > duration("1s")' }, { rule: 'self.t < timestamp("2020-01-01T00:00:00Z")' }] } } },
    { spec: { t: '2021-01-01T00:00:00Z', d: '5s' } }, undefined,
    ['spec: Invalid value: failed rule: self.t < timestamp("2020-01-01T00:00:00Z")']],
  [{ type: 'object', properties: { spec: { type: 'object', properties: { s: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }, { rule: 'self + ["z"] == oldSelf' }] } }, 'x-kubernetes-validations': [] } } },
    { spec: { s: ['a', 'b'] } }, { spec: { s: ['b', 'a'] } },
    ['spec.s: Invalid value: failed rule: self + ["z"] == oldSelf']],
  [{ type: 'object', properties: { status: { type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule: 'self.a > 1' }] } } },
    { status: { a: 0 } }, undefined,
    ['status: Invalid value: failed rule: self.a > 1']],
]

function judged(schema: JsonSchema, value: unknown, old?: unknown): { problems: string[]; warnings: string[] } {
  const report = new Report()
  const warnings: string[] = []
  compileRules(schema)?.(value, old, report, (text) => void warnings.push(text))
  return { problems: report.problems.map(({ field, message }) => `${field}: ${message}`), warnings }
}

const rule = (text: string): JsonSchema => ({ 'x-kubernetes-validations': [{ rule: text }] })
const listOfTexts = (more: JsonSchema, items: JsonSchema = {}): JsonSchema => ({ type: 'object', properties: { l: { type: 'array', items: { type: 'string', ...items }, ...more } } })
const texts = { l: Array.from({ length: 300 }, (_, i) => `a${i}`) }

describe('rules of custom resources', () => {
  it.each(cases)('%j %j %j', (schema, value, old, problems) => {
    expect(judged(schema, value, old).problems.toSorted()).toEqual(problems.toSorted())
  })

  it('warns of what was broken before the update', () => {
    const schema: JsonSchema = { type: 'object', properties: { a: { type: 'integer', ...rule('self > 5') }, b: { type: 'integer' } } }
    expect(judged(schema, { a: 1, b: 2 }, { a: 1, b: 1 })).toEqual({ problems: [], warnings: ['a: Invalid value: 1: failed rule: self > 5'] })
    expect(judged(schema, { a: 2, b: 1 }, { a: 1, b: 1 }).problems).toEqual(['a: Invalid value: 2: failed rule: self > 5'])
  })

  it('ends a call that costs too much, and all that follow', () => {
    const text = 'self.all(x, self.all(y, self.all(z, x + y != z)))'
    expect(judged(listOfTexts(rule(text)), texts).problems).toEqual([
      `l: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`,
    ])
  })

  it('ends when all calls together cost too much', () => {
    const ten = '[1,2,3,4,5,6,7,8,9,10]'
    const dear = `${ten}.all(x, ${ten}.all(y, ${ten}.all(z, ${ten}.all(w, x+y+z+w > 0))))`
    const { problems } = judged(listOfTexts({}, rule(dear)), texts)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^l\[\d+\]: Invalid value: "string": validation failed due to running out of cost budget, no further validation rules will be run$/)
  })
})
