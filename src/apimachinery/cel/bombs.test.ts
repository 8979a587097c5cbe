import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEnvironment } from './environment'
import { CelError } from './runtime/errors'
import { CelCompileError } from './syntax/errors'

const environment = createEnvironment({ x: { sort: 'dyn' } })
const x = { l: Array.from({ length: 1000 }, (_, i) => i), s: 'a'.repeat(100_000), deep: { a: 1 } }
const tooDear = 'operation cancelled: actual cost limit exceeded'

const nested = (depth: number, inner: string): string => (depth === 0 ? inner : `x.l.all(v${depth}, ${nested(depth - 1, inner)})`)
const chained = (start: string, step: string, times: number): string => start + step.repeat(times)

describe('expressions that mean harm', () => {
  it.each([
    ['loops in loops', nested(6, 'true')],
    ['loops that meet faults', nested(3, 'v1 / 0 > v2')],
    ['texts that grow', chained('[x.s]', '.map(t, t + t)', 40)],
    ['lists that double', chained('[[1]]', '.map(t, t + t)', 60)],
    ['lists that are joined in a loop', 'x.l.map(i, x.l + x.l + x.l + x.l).map(l, l.size()).map(i, x.l.map(j, x.l.map(k, i + j + k).size()))'],
    ['ranges without end', 'lists.range(1000000000).size() > 0'],
    ['replacements that multiply', "x.l.all(i, x.s.replace('', x.s).size() > 0)"],
    ['equal things compared over and over', 'x.l.all(i, x.l.all(j, [x.l, x.l, x.l] == [x.l, x.l, x.l] && [x.l] == [x.l]))'],
    ['patterns that backtrack', "x.l.all(i, x.s.matches('(a+a+)+b') || !(x.s + x.s).matches('^(a*)*$') || true)"],
    ['formats of long things', "x.l.all(i, '%s%s%s%s%s%s%s%s'.format([x.l, x.l, x.l, x.l, x.l, x.l, x.l, x.l]).size() > 0 && x.l.all(j, j >= 0))"],
  ])('%s are ended', (_, expression) => {
    const program = environment.compile(expression)
    expect(() => program.evaluate({ x }, { left: 10_000_000 })).toThrow(tooDear)
  })

  it.each([
    ['brackets', '('.repeat(300) + '1' + ')'.repeat(300), 'expression recursion limit exceeded: 250'],
    ['lists', '['.repeat(300) + ']'.repeat(300), 'expression recursion limit exceeded: 250'],
    ['sums', chained('1', '+1', 300), 'max recursion depth exceeded'],
    ['fields', chained('x', '.a', 300), 'max recursion depth exceeded'],
    ['length', `'${'a'.repeat(100_001)}'`, 'expression code point size exceeds limit: size: 100003, limit 100000'],
    ['macros that copy', chained('optional.of(1)', '.optMap(a, a)', 60), 'expression is too large once its macros are expanded'],
  ])('too many %s are refused', (_, expression, fault) => {
    expect(() => environment.compile(expression)).toThrow(fault)
  })

  it('long chains that are not deep are taken', () => {
    expect(environment.compile(chained('true', ' && true', 5000)).evaluate({}, { left: 10 })).toBe(true)
    expect(environment.compile(`${'!'.repeat(301)}false`).evaluate({}, { left: 10 })).toBe(true)
  })

  it('a budget is shared, and being out of it is told', () => {
    const budget = { left: 4 }
    const program = environment.compile('x.deep.a == 1')
    expect(program.evaluate({ x }, budget)).toBe(true)
    expect(budget.left).toBe(0)
    expect(() => program.evaluate({ x }, budget)).toThrow('validation failed due to running out of cost budget, no further validation rules will be run')
    expect(budget.left).toBe(-1)
  })

  it('whatever is written, it is compiled or refused in words', () => {
    const words = ['x', 'x.l', 'x.s', '.a', '.all(', '.map(v, ', ')', '(', '[', ']', '{', '}', '1', '2.5', "'a'", 'b"c"', '==', '+', '-', '!', '&&', '||', '?', ':', ',', 'in', 'has(', 'v', 'size(', '.?a', '[?0]', 'null', ' ']
    fc.assert(fc.property(fc.array(fc.constantFrom(...words), { maxLength: 14 }), (parts) => {
      try {
        environment.compile(parts.join('')).evaluate({ x }, { left: 1_000_000 })
      } catch (error) {
        expect(error instanceof CelError || error instanceof CelCompileError).toBe(true)
      }
    }), { numRuns: 2000 })
  })
})
