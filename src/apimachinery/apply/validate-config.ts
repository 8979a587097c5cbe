import { goSyntax, goType, goValue } from '#apimachinery/patch/go-format'
import { isObject } from '#apimachinery/patch/json-kind'
import type { Scalar, Schema } from '../schema/schema'
import { BadItem, itemElement, showElement } from './path-element'

/**
 * Why a configuration does not fit the schema, in the words of the original: `.spec.foo: field not declared in schema`.
 * Empty when it fits.
 */
export function configErrors(schema: Schema, config: unknown): string[] {
  const errors: string[] = []
  validate(schema, config, '', errors)
  return errors
}

/** One error as it is, several as a list. */
export const joinErrors = (errors: readonly string[]): string => (errors.length === 1 ? errors[0]! : ['errors:', ...errors.map((e) => `  ${e}`)].join('\n'))

function validate(schema: Schema, value: unknown, path: string, errors: string[]): void {
  if (value === null || value === undefined) return
  const say = (message: string): void => {
    errors.push(path === '' ? message : `${path}: ${message}`)
  }
  switch (schema.type) {
    case 'untyped':
      return
    case 'list':
      if (!Array.isArray(value)) return say(`expected list, got &{${goValue(value)}}`)
      return validateItems(schema, value, path, errors, say)
    case 'map':
      if (!isObject(value)) return say(`expected map, got &{${goValue(value)}}`)
      for (const [key, child] of Object.entries(value)) validate(schema.values, child, `${path}.${key}`, errors)
      return
    case 'struct':
      if (!isObject(value)) return say(`expected map, got &{${goValue(value)}}`)
      for (const [key, child] of Object.entries(value)) {
        const field = schema.fields.get(key)
        if (field) validate(field.schema, child, `${path}.${key}`, errors)
        else if (!schema.preserveUnknown) {
          // The rest of this object is not looked at any more.
          errors.push(`${path}.${key}: field not declared in schema`)
          return
        }
      }
      return
    default: {
      const message = scalarError(schema, value)
      if (message !== undefined) say(message)
    }
  }
}

function validateItems(list: Schema & { type: 'list' }, items: readonly unknown[], path: string, errors: string[], say: (message: string) => void): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    let shown = `[${index}]`
    if (list.listType !== 'atomic') {
      try {
        const element = itemElement(list, item)
        shown = showElement(element)
        if (seen.has(element)) say(`duplicate entries for key ${shown}`)
        seen.add(element)
      } catch (error) {
        if (!(error instanceof BadItem)) throw error
        return say(`element ${index}: ${error.message}`)
      }
    }
    validate(list.items, item, path + shown, errors)
  }
}

function scalarError({ type }: Scalar, value: unknown): string | undefined {
  switch (type) {
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goValue(value)}}` : undefined
  }
}
