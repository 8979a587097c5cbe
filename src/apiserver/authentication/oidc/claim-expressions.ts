import type { CelType } from '#apimachinery/cel/contract'
import { createEnvironment } from '#apimachinery/cel/environment'
import { Double, isMap, mapGet, mapKeys } from '#apimachinery/cel/runtime/values'
import type { Expr } from '#apimachinery/cel/syntax/ast'
import { CelCompileError } from '#apimachinery/cel/syntax/errors'
import { parse } from '#apimachinery/cel/syntax/parser'

/** An expression over the claims of a token, or over the user that they came to. */
export interface ClaimExpression {
  /** Comes to plain values. Throws with what went wrong. */
  evaluate(value: unknown): unknown
}

const text: CelType = { sort: 'string' }
const texts: CelType = { sort: 'list', item: text }
const userFields = new Map<string, CelType>([['username', text], ['uid', text], ['groups', texts], ['extra', { sort: 'map', key: text, value: texts }]])
const environments = {
  claims: createEnvironment({ claims: { sort: 'map', key: text, value: { sort: 'dyn' } } }),
  user: createEnvironment({ user: { sort: 'object', name: 'kubernetes.UserInfo', fields: () => userFields } }),
}

/** Throws an Error with what is wrong. @param decides Whether it must come to true or false. */
export function compileExpression(expression: string, variable: 'claims' | 'user', decides: boolean): ClaimExpression {
  const program = (() => {
    try {
      return environments[variable].compile(expression)
    } catch (error) {
      if (error instanceof CelCompileError) throw new Error(`${error.phase === 'program' ? 'program instantiation' : 'compilation'} failed: ${error.message}`, { cause: error })
      throw error
    }
  })()
  if (decides && program.type.sort !== 'bool') throw new Error('must evaluate to bool')
  // One evaluation is limited anyway.
  return { evaluate: (value) => plain(program.evaluate({ [variable]: asSeen(value) }, { left: Number.MAX_SAFE_INTEGER })) }
}

/** Whether an expression reads `claims.<claim>`. */
export function selectsClaim(expression: string, claim: string): boolean {
  const isClaims = (expr: Expr | undefined): boolean => expr?.kind === 'ident' && expr.name === 'claims'
  let found = false
  const look = (node: unknown): void => {
    if (found || typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach(look)
    const expr = node as Partial<Expr> & Record<string, unknown>
    if (expr.kind === 'select' && isClaims(expr.operand) && expr.field === claim) found = true
    const args = expr['args'] as readonly Expr[] | undefined
    if (expr.kind === 'call' && args?.length === 2 && isClaims(args[0]) && args[1]!.kind === 'literal' && args[1]!.value === claim && expr.name === '_?._') found = true
    Object.values(expr).forEach(look)
  }
  look(parse(expression))
  return found
}

/**
 * Claims as expressions see them: every number is a double, as it is for the original's reader, and what no expression can write
 * (`my-claim`) has a second name (`my__dash__claim`) that does not show otherwise.
 */
function asSeen(value: unknown): unknown {
  if (typeof value === 'number') return new Double(value)
  if (Array.isArray(value)) return value.map(asSeen)
  if (typeof value !== 'object' || value === null) return value
  const seen: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    seen[name] = asSeen(item)
    const other = escapedName(name)
    if (other !== name && !Object.hasOwn(value, other)) Object.defineProperty(seen, other, { value: seen[name], enumerable: false })
  }
  return seen
}

const keywords = /^(true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/

/** A name as expressions can write it. */
function escapedName(name: string): string {
  if (keywords.test(name)) return `__${name}__`
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (isMap(value)) return Object.fromEntries(mapKeys(value).map((key) => [String(key), plain(mapGet(value, key))]))
  return value
}
