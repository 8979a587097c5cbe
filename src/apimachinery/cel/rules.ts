import { additionalOf, itemsOf, type CelRule, type JsonSchema } from '../schema/json-schema'
import type { Report } from '../schema/validation/report'
import { sameJson } from '../schema/validation/same-json'
import { kubernetesEnvironment, Optional } from './legacy-environment'
import { celValue } from './values'

/** Judges a value by the rules of its schema. `old` is the value before an update; undefined on creation, and where there was none. */
export type RuleCheck = (value: unknown, old: unknown, report: Report) => void

let environment: ReturnType<typeof kubernetesEnvironment> | undefined
const language = (): ReturnType<typeof kubernetesEnvironment> => (environment ??= kubernetesEnvironment())

/** What is wrong with an expression; undefined when it can be asked. */
export function ruleProblem(expression: string): string | undefined {
  try {
    const { valid, error } = language().check(expression)
    return valid ? undefined : firstLine(error)
  } catch (error) {
    return firstLine(error)
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!

/** Undefined where neither the schema nor anything below it has rules. */
export function compileRules(schema: JsonSchema, root = true): RuleCheck | undefined {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, schema, root))
  const properties: { name: string; check: RuleCheck }[] = []
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const check = compileRules(property, false)
    if (check) properties.push({ name, check })
  }
  const additional = additionalOf(schema)
  const other = additional && compileRules(additional, false)
  const items = itemsOf(schema)
  const item = items && compileRules(items, false)
  if (own.length === 0 && properties.length === 0 && !other && !item) return undefined
  return (value, old, report) => {
    if (value === null || value === undefined) return
    // What an update leaves as it was is not judged again.
    if (old !== undefined && sameJson(value, old)) return
    for (const check of own) check(value, old, report)
    if (typeof value !== 'object') return
    const below = (check: RuleCheck, segment: string | number, one: unknown, before: unknown): void => {
      report.enter(segment)
      check(one, before, report)
      report.leave()
    }
    if (Array.isArray(value)) {
      if (item) for (let i = 0; i < value.length; i++) below(item, i, value[i], correlated(schema, value[i], old))
      return
    }
    const [object, before] = [value as Record<string, unknown>, (typeof old === 'object' && old !== null ? old : {}) as Record<string, unknown>]
    for (const { name, check } of properties) below(check, name, object[name], before[name])
    if (other) for (const key in object) if (!schema.properties?.[key]) below(other, key, object[key], before[key])
  }
}

/** Items of lists with keys can be told apart. */
function correlated(schema: JsonSchema, item: unknown, old: unknown): unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || typeof item !== 'object' || item === null) return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return old.find((one: unknown) => typeof one === 'object' && one !== null && keys.every((key) => (one as Record<string, unknown>)[key] === (item as Record<string, unknown>)[key]))
}

const asksForOld = (expression: string): boolean => /\boldSelf\b/.test(expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""'))

function compileRule(rule: CelRule, schema: JsonSchema, root: boolean): RuleCheck {
  const ask = language().parse(rule.rule)
  const say = rule.messageExpression ? language().parse(rule.messageExpression) : undefined
  const transition = asksForOld(rule.rule)
  return (value, old, report) => {
    if (transition && old === undefined && !rule.optionalOldSelf) return
    const before = old === undefined ? undefined : celValue(old, schema, root)
    const context = { self: celValue(value, schema, root), oldSelf: rule.optionalOldSelf ? Optional.of(before) : before }
    let held: unknown
    try {
      held = ask(context)
    } catch (error) {
      report.add('FieldValueInvalid', `Invalid value: ${JSON.stringify(schema.type ?? '')}: ${firstLine(error)} evaluating rule: ${rule.rule.trim()}`)
      return
    }
    if (held !== true) tell(rule, value, messageOf(rule, say, context), report)
  }
}

function messageOf({ rule, message }: CelRule, say: ((context: Record<string, unknown>) => unknown) | undefined, context: Record<string, unknown>): string {
  let text: unknown
  try {
    text = say?.(context)
  } catch {
    // The original falls back too: the rule's verdict matters more than its words.
    text = undefined
  }
  if (typeof text === 'string' && text.trim() !== '' && !/[\r\n]/.test(text)) return text.trim()
  return message?.trim() || `failed rule: ${rule.trim()}`
}

function tell({ reason, fieldPath }: CelRule, value: unknown, message: string, report: Report): void {
  const field = fieldPath ? placed(report.text(), fieldPath) : report.text()
  const shown = typeof value === 'object' ? '' : `: ${JSON.stringify(value)}`
  switch (reason) {
    case 'FieldValueRequired':
      return report.add(reason, `Required value: ${message}`, field)
    case 'FieldValueForbidden':
      return report.add(reason, `Forbidden: ${message}`, field)
    case 'FieldValueDuplicate':
      return report.add(reason, `Duplicate value${shown}`, field)
    default:
      return report.add('FieldValueInvalid', `Invalid value${shown}: ${message}`, field)
  }
}

const placed = (path: string, below: string): string => (path === '' ? below.replace(/^\./, '') : path + below).replaceAll(/\['([^']*)'\]/g, '[$1]')
