import { additionalOf, itemsOf, type JsonSchema } from '../json-schema'
import { alternatives } from './alternatives'
import { formatCheck, knownFormat } from './formats'
import { numberCheck } from './numbers'
import { Report, shown, type Problem } from './report'
import { goPattern } from './go-pattern'
import { sameJson } from './same-json'

/** Judges a value; what is wrong goes to the report. */
export type Check = (value: unknown, report: Report) => void

/** Compiles a schema to a function that judges values as the original does, with its texts. A valid value allocates nothing. */
export function createValidator(schema: JsonSchema): (value: unknown) => readonly Problem[] {
  const check = compileCheck(schema)
  return (value) => {
    const report = new Report()
    check(value, report)
    return report.problems
  }
}

export function compileCheck(schema: JsonSchema): Check {
  const type = typeCheck(schema)
  const onlyOf = alternatives(schema)
  const strings = stringCheck(schema)
  const numbers = numberCheck(schema)
  const lists = listCheck(schema)
  const known = enumCheck(schema)
  const objects = objectCheck(schema)
  return (value, report) => {
    type?.(value, report)
    if (value === null || value === undefined) {
      known?.(value, report)
      return
    }
    onlyOf?.(value, report)
    switch (typeof value) {
      case 'string':
        strings?.(value, report)
        break
      case 'number':
        numbers?.(value, report)
        break
      case 'object':
        if (Array.isArray(value)) lists?.(value, report)
        else objects?.(value, report)
        break
    }
    known?.(value, report)
    report.matches += 3
  }
}

export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** What the library calls the format of a value that came without one. */
const nativeFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'double' }

function typeCheck(schema: JsonSchema): Check | undefined {
  const { nullable = false } = schema
  const wanted = schema['x-kubernetes-int-or-string'] ? 'integer,string' : (schema.type ?? '')
  const format = knownFormat(schema)
  if (wanted === '' && format === '') return undefined
  return (value, report) => {
    report.matches++
    const found = jsonTypeOf(value)
    if (found === wanted || (wanted === 'integer,string' && (found === 'integer' || found === 'string'))) return
    if (found === 'null') {
      if (wanted !== '' && !nullable) report.wrongType(wanted, 'null')
      return
    }
    if (wanted === 'number' && found === 'integer') return
    if (found !== 'string' && found !== 'array' && format !== '') {
      const native = nativeFormats[found] ?? ''
      if (native === format) return
      report.add('FieldValueTypeInvalid', `Invalid value: ${JSON.stringify(native)}: ${report.text()} in body must be of type ${format}: ${JSON.stringify(native)}`)
      return
    }
    if (wanted === 'string' && format !== '' && found === 'array') return
    report.wrongType(wanted, found)
  }
}

function stringCheck(schema: JsonSchema): Check | undefined {
  const { minLength, maxLength, pattern } = schema
  const formatName = knownFormat(schema)
  const format = formatName === '' ? undefined : formatCheck(formatName)
  const expression = pattern ? compilePattern(pattern) : undefined
  if (minLength === undefined && maxLength === undefined && !expression && !format) return undefined
  return (value, report) => {
    const text = value as string
    report.matches++
    // The first of these alone is told.
    if (maxLength !== undefined && text.length > maxLength && lengthOf(text) > maxLength) report.add('FieldValueTooLong', `Too long: may not be more than ${maxLength} bytes`)
    else if (minLength !== undefined && (text.length < minLength || lengthOf(text) < minLength)) report.invalid(text, `should be at least ${minLength} chars long`)
    else if (expression && !(expression instanceof RegExp ? expression.test(text) : false)) {
      report.invalid(text, `should match '${pattern}${expression instanceof RegExp ? '' : `, but pattern is invalid: ${expression}`}'`)
    }
    if (format && !format(text)) {
      report.add('FieldValueTypeInvalid', `Invalid value: ${JSON.stringify(text)}: ${report.text()} in body must be of type ${formatName}: ${JSON.stringify(text)}`)
    }
  }
}

/** In code points. */
function lengthOf(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** The text of the error for what is no expression: values are refused then. */
function compilePattern(pattern: string): RegExp | string {
  try {
    return goPattern(pattern)
  } catch (error) {
    return (error as Error).message
  }
}

function listCheck(schema: JsonSchema): Check | undefined {
  const items = itemsOf(schema)
  const item = items && compileCheck(items)
  const { minItems, maxItems, uniqueItems } = schema
  if (!item && minItems === undefined && maxItems === undefined && !uniqueItems) return undefined
  return (value, report) => {
    const list = value as unknown[]
    if (item) {
      for (let i = 0; i < list.length; i++) {
        report.enter(i)
        item(list[i], report)
        report.leave()
      }
    }
    if (minItems !== undefined && list.length < minItems) report.invalid(list.length, `should have at least ${minItems} items`)
    if (maxItems !== undefined && list.length > maxItems) report.add('FieldValueTooMany', `Too many: ${list.length}: must have at most ${maxItems} items`)
    if (uniqueItems && list.some((one, at) => list.slice(0, at).some((other) => sameJson(one, other)))) report.invalid(undefined, "shouldn't contain duplicates")
    report.matches++
  }
}

function enumCheck({ enum: known }: JsonSchema): Check | undefined {
  if (!known || known.length === 0) return undefined
  const simple = new Set(known)
  const compound = known.filter((one) => typeof one === 'object' && one !== null)
  const names = known.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
  return (value, report) => {
    if (simple.has(value) || compound.some((one) => sameJson(one, value))) return
    report.add('FieldValueNotSupported', `Unsupported value: ${shown(value)}: supported values: ${names.map((name) => JSON.stringify(name)).join(', ')}`)
  }
}

function objectCheck(schema: JsonSchema): Check | undefined {
  const { required = [], minProperties, maxProperties } = schema
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => ({ name, check: compileCheck(property) }))
  const names = new Set(properties.map(({ name }) => name))
  const additional = additionalOf(schema)
  const other = additional && compileCheck(additional)
  const closed = schema.additionalProperties === false
  if (properties.length === 0 && required.length === 0 && !other && !closed && minProperties === undefined && maxProperties === undefined) return undefined
  return (value, report) => {
    const object = value as Record<string, unknown>
    if (minProperties !== undefined || maxProperties !== undefined) {
      const count = Object.keys(object).length
      if (minProperties !== undefined && count < minProperties) report.invalid(count, `should have at least ${minProperties} properties`)
      if (maxProperties !== undefined && count > maxProperties) report.add('FieldValueTooMany', `Too many: ${count}: must have at most ${maxProperties} items`)
    }
    if (closed || other) {
      for (const key in object) {
        if (names.has(key)) continue
        if (other) {
          report.enter(key)
          other(object[key], report)
          report.leave()
        } else report.add('FieldValueInvalid', `Invalid value: ${JSON.stringify(key)}: ${report.text(key)} in body is a forbidden property`)
      }
    }
    for (let i = 0; i < properties.length; i++) {
      const { name, check } = properties[i]!
      const below = object[name]
      if (below === undefined) continue
      report.enter(name)
      check(below, report)
      report.leave()
    }
    for (let i = 0; i < required.length; i++) if (object[required[i]!] === undefined) report.add('FieldValueRequired', 'Required value', report.text(required[i]))
    report.matches++
  }
}
