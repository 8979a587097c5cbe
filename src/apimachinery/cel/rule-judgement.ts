import type { FieldErrorType } from '../field-errors'
import type { CelRule } from '../schema/json-schema'
import type { Report } from '../schema/validation/report'
import { sameJson } from '../schema/validation/same-json'
import type { CelBudget, CelProgram } from './contract'
import type { CompiledRule } from './rule-compiler'
import { CelError } from './runtime/errors'
import { Optional } from './runtime/values'

/** The judging of one object: what is left to spend, where it stands, and whether it was ended. */
export interface Judgement {
  readonly report: Report
  readonly warn: (text: string) => void
  readonly budget: CelBudget
  readonly path: (string | number | { readonly key: string })[]
  stopped: boolean
}

/** A value with the one that it was before, where there was one that it can be told to be; otherwise what it is in. */
export type Judged = { readonly value: unknown; readonly old: unknown; readonly parent?: Judged | undefined; same?: boolean } | { readonly parent: Judged }

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'
const messageOutOfBudget = 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
/** The most bytes that a message from an expression may have. */
const longestMessage = 5 * 1024

/** The rules of a value itself. */
export function judgeOwn(rules: readonly CompiledRule[], type: string, value: unknown, old: unknown, judged: Judged | undefined, judgement: Judgement): void {
  if (rules.length === 0) return
  const problem = (text: string): void => judgement.report.add('FieldValueInvalid', `Invalid value: ${JSON.stringify(type)}: ${text}`, textOf(judgement.path))
  const stop = (text: string): void => {
    problem(text)
    judgement.stopped = true
  }
  if (judgement.budget.left <= 0) return stop(outOfBudget)
  const before = old === null ? undefined : old
  const plain = { self: value, ...(rules.some(({ usesOldSelf }) => usesOldSelf) && { oldSelf: before }) }
  for (const compiled of rules) {
    const { rule, program, fault, usesOldSelf } = compiled
    if (fault !== undefined) {
      problem(`rule compile error: ${fault}`)
      continue
    }
    if (!program || (usesOldSelf && before === undefined && !rule.optionalOldSelf)) continue
    const held = evaluated(program, rule.optionalOldSelf ? { self: value, oldSelf: before === undefined ? Optional.none : new Optional(before) } : plain, judgement.budget)
    if (held instanceof CelError) {
      const named = ruleText(rule)
      if (held.reason === 'budget') return stop(outOfBudget)
      if (held.reason === 'call cost') return stop(`'${held.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${named}`)
      problem(held.message.startsWith('no such overload')
        ? `'${held.message}': call arguments did not match a supported operator, function or macro signature for rule: ${named}` : `${held.message} evaluating rule: ${named}`)
      continue
    }
    if (held === true) continue
    const message = messageOf(compiled, plain, judgement)
    tell(compiled, value, message, { ratcheted: !usesOldSelf && isUnchanged(judged), type }, judgement)
    if (judgement.stopped) return
  }
}

function evaluated(program: CelProgram, variables: Readonly<Record<string, unknown>>, budget: CelBudget): unknown {
  try {
    return program.evaluate(variables, budget)
  } catch (error) {
    if (error instanceof CelError) return error
    throw error
  }
}

const ruleText = ({ message, rule }: CelRule): string => (message ? message.trim() : rule.trim())

/** What was as it is before the update, or is in what was. */
function isUnchanged(judged: Judged | undefined): boolean {
  if (!judged) return false
  if ('old' in judged) return (judged.same ??= sameJson(judged.value, judged.old))
  return isUnchanged(judged.parent)
}

/** A fault of the message's own expression ends the judging; one that says nothing leaves the word to the rule. */
function messageOf({ rule, message }: CompiledRule, variables: Readonly<Record<string, unknown>>, judgement: Judgement): string | { readonly fault: string } {
  const otherwise = rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`
  if (!message) return otherwise
  const found = evaluated(message, variables, judgement.budget)
  if (found instanceof CelError && found.reason === 'budget') return { fault: messageOutOfBudget }
  if (found instanceof CelError && found.reason === 'call cost') {
    return { fault: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}` }
  }
  const text = typeof found === 'string' ? found.trim() : ''
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > longestMessage ? otherwise : text
}

interface Telling {
  readonly ratcheted: boolean
  readonly type: string
}

function tell({ rule: { reason }, field: below }: CompiledRule, value: unknown, message: string | { readonly fault: string },
  { ratcheted, type }: Telling, judgement: Judgement): void {
  const path = textOf(judgement.path)
  const field = below === undefined ? path : path === '' || below.startsWith('[') ? path + below : `${path}.${below}`
  const add = (kind: FieldErrorType, text: string): void => {
    if (ratcheted) judgement.warn(`${field === '' ? '<nil>' : field}: ${text}`)
    else judgement.report.add(kind, text, field)
  }
  if (typeof message !== 'string') {
    add('FieldValueInvalid', `Invalid value: ${JSON.stringify(type)}: ${message.fault}`)
    judgement.stopped = true
    return
  }
  const shown = type === 'object' || type === 'array' ? '' : `: ${JSON.stringify(value)}`
  switch (reason) {
    case 'FieldValueRequired':
      return add(reason, `Required value: ${message}`)
    case 'FieldValueForbidden':
      return add(reason, `Forbidden: ${message}`)
    case 'FieldValueDuplicate':
      return add(reason, `Duplicate value${shown}`)
    default:
      return add('FieldValueInvalid', `Invalid value${shown}: ${message}`)
  }
}

/** `spec.ports[0].labels[app]` */
function textOf(path: Judgement['path']): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (typeof segment === 'object') text += `[${segment.key}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}
