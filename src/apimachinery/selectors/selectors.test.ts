import { describe, expect, test } from 'vitest'
import { FieldErrors } from '../field-errors'
import { checkFieldSelector, formatFieldSelector, matchesFields, parseFieldSelector, requiredField } from './field-selector'
import {
  everything, formatLabelSelector, isEverything, matchesLabels, nothing, parseLabelSelector, requiredPairs, selectorFromPairs, selectorOfObject, validateLabelSelector,
} from './label-selector'

describe('label selectors', () => {
  test.each([
    ['', ''], ['x=a,y=b', 'x=a,y=b'], ['y=b, x==a', 'x==a,y=b'], ['x in (b,a,b)', 'x in (a,b)'], ['x notin (a)', 'x notin (a)'], ['!x', '!x'], ['x', 'x'], ['x!=a', 'x!=a'],
    ['x in ()', 'x in ()'], ['x in (,)', 'x in ()'], ['x in (a,)', 'x in (,a)'], ['x=', 'x='], ['x=,y', 'x=,y'], ['x>1,y<2', 'x>1,y<2'], ['in=in', 'in=in'], ['a.b/c = d', 'a.b/c=d'],
  ])('%s reads back as %s', (text, shown) => {
    expect(formatLabelSelector(parseLabelSelector(text))).toBe(shown)
  })

  test.each([
    ['x=a=b', `found '=', expected: ',' or 'end of string'`],
    [',', `found ',', expected: !, identifier, or 'end of string'`],
    ['x,', `found '', expected: identifier after ','`],
    ['x in a', `unable to parse requirement: found 'a' expected: '('`],
    ['x in (a', `unable to parse requirement: found '', expected: ',' or ')'`],
    ['x y', `unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt`],
    ['x=(', `unable to parse requirement: found '(', expected: identifier`],
    ['!', `unable to parse requirement: found '', expected: identifier`],
    ['-a=b', `unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric`],
    ['a=-b', `unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be an empty string`],
    ['a>b', `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`],
  ])('%s is refused', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message)
  })

  test.each([
    ['x=a', true], ['x!=a', false], ['x!=b', true], ['z!=b', true], ['x in (a,b)', true], ['x notin (a)', false], ['z notin (a)', true], ['x', true], ['!x', false], ['!z', true], ['n>4', true], ['n<5', false],
    ['x>1', false], ['z>1', false], ['x=a,n=5', true], ['x=a,n=6', false], ['toString', false],
  ])('%s on x=a,n=5: %s', (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), { x: 'a', n: '5' })).toBe(expected)
  })

  test('of objects: absent matches nothing, empty everything', () => {
    expect(matchesLabels(selectorOfObject(undefined), {})).toBe(false)
    expect(isEverything(selectorOfObject({}))).toBe(true)
    expect(selectorOfObject(null)).toBe(nothing)
    expect(matchesLabels(everything, undefined)).toBe(true)
    const selector = selectorOfObject({ matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['y', 'x'] }, { key: 'c', operator: 'DoesNotExist' }] })
    expect(formatLabelSelector(selector)).toBe('a in (x,y),b=1,!c')
    expect(() => selectorOfObject({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow('"Like" is not a valid label selector operator')
    expect(formatLabelSelector(selectorFromPairs({ b: '1', a: '2' }))).toBe('a=2,b=1')
  })

  test('pairs for an index', () => {
    expect(requiredPairs(parseLabelSelector('a=1,b in (2),c in (3,4),d!=5,e'))).toEqual([['a', '1'], ['b', '2']])
  })

  test('validation', () => {
    const errors = new FieldErrors()
    validateLabelSelector(
      { matchLabels: { '-a': 'b c' }, matchExpressions: [{ key: 'a', operator: 'In' }, { key: 'a', operator: 'Exists', values: ['x'] }, { key: 'a', operator: 'Like' }] },
      errors.at('spec', 'selector'),
    )
    expect(errors.all.map((e) => `${e.field}: ${e.message}`)).toEqual([
      expect.stringMatching(/^spec.selector.matchLabels: Invalid value: "-a": name part/),
      expect.stringMatching(/^spec.selector.matchLabels: Invalid value: "b c": a valid label/),
      `spec.selector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `spec.selector.matchExpressions[1].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
      'spec.selector.matchExpressions[2].operator: Invalid value: "Like": not a valid selector operator',
    ])
  })
})

describe('field selectors', () => {
  test('are read, written and matched', () => {
    const selector = parseFieldSelector('status.phase!=Running,spec.nodeName==a\\,b,')
    expect(selector).toEqual([{ field: 'spec.nodeName', operator: '=', value: 'a,b' }, { field: 'status.phase', operator: '!=', value: 'Running' }])
    expect(formatFieldSelector(selector)).toBe('spec.nodeName=a\\,b,status.phase!=Running')
    expect(matchesFields(selector, (field) => (field === 'spec.nodeName' ? 'a,b' : 'Pending'))).toBe(true)
    expect(matchesFields(selector, (field) => (field === 'spec.nodeName' ? 'a,b' : 'Running'))).toBe(false)
    expect(requiredField(selector, 'spec.nodeName')).toBe('a,b')
    expect(requiredField(selector, 'status.phase')).toBeUndefined()
  })
  test.each([
    ['a', `invalid selector: 'a'; can't understand 'a'`], ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'], ['a=\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('%s is refused', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(message)
  })
  test('only what the kind selects by', () => {
    expect(() => checkFieldSelector(parseFieldSelector('metadata.name=a,spec.x=1'))).toThrow('"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"')
    expect(() => checkFieldSelector(parseFieldSelector('spec.x=1'), ['spec.nodeName'])).toThrow('field label not supported: spec.x')
    checkFieldSelector(parseFieldSelector('spec.nodeName=1'), ['spec.nodeName'])
  })
})
