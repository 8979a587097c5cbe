import { describe, expect, it } from 'vitest'
import { createEnvironment } from './environment'

const environment = createEnvironment({ x: { sort: 'dyn' } })

/** What a syntax error says could stand where nothing does. */
const values = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

/** The original's words, each after its line and column; without these, of constants that can only fail. */
const cases: readonly (readonly [expression: string, faults: readonly string[]])[] = [
  ['cel.bind(y, 1, y)', ["1:1: undeclared reference to 'cel' (in container '')", "1:9: undeclared reference to 'bind' (in container '')", "1:10: undeclared reference to 'y' (in container '')", "1:16: undeclared reference to 'y' (in container '')"]],
  ['', ["1:0: Syntax error: mismatched input '<EOF>' expecting <value>"]],
  ['1 +', ["1:4: Syntax error: mismatched input '<EOF>' expecting <value>"]],
  ['a.b.(', ["1:5: Syntax error: no viable alternative at input '.('"]],
  ['foo(1', ["1:6: Syntax error: missing ')' at '<EOF>'"]],
  ['[1,2', ["1:5: Syntax error: mismatched input '<EOF>' expecting {']', ','}"]],
  ["{'a':1", ["1:7: Syntax error: mismatched input '<EOF>' expecting {'}', ','}"]],
  ['x.a ===1', ["1:7: Syntax error: token recognition error at: '=1'", "1:9: Syntax error: mismatched input '<EOF>' expecting <value>"]],
  ['x.a = 1', ["1:5: Syntax error: token recognition error at: '= '", "1:7: Syntax error: extraneous input '1' expecting <EOF>"]],
  ['"abc', ['1:1: Syntax error: token recognition error at: \'"abc\'', "1:5: Syntax error: mismatched input '<EOF>' expecting <value>"]],
  ['x.a == 1 1', ["1:10: Syntax error: extraneous input '1' expecting <EOF>"]],
  ['1 2', ["1:3: Syntax error: extraneous input '2' expecting <EOF>"]],
  [')', ["1:1: Syntax error: mismatched input ')' expecting <value>"]],
  ['x..a', ["1:3: Syntax error: no viable alternative at input '..'"]],
  ['x.true', ["1:3: Syntax error: mismatched input 'true' expecting IDENTIFIER"]],
  ['has(x)', ['1:5: invalid argument to has() macro']],
  ['has(x.a', ["1:8: Syntax error: missing ')' at '<EOF>'"]],
  ['x.a ? 1', ["1:8: Syntax error: mismatched input '<EOF>' expecting ':'"]],
  ['x.l.all(y)', ["1:8: undeclared reference to 'all' (in container '')", "1:9: undeclared reference to 'y' (in container '')"]],
  ['x.l.all(1, true)', ['1:9: argument must be a simple name']],
  ['size(x.l, 1)', ["1:5: found no matching overload for 'size' applied to '(dyn, int)'"]],
  ['y.foo + z', ["1:1: undeclared reference to 'y' (in container '')", "1:9: undeclared reference to 'z' (in container '')"]],
  ["1 + 'a'", ["1:3: found no matching overload for '_+_' applied to '(int, string)'"]],
  ["'a'.foo()", ["1:8: undeclared reference to 'foo' (in container '')"]],
  ["[1,'a']", ["1:4: expected type 'int' but found 'string'"]],
  ["{1:2,'a':3}", ["1:6: expected type 'int' but found 'string'"]],
  ["x.l.map(i, i + 'a' + 1)", ["1:20: found no matching overload for '_+_' applied to '(string, int)'"]],
  ["matches('a','(')", ['error parsing regexp: missing closing ): `(`']],
  ["duration('zz')", ['1:10: invalid duration argument']],
  ["timestamp('x')", ['1:11: invalid timestamp argument']],
  ["'%d'.format(['a'])", ['1:14: error during formatting: decimal clause can only be used on integers, was given string']],
  ["quantity('1').foo", ["1:14: unexpected failed resolution of 'kubernetes.Quantity'"]],
  ["ip('1.1.1.1').foo", ["1:14: type 'net.IP' does not support field selection"]],
  ['@foo', ["1:1: Syntax error: token recognition error at: '@'"]],
  ['x.`a`', ["1:3: unsupported syntax: '`'"]],
  ['9223372036854775808', ['1:1: invalid int literal']],
  ['1.0e400', ['1:1: invalid double literal']],
  [String.raw`'\u00'`, [String.raw`1:1: Syntax error: token recognition error at: ''\u00''`, "1:7: Syntax error: mismatched input '<EOF>' expecting <value>"]],
  ['namespace', ['1:1: reserved identifier: namespace']],
  ['if', ['1:1: reserved identifier: if']],
  ['1.0 == 1', ["1:5: found no matching overload for '_==_' applied to '(double, int)'"]],
  ["int('abc')", ["type conversion error from 'string' to 'int'"]],
  ["int(dyn('abc'))", ["type conversion error from 'string' to 'int'"]],
  ['uint(-1)', ['unsigned integer overflow']],
  ['int(1e19)', ['integer overflow']],
  ["bool('x')", ["type conversion error from 'string' to 'bool'"]],
  ['authorizer', ["1:1: undeclared reference to 'authorizer' (in container '')"]],
  [String.raw`string(b'\xff')`, ['invalid UTF-8 in bytes, cannot convert to string']],
  ["{1: 'a', 1u: 'b'}", ["1:10: expected type 'int' but found 'uint'"]],
  ["{1: 'a'}[1.0]", ["1:9: found no matching overload for '_[_]' applied to '(map(int, string), double)'"]],
  ['[1, 2][0.0]', ["1:7: found no matching overload for '_[_]' applied to '(list(int), double)'"]],
  ['[1,2][1.5]', ["1:6: found no matching overload for '_[_]' applied to '(list(int), double)'"]],
  ['dyn(x.a).foo()', ["1:13: undeclared reference to 'foo' (in container '')"]],
  ['Foo{a: 1}', ["1:4: undeclared reference to 'Foo' (in container '')"]],
  ["'%s %s'.format([1])", ['1:15: index 1 out of range']],
  ["'%z'.format([1])", ['1:12: could not parse formatting clause: unrecognized formatting clause "z"']],
  ["'%'.format([1])", ['1:11: unexpected end of string']],
  ["'%.f'.format([1.0])", ['1:13: could not parse formatting clause: error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax']],
  ["'%s'.format([1, 2])", ['1:12: too many arguments supplied to string.format (expected 1, got 2)']],
  ["'%s'.format([quantity('1')])", ['1:22: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given kubernetes.Quantity']],
  ["quantity('-1').sign()", ["1:20: found no matching overload for 'sign' applied to 'kubernetes.Quantity.()'"]],
  ["quantity('1').isLessThan('2')", ["1:25: found no matching overload for 'isLessThan' applied to 'kubernetes.Quantity.(string)'"]],
  ['format.zz()', ["1:1: undeclared reference to 'format' (in container '')", "1:10: undeclared reference to 'zz' (in container '')"]],
]

const faultsOf = (expression: string): string => {
  try {
    environment.compile(expression)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('faults of expressions', () => {
  it.each(cases)('%s', (expression, faults) => {
    const found = faultsOf(expression).split('\n').filter((line) => line !== '' && !line.startsWith(' | '))
    expect(found.map((line) => line.replace(/^ERROR: <input>:/, ''))).toEqual(faults.map((fault) => fault.replace('<value>', values)))
  })

  it('marks the place beneath the line', () => {
    expect(faultsOf('x.a == 1 &&\n\ty == 2')).toBe("ERROR: <input>:2:2: undeclared reference to 'y' (in container '')\n |  y == 2\n | .^")
    expect(faultsOf("'é😀' + y")).toBe("ERROR: <input>:1:8: undeclared reference to 'y' (in container '')\n | 'é😀' + y\n | .．．....^")
  })

  it('tells values of types that are not wanted', () => {
    expect(() => environment.compile('1', [{ sort: 'bool' }])).toThrow('must evaluate to bool but got int')
    expect(() => environment.compile('[timestamp(0)]', [{ sort: 'string' }, { sort: 'null' }])).toThrow('must evaluate to one of [string null_type] but got list(google.protobuf.Timestamp)')
  })
})
