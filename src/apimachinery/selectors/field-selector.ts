import { SelectorError } from './label-selector'

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** A question to the fields of an object that its kind lets one select by. All requirements must hold; none matches everything. */
export type FieldSelector = readonly FieldRequirement[]

/** `status.phase=Running,spec.nodeName!=`; in values `\`, `,` and `=` are written with a backslash. Throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  const found: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (term === '') continue
    const parts = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)([\s\S]*)$/.exec(term)
    if (!parts) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator, value = ''] = parts
    found.push({ field, operator: operator === '!=' ? '!=' : '=', value: unescape(value) })
  }
  return found
}

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  if (text === '') return []
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescape(value: string): string {
  if (!/[\\,=]/.test(value)) return value
  return value.replaceAll(/\\([\s\S]?)|[,=]/gu, (all, escaped: string | undefined) => {
    if (escaped === undefined) throw new SelectorError(`invalid field selector: unescaped character in value: ${all.codePointAt(0)}`)
    if (escaped === '\\' || escaped === ',' || escaped === '=') return escaped
    throw new SelectorError(`invalid field selector: invalid escape sequence: ${all}`)
  })
}

const escape = (value: string): string => value.replaceAll(/[\\,=]/g, '\\$&')

export const formatFieldSelector = (selector: FieldSelector): string => selector.map(({ field, operator, value }) => `${field}${operator}${escape(value)}`).join(',')

/** `read` gives the value of a field, empty when it is absent. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  for (const { field, operator, value } of selector) if ((read(field) === value) !== (operator === '=')) return false
  return true
}

/** The value that one field must have, for an index or a read by name; undefined when it is free. */
export function requiredField(selector: FieldSelector, field: string): string | undefined {
  for (const requirement of selector) if (requirement.field === field && requirement.operator === '=') return requirement.value
  return undefined
}

/**
 * Refuses fields that the kind does not select by. `supported` are those beside metadata.name and metadata.namespace; built-in
 * kinds that have some answer in other words than those that have none, as the original does. Throws SelectorError.
 */
export function checkFieldSelector(selector: FieldSelector, supported: readonly string[] = []): void {
  for (const { field } of selector) {
    if (field === 'metadata.name' || field === 'metadata.namespace' || supported.includes(field)) continue
    if (supported.length > 0) throw new SelectorError(`field label not supported: ${field}`)
    throw new SelectorError(`${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`)
  }
}
