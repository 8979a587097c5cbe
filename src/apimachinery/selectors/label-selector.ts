import type { FieldErrors } from '../field-errors'
import type { LabelSelector, LabelSelectorRequirement } from '../meta/v1/types'
import { isLabelValue, isQualifiedName } from '../names'

export type Labels = Readonly<Record<string, string>>
export type Operator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt'

export interface Requirement {
  readonly key: string
  readonly operator: Operator
  /** Sorted, without duplicates. */
  readonly values: readonly string[]
}

/** A question to labels: all requirements must hold. Made by the functions below; `nothing` matches no object at all. */
export interface Selector {
  readonly nothing: boolean
  /** Sorted by key. */
  readonly requirements: readonly Requirement[]
}

/** A selector that cannot be read; the message is the one that the API answers. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

export const everything: Selector = { nothing: false, requirements: [] }
export const nothing: Selector = { nothing: true, requirements: [] }
export const isEverything = (selector: Selector): boolean => !selector.nothing && selector.requirements.length === 0

const unary: ReadonlySet<Operator> = new Set(['exists', '!'])
const sets: ReadonlySet<Operator> = new Set(['in', 'notin'])
const comparisons: ReadonlySet<Operator> = new Set(['gt', 'lt'])

/** A whole number as Go's ParseInt reads one of 64 bits; undefined for anything else. */
function integer(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value === BigInt.asIntN(64, value) ? value : undefined
}

/** Checks and makes one requirement. Throws SelectorError. */
export function requirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const problems: string[] = []
  const list = JSON.stringify(values)
  const keyProblems = isQualifiedName(key)
  if (keyProblems.length > 0) problems.push(`key: Invalid value: ${JSON.stringify(key)}: ${keyProblems.join('; ')}`)
  if (sets.has(operator)) {
    if (values.length === 0) problems.push(`values: Invalid value: ${list}: for 'in', 'notin' operators, values set can't be empty`)
  } else if (unary.has(operator)) {
    if (values.length !== 0) problems.push(`values: Invalid value: ${list}: values set must be empty for exists and does not exist`)
  } else if (comparisons.has(operator)) {
    if (values.length !== 1) problems.push(`values: Invalid value: ${list}: for 'Gt', 'Lt' operators, exactly one value is required`)
    values.forEach((value, i) => {
      if (integer(value) === undefined) problems.push(`values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
    })
  } else if (values.length !== 1) problems.push(`values: Invalid value: ${list}: exact-match compatibility requires one single value`)
  values.forEach((value, i) => {
    const wrong = isLabelValue(value)
    if (wrong.length > 0) problems.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`)
  })
  if (problems.length > 0) throw new SelectorError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
  return { key, operator, values: values.length < 2 ? values : [...new Set(values)].sort() }
}

const selectorOf = (requirements: Requirement[]): Selector =>
  requirements.length === 0 ? everything : { nothing: false, requirements: requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) }

/** `app=web,tier in (a,b),!legacy` as in the query of a request. Throws SelectorError. */
export function parseLabelSelector(text: string): Selector {
  if (text === '') return everything
  return selectorOf(new Reader(text).all())
}

/** Every pair must be there. The pairs are not checked: they are labels of a template or a selector that was validated. */
export function selectorFromPairs(pairs: Labels): Selector {
  return selectorOf(Object.entries(pairs).map(([key, value]) => ({ key, operator: '=', values: [value] })))
}

const objectOperators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

/** Of an API object's selector: an absent one matches nothing, an empty one everything. Throws SelectorError. */
export function selectorOfObject(object: LabelSelector | null | undefined): Selector {
  if (!object) return nothing
  const found: Requirement[] = []
  for (const key in object.matchLabels) found.push(requirement(key, '=', [object.matchLabels[key]!]))
  for (const { key, operator, values } of object.matchExpressions ?? []) {
    const known = Object.hasOwn(objectOperators, operator) ? objectOperators[operator]! : undefined
    if (!known) throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`)
    found.push(requirement(key, known, values ?? []))
  }
  return selectorOf(found)
}

export function matchesLabels({ nothing: none, requirements }: Selector, labels: Labels | null | undefined): boolean {
  if (none) return false
  for (let i = 0; i < requirements.length; i++) if (!meets(requirements[i]!, labels)) return false
  return true
}

function meets({ key, operator, values }: Requirement, labels: Labels | null | undefined): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt': {
      const left = value === undefined ? undefined : integer(value)
      const right = integer(values[0] ?? '')
      if (left === undefined || right === undefined) return false
      return operator === 'gt' ? left > right : left < right
    }
  }
}

/** The text form, in the order of keys: what the scale subresource and kubectl show. */
export const formatLabelSelector = ({ requirements }: Selector): string => requirements.map(formatRequirement).join(',')

const signs: Readonly<Partial<Record<Operator, string>>> = { gt: '>', lt: '<' }

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  if (sets.has(operator)) return `${key} ${operator} (${values.join(',')})`
  return `${key}${signs[operator] ?? operator}${values.join(',')}`
}

/** The pairs that every matching object must carry, for an index to start from: `app=web` and `app in (web)`, not `app in (a,b)`. */
export function requiredPairs({ requirements }: Selector): (readonly [key: string, value: string])[] {
  const pairs: [string, string][] = []
  for (const { key, operator, values } of requirements)
    if ((operator === '=' || operator === '==' || operator === 'in') && values.length === 1) pairs.push([key, values[0]!])
  return pairs
}

export interface SelectorRules {
  /** Values that were stored before they were checked may stay. */
  readonly allowInvalidValues?: boolean
  readonly allowUnknownOperators?: boolean
}

/** What is wrong with the selector of an API object. */
export function validateLabelSelector(selector: LabelSelector | null | undefined, errors: FieldErrors, rules: SelectorRules = {}): void {
  if (!selector) return
  for (const key in selector.matchLabels) {
    for (const message of isQualifiedName(key)) errors.at('matchLabels').invalid(key, message)
    for (const message of isLabelValue(selector.matchLabels[key]!)) errors.at('matchLabels').invalid(selector.matchLabels[key], message)
  }
  selector.matchExpressions?.forEach((expression, i) => validateExpression(expression, errors.at('matchExpressions', i), rules))
}

function validateExpression({ key, operator, values = [] }: LabelSelectorRequirement, errors: FieldErrors, rules: SelectorRules): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.at('values').required(`must be specified when \`operator\` is 'In' or 'NotIn'`)
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.at('values').forbidden(`may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`)
  } else if (!rules.allowUnknownOperators) errors.at('operator').invalid(operator, 'not a valid selector operator')
  for (const message of isQualifiedName(key)) errors.at('key').invalid(key, message)
  if (rules.allowInvalidValues) return
  values.forEach((value, i) => {
    for (const message of isLabelValue(value)) errors.at('values', i).invalid(value, message)
  })
}

interface Token {
  readonly sort: 'sign' | 'word' | 'end' | 'error'
  readonly text: string
}

const operatorsByToken: Readonly<Record<string, Operator>> = { '=': '=', '==': '==', '!=': '!=', '>': 'gt', '<': 'lt', in: 'in', notin: 'notin' }

/** Reads the text form. `in` and `notin` are operators only where an operator may stand. */
class Reader {
  readonly #tokens: Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = []
    for (const [found] of text.matchAll(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g)) this.#tokens.push({ sort: /^[=!(),<>]/.test(found) ? 'sign' : 'word', text: found })
    this.#tokens.push({ sort: 'end', text: '' })
  }

  all(): Requirement[] {
    const found: Requirement[] = []
    for (;;) {
      const { sort, text } = this.#peek()
      if (sort === 'end') return found
      if (sort !== 'word' && text !== '!') throw new SelectorError(`found '${text}', expected: !, identifier, or 'end of string'`)
      try {
        found.push(this.#one())
      } catch (cause) {
        if (cause instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${cause.message}`, { cause })
        throw cause
      }
      const next = this.#take()
      if (next.sort === 'end') return found
      if (next.text !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (after.sort !== 'word' && after.text !== '!') throw new SelectorError(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? this.#tokens.at(-1)!
  }
  #take(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #one(): Requirement {
    const absent = this.#peek().text === '!'
    if (absent) this.#at++
    const { sort, text: key } = this.#take()
    if (sort !== 'word') throw new SelectorError(`found '${key}', expected: identifier`)
    const wrong = isQualifiedName(key)
    if (wrong.length > 0) throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`)
    const next = this.#peek()
    if (absent) return requirement(key, '!', [])
    if (next.sort === 'end' || next.text === ',') return requirement(key, 'exists', [])
    const operator = this.#operator()
    return requirement(key, operator, sets.has(operator) ? this.#set() : [this.#value()])
  }

  #operator(): Operator {
    const { text } = this.#take()
    const operator = Object.hasOwn(operatorsByToken, text) ? operatorsByToken[text] : undefined
    if (operator) return operator
    throw new SelectorError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`)
  }

  #value(): string {
    const next = this.#peek()
    if (next.sort === 'end' || next.text === ',') return ''
    if (next.sort !== 'word') throw new SelectorError(`found '${next.text}', expected: identifier`)
    return this.#take().text
  }

  /** `(a,b)`; an empty place is the empty value. */
  #set(): string[] {
    const open = this.#take()
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`)
    const first = this.#peek()
    if (first.sort !== 'word' && first.text !== ',' && first.text !== ')') throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`)
    const values = new Set<string>()
    for (;;) {
      const value = this.#peek()
      if (value.sort === 'word') {
        this.#at++
        values.add(value.text)
        const next = this.#peek()
        if (next.text !== ',' && next.text !== ')') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`)
      } else if (value.text === ',' || value.text === ')') values.add('')
      else throw new SelectorError(`found '${value.text}', expected: ',', or identifier`)
      if (this.#take().text === ')') return [...values].sort()
    }
  }
}
