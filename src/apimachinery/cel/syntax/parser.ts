import type { Call, Expr, MapEntry, StructField } from './ast'
import { compileError, type Fault } from './errors'
import { tokensOf, visible, type Token } from './lexer'
import { balanced } from './logic'
import { MacroFault, receiverMacros, type Macro } from './macros'
import { bytesValue, stringValue } from './unescape'

const longest = 100_000
const deepest = 250
const reserved = new Set(['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])
const relations = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
/** What can begin a value; `closing` and `optional` are what may stand in its place. */
const valueStarts = (closing = '', optional = ''): string =>
  `{'[', '{', '(', ${closing}'.', '-', '!', ${optional}'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`
const beginsValue = ({ kind, text }: Token): boolean => (kind === 'symbol' ? ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'].includes(text) : kind !== 'end' && kind !== 'escaped')
/** Ends the parsing: what follows a broken place means nothing. */
const broken = Symbol('broken')

/** Parses an expression and expands its macros, and those that its environment has beside them. Throws `CelCompileError` with all that is wrong. */
export function parse(text: string, more: ReadonlyMap<string, Macro> = new Map()): Expr {
  const size = [...text].length
  if (size > longest) throw compileError(text, [{ at: undefined, message: `expression code point size exceeds limit: size: ${size}, limit ${longest}` }])
  const faults: Fault[] = []
  let expr: Expr | undefined
  try {
    expr = parseTokens(tokensOf(text, faults), faults, more)
  } catch (error) {
    if (error !== broken) throw error
  }
  if (!expr || faults.length > 0) throw compileError(text, faults)
  return expr
}

function parseTokens(tokens: readonly Token[], faults: Fault[], more: ReadonlyMap<string, Macro>): Expr {
  let i = 0
  let depth = 0
  const peek = (): Token => tokens[i]!
  const is = (text: string): boolean => peek().kind === 'symbol' && peek().text === text
  const accept = (text: string): Token | undefined => (is(text) ? tokens[i++] : undefined)
  const fail = (message: string, token = peek()): never => {
    faults.push({ at: token.at, message: `Syntax error: ${message}` })
    throw broken
  }
  const shown = (token: Token): string => visible(token.text)
  const report = (message: string, token = peek()): void => void faults.push({ at: token.at, message: `Syntax error: ${message}` })
  /** As ANTLR mends what it finds: a token too many is passed over, one that is missing thought to be there. */
  const expect = (text: string, wanted = `'${text}'`): Token => {
    const found = accept(text)
    if (found) return found
    const token = peek()
    if (tokens[i + 1]?.text === text && tokens[i + 1]!.kind === 'symbol') {
      report(`extraneous input '${shown(token)}' expecting ${wanted}`)
      i += 2
      return tokens[i - 1]!
    }
    const missing = (text === ':' && beginsValue(token)) || ((text === ')' || text === ']') && token.kind === 'end')
    if (!missing || wanted.startsWith('{')) return fail(`mismatched input '${shown(token)}' expecting ${wanted}`)
    report(`missing '${text}' at '${shown(token)}'`)
    return token
  }
  const wrong = (at: number, message: string): Expr => {
    faults.push({ at, message })
    return { kind: 'literal', of: 'null', value: null, at }
  }
  const deeper = <T>(parseIt: () => T): T => {
    if (++depth > deepest) {
      faults.push({ at: undefined, message: `expression recursion limit exceeded: ${deepest}` })
      throw broken
    }
    const found = parseIt()
    depth--
    return found
  }
  /** Chains grow to the left: as deep as they are long. */
  const chain = (): (() => void) => {
    let length = 0
    return () => {
      if (++length + depth > deepest) {
        faults.push({ at: undefined, message: 'max recursion depth exceeded' })
        throw broken
      }
    }
  }
  const globalCall = (name: string, args: readonly Expr[], at: number): Call => ({ kind: 'call', name, target: undefined, args, at })

  const expression = (): Expr => deeper(() => {
    const condition = or()
    const op = accept('?')
    if (!op) return condition
    const yes = or()
    expect(':')
    return globalCall('_?_:_', [condition, yes, expression()], op.at)
  })
  const logic = (symbol: string, term: () => Expr): Expr => {
    const terms = [term()]
    const ops: number[] = []
    for (let op = accept(symbol); op; op = accept(symbol)) {
      ops.push(op.at)
      terms.push(term())
    }
    return balanced(`_${symbol}_`, terms, ops)
  }
  const or = (): Expr => logic('||', and)
  const and = (): Expr => logic('&&', relation)
  const binary = (symbols: ReadonlySet<string>, term: () => Expr, name: (symbol: string) => string): (() => Expr) => () => {
    let left = term()
    const grow = chain()
    while (peek().kind === 'symbol' && symbols.has(peek().text)) {
      grow()
      const op = tokens[i++]!
      left = globalCall(name(op.text), [left, term()], op.at)
    }
    return left
  }
  const unary = (): Expr => {
    const sign = peek()
    if (is('-') && (tokens[i + 1]!.kind === 'int' || tokens[i + 1]!.kind === 'double')) return members(negative())
    if (!is('!') && !is('-')) return members(primary())
    let count = 0
    while (accept(sign.text)) count++
    if (peek().kind === 'end' && sign.text === '-') report("no viable alternative at input '-'")
    if (peek().kind === 'end' && sign.text === '!') fail(`extraneous input '<EOF>' expecting ${valueStarts()}`)
    const signed = is('-') && (tokens[i + 1]!.kind === 'int' || tokens[i + 1]!.kind === 'double')
    const operand = signed && sign.text === '!' ? members(negative()) : members(primary())
    return count % 2 === 0 ? operand : globalCall(sign.text === '!' ? '!_' : '-_', [operand], sign.at)
  }
  const negative = (): Expr => {
    const sign = tokens[i++]!
    return number(tokens[i++]!, '-', sign.at)
  }
  const relation = binary(relations, binary(new Set(['+', '-']), binary(new Set(['*', '/', '%']), unary, (op) => `_${op}_`), (op) =>
    `_${op}_`), (op) => (op === 'in' ? '@in' : `_${op}_`))

  const members = (start: Expr): Expr => {
    let expr = start
    const grow = chain()
    for (;;) {
      const dot = accept('.')
      if (dot) {
        grow()
        const optional = accept('?') !== undefined
        expr = member(expr, dot, optional)
        continue
      }
      const open = accept('[')
      if (!open) return expr
      grow()
      const optional = accept('?') !== undefined
      if (!optional) startsValue(valueStarts('', "'?', "))
      const index = expression()
      expect(']')
      expr = globalCall(optional ? '_[?_]' : '_[_]', [expr, index], open.at)
    }
  }
  const member = (operand: Expr, dot: Token, optional: boolean): Expr => {
    const name = peek()
    if (name.kind === 'escaped') {
      i++
      return wrong(dot.at + 1, "unsupported syntax: '`'")
    }
    if (name.kind !== 'name') {
      if (optional) {
        report(`mismatched input '${shown(name)}' expecting {IDENTIFIER, ESC_IDENTIFIER}`)
        wrong(name.at, 'unsupported ident kind')
        throw broken
      }
      const word = name.text === 'true' || name.text === 'false' || name.text === 'null'
      fail(word ? `mismatched input '${shown(name)}' expecting IDENTIFIER` : `no viable alternative at input '.${name.kind === 'end' ? '' : shown(name)}'`)
    }
    i++
    if (optional) return globalCall('_?._', [operand, { kind: 'literal', of: 'string', value: name.text, at: name.at }], dot.at)
    const open = accept('(')
    if (!open) return { kind: 'select', operand, field: name.text, test: false, at: dot.at }
    const args = argumentsTo()
    const key = `${name.text}:${args.length}`
    const macro = receiverMacros.get(key) ?? more.get(key)
    if (macro) {
      try {
        const expanded = macro(operand, args, open.at)
        if (expanded) return expanded
      } catch (fault) {
        if (!(fault instanceof MacroFault)) throw fault
        return wrong(fault.at, fault.message)
      }
    }
    return { kind: 'call', name: name.text, target: operand, args, at: open.at }
  }
  const argumentsTo = (): Expr[] => {
    const args: Expr[] = []
    if (accept(')')) return args
    startsValue(valueStarts("')', "))
    do args.push(expression())
    while (accept(','))
    expect(')')
    return args
  }

  const number = (token: Token, sign: string, at: number): Expr => {
    const text = token.kind === 'uint' ? token.text.slice(0, -1) : token.text
    if (token.kind === 'double') {
      const value = Number(sign + text)
      return Number.isFinite(value) ? { kind: 'literal', of: 'double', value, at } : wrong(at, 'invalid double literal')
    }
    const value = sign === '-' ? -BigInt(text) : BigInt(text)
    const kept = token.kind === 'uint' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)
    if (kept !== value) return wrong(at, `invalid ${token.kind} literal`)
    return { kind: 'literal', of: token.kind === 'uint' ? 'uint' : 'int', value, at }
  }
  /** What cannot begin a value is passed over when a value follows it. */
  const startsValue = (wanted: string): void => {
    const token = peek()
    if (beginsValue(token)) return
    if (token.kind === 'end' || !beginsValue(tokens[i + 1]!)) fail(`mismatched input '${shown(token)}' expecting ${wanted}`)
    report(`extraneous input '${shown(token)}' expecting ${wanted}`)
    i++
  }
  const primary = (): Expr => {
    startsValue(valueStarts())
    const token = tokens[i]!
    const { kind, at, text } = token
    switch (kind) {
      case 'int':
      case 'uint':
      case 'double':
        i++
        return number(token, '', at)
      case 'string':
        i++
        return { kind: 'literal', of: 'string', value: stringValue(text, (message) => wrong(at, message)), at }
      case 'bytes':
        i++
        return { kind: 'literal', of: 'bytes', value: bytesValue(text, (message) => wrong(at, message)), at }
      case 'name':
        return named('', at)
      default:
    }
    i++
    switch (text) {
      case 'true':
      case 'false':
        return { kind: 'literal', of: 'bool', value: text === 'true', at }
      case 'null':
        return { kind: 'literal', of: 'null', value: null, at }
      case '.':
        if (peek().kind === 'name') return named('.', at)
        return fail(`no viable alternative at input '.${peek().kind === 'end' ? '' : shown(peek())}'`)
      case '(': {
        const nested = expression()
        expect(')')
        return nested
      }
      case '[':
        return listLiteral(at)
      case '{':
        return { kind: 'map', entries: entries(), at }
      default:
        i--
        return fail(`mismatched input '${shown(token)}' expecting ${valueStarts()}`)
    }
  }
  const named = (dot: string, at: number): Expr => {
    const { text: name, at: nameAt } = tokens[i++]!
    let end = i
    while (tokens[end]!.text === '.' && tokens[end + 1]!.kind === 'name') end += 2
    if (tokens[end]!.text === '{' && tokens[end]!.kind === 'symbol') {
      const path = [name, ...tokens.slice(i, end).filter((token) => token.kind === 'name').map((token) => token.text)].join('.')
      const open = tokens[end]!.at
      i = end + 1
      return { kind: 'struct', name: dot + path, fields: structFields(), at: open }
    }
    if (reserved.has(name)) {
      if (accept('(')) argumentsTo()
      return wrong(at, `reserved identifier: ${name}`)
    }
    const open = accept('(')
    if (!open) return { kind: 'ident', name: dot + name, at: nameAt }
    const args = argumentsTo()
    if (name !== 'has' || dot !== '' || args.length !== 1) return globalCall(dot + name, args, open.at)
    const [operand] = args as [Expr]
    return operand.kind === 'select' && !operand.test ? { ...operand, test: true, at: open.at } : wrong(operand.at, 'invalid argument to has() macro')
  }
  const listLiteral = (at: number): Expr => {
    const items: Expr[] = []
    const optional = new Set<number>()
    while (!accept(']')) {
      const more = items.length > 0 && !is(',') ? closed(']') : accept(',') !== undefined
      if (!more && items.length > 0) break
      if (more && items.length === 0) {
        expect(']')
        break
      }
      if (accept(']')) break
      if (accept('?')) optional.add(items.length)
      items.push(expression())
    }
    return { kind: 'list', items, optional, at }
  }
  /** After an item neither its comma nor the end came; false: the end came after all. */
  const closed = (end: string): false => {
    expect(end, `{'${end}', ','}`)
    return false
  }
  const between = (count: number, one: () => void): void => {
    while (!accept('}')) {
      const more = count > 0 && !is(',') ? closed('}') : accept(',') !== undefined
      if (!more && count > 0) break
      if (more && count === 0) {
        expect('}')
        break
      }
      if (accept('}')) break
      one()
      count++
    }
  }
  const colon = (): Token => expect(':')
  const entries = (): MapEntry[] => {
    const found: MapEntry[] = []
    between(0, () => {
      const optional = accept('?') !== undefined
      const key = expression()
      const { at } = colon()
      found.push({ at, key, value: expression(), optional })
    })
    return found
  }
  const structFields = (): StructField[] => {
    const found: StructField[] = []
    between(0, () => {
      const optional = accept('?') !== undefined
      const name = peek().kind === 'name' ? tokens[i++]!.text : fail(`mismatched input '${shown(peek())}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`)
      const { at } = colon()
      found.push({ at, name, value: expression(), optional })
    })
    return found
  }

  const found = expression()
  if (peek().kind !== 'end') fail(`${tokens[i + 1]!.kind === 'end' ? 'extraneous' : 'mismatched'} input '${shown(peek())}' expecting <EOF>`)
  return found
}
